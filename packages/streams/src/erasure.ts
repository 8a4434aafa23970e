import type { ApplyContext, Emitted } from "./application.ts";
import { ErasureSecretWrong } from "./errors.ts";
import type { JournalEntry } from "./journal.ts";

/**
 * How keys are erased (R19). A tombstone in one of the inputs takes the state of its key out of the changelog and puts a marker there,
 * which nobody who lacks the secret can trace to the key, and which stays for good. What comes of the key afterwards is
 * applied to the state that {@link revive} makes of the marker: it says what came from before the erasure. A marker is looked for
 * only where a key has no state, in a partition in which something was erased.
 */
export interface Erasure<State> {
  /** Rank of the input whose tombstones erase their key; in every other input they are refused. */
  readonly input: number;
  /** Tells the secret from others and not what it is; the journal has it from the first marker on. null = there is none here. */
  readonly secretCheck: string | null;
  /** The same for the same key and secret. @throws ErasureSecretWrong where there is none */
  markerKey(key: string): string;
  /** The marker of a key with this state, which is let go of. What it emits takes back what was emitted for it before. */
  erase(state: State, context: EraseContext): Uint8Array;
  /** The state of an erased key of which nothing has come since. */
  revive(key: string, marker: Uint8Array): State;
}

export interface EraseContext extends ApplyContext {
  emit(emitted: Emitted): void;
}

/** With another secret no marker would be found again, and who is erased would come back. @throws ErasureSecretWrong */
export function requireSameSecret(
  { erasureCheck }: Pick<JournalEntry, "erasureCheck">,
  erasure: Pick<Erasure<never>, "secretCheck"> | undefined,
): void {
  if (erasureCheck === null || erasureCheck === erasure?.secretCheck) return;
  const found = (erasure?.secretCheck ?? null) === null ? "there is none" : "this is another one";
  throw new ErasureSecretWrong(
    `keys were erased here under a secret, and ${found}: without it nobody can tell who is erased. Bring it back`,
  );
}
