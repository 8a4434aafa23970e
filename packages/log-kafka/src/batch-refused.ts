/** A batch that is whole and that this code does not read (an old format, a codec it lacks): halt, never skip. */
export class BatchRefused extends Error {
  readonly code = "BATCH_REFUSED";
}
