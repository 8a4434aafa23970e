import type { ChildContext } from "./child.ts";
import type { Outcome } from "./figure.ts";
import type { Sizes } from "./sizes.ts";

/** @typeParam Of how much it does */
export interface Benchmark<Of = Sizes> {
  readonly name: string;
  /** One line for the help. */
  readonly summary: string;
  run(context: BenchmarkContext<Of>): Promise<Outcome>;
}

export interface BenchmarkContext<Of = Sizes> extends ChildContext {
  readonly sizes: Of;
  /** A new empty directory; it is removed when the benchmark has ended. */
  directory(): Promise<string>;
  /** Rejects when the run is interrupted. */
  wait(ms: number): Promise<void>;
}
