/**
 * SEPARATED: no finite answer, as some combination of the columns parts the outcomes without error; a penalty gives one.
 * ONE_OUTCOME: every outcome is 0, or every one is 1, and the intercept is free: there is nothing to tell apart.
 * SINGULAR: a column is constant or a combination of others; leave it out, or a penalty gives an answer.
 */
export type RegressionFailedCode = "SEPARATED" | "ONE_OUTCOME" | "SINGULAR";

/** The data are well formed, but hold no finite or no single answer to what was asked. */
export class RegressionFailed extends Error {
  override readonly name = "RegressionFailed";
  readonly code: RegressionFailedCode;

  constructor(code: RegressionFailedCode, message: string) {
    super(message);
    this.code = code;
  }
}
