import type { ChildContext } from "./child.ts";
import type { Outcome } from "./figure.ts";
import type { Sizes } from "./sizes.ts";

export interface Benchmark {
  readonly name: string;
  /** One line for the help. */
  readonly summary: string;
  run(context: BenchmarkContext): Promise<Outcome>;
}

export interface BenchmarkContext extends ChildContext {
  readonly sizes: Sizes;
  /** A new empty directory; it is removed when the benchmark has ended. */
  directory(): Promise<string>;
  /** Rejects when the run is interrupted. */
  wait(ms: number): Promise<void>;
}
