/** What a benchmark has to say: figures, some with a target, and tables that show where they come from. */
export interface Outcome {
  readonly figures: readonly Figure[];
  readonly tables: readonly Table[];
}

export interface Figure {
  /** What was measured, in words; unique within the benchmark. */
  readonly name: string;
  readonly value: number;
  readonly unit: string;
  readonly target?: Target;
}

export type Target = { readonly atMost: number } | { readonly atLeast: number };

export interface Table {
  readonly title: string;
  readonly columns: readonly string[];
  readonly rows: readonly (readonly (string | number)[])[];
  /** What a reader must know to read it. */
  readonly note: string;
}

/** null where there is no target; what could not be measured holds nothing. */
export function holds({ value, target }: Figure): boolean | null {
  if (target === undefined) return null;
  return "atMost" in target ? value <= target.atMost : value >= target.atLeast;
}
