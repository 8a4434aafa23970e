/** What a job is given beside its input. */
export interface JobContext {
  /** Aborts when the parent wants the job to come to its end; the result is still wanted. */
  readonly signal: AbortSignal;
  /** Tells the parent that others may begin. */
  ready(value: unknown): void;
  /** A line of progress. */
  step(text: string): void;
}
