/**
 * The bands of churn that a customer crossed upward from one look to the next: below then, at or above now. Between two purchases
 * churn without complaints only rises, so that looks in order of time cross each band at most once.
 * @param before churn at the look before, or just after the last purchase where that is newer
 */
export function crossedBands(before: number, now: number, bands: readonly number[]): readonly number[] {
  return bands.filter((band) => before < band && now >= band);
}
