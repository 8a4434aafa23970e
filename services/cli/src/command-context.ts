import type { Readable, Writable } from "node:stream";
import type { Clock } from "@tidemark/streams";

/** All that a command knows of the world; `main.ts` alone reads it there. */
export interface CommandContext {
  readonly environment: Readonly<Record<string, string | undefined>>;
  readonly stdin: Readable;
  readonly stdout: Writable;
  readonly stderr: Writable & { readonly isTTY?: boolean };
  readonly clock: Clock;
  /** Aborts at SIGINT and SIGTERM. */
  readonly signal: AbortSignal;
  /** Identifies the machine's boot (R17); a fresh value each time where it cannot be known. */
  readonly bootId: string;
  /** A random token, different at each call. */
  token(): string;
}
