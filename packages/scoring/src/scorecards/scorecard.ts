/**
 * A way to judge customers, as data: indicators, each made into 0 to 100 points by bins, weighted within their dimension, the dimensions
 * weighed against each other, and a grade for the result. It holds no code and no expression.
 */
export interface Scorecard {
  readonly name: string;
  /** Rises when the content changes. */
  readonly version: number;
  /** What it judges, for a person. */
  readonly doc: string;
  /** A customer of whom less is known, 0 to 1, gets no grade. */
  readonly completenessMin: number;
  readonly dimensions: readonly Dimension[];
  /** In order: the first that holds is the grade. The last holds always. */
  readonly grades: readonly Grade[];
}

export interface Dimension {
  readonly name: string;
  readonly weight: number;
  readonly items: readonly ScorecardItem[];
}

export interface ScorecardItem {
  /** A name of the catalogue, `custom.<name>` or `balance.<product>`; its value is a number. */
  readonly indicator: string;
  readonly weight: number;
  readonly bins: Bins;
}

export type Bins =
  /** A value from cuts[i − 1] on and below cuts[i], both to 1e-9, gets points[i]: one more than there are cuts. */
  | { readonly kind: "fixed"; readonly cuts: readonly number[]; readonly points: readonly number[] }
  /** The same with the cuts that the model artefact has of the indicator's values over the base: one fewer than there are points. */
  | { readonly kind: "quantile"; readonly points: readonly number[] };

export interface Grade {
  readonly grade: string;
  /** Total points, 0 to 100, from which it holds. */
  readonly from?: number | undefined;
  /** What must hold of points of dimensions as well, all of it; a dimension that is not known holds nothing. */
  readonly when?: readonly GradeCondition[] | undefined;
}

export interface GradeCondition {
  readonly dimension: string;
  readonly from?: number | undefined;
  readonly below?: number | undefined;
}
