/**
 * Separation in logistic regression: a direction d along which no row's predictor moves away from its outcome and some move
 * towards it. Then the likelihood rises for ever along d. Albert & Anderson, Biometrika 71 (1984), 1–10.
 *
 * Newton's step tends to such a direction where there is one: rows that are parted gain one logit an iteration, the others'
 * part of the step fades as e^−iteration. So each step is tried as a proof; a step that is none proves nothing.
 */
export interface SeparationRows {
  /** Row by row. */
  readonly design: Float64Array;
  readonly width: number;
  /** Between 0 and 1; a share in between cannot be parted, its predictor must stay. */
  readonly outcomes: Float64Array;
}

/** @returns the columns that take part in a direction that separates, or null where `step` is no such direction */
export function separatingColumns({ design, width, outcomes }: SeparationRows, step: Float64Array): number[] | null {
  const direction = withoutFaded(design, width, step);
  let parted = false;
  for (let i = 0; i < outcomes.length; i++) {
    let gain = 0;
    let size = 0;
    for (let j = 0; j < width; j++) {
      const part = (design[i * width + j] as number) * (direction[j] as number);
      gain += part;
      size += Math.abs(part);
    }
    const outcome = outcomes[i] as number;
    const rounding = ROUNDING * size;
    if (Math.abs(gain) <= rounding) continue;
    if (outcome === 0 ? gain > 0 : outcome !== 1 || gain < 0) return null;
    parted = true;
  }
  if (!parted) return null;
  return [...direction.keys()].filter((j) => direction[j] !== 0);
}

/** Of the terms that a row's predictor is added up from, what counts as nothing. */
const ROUNDING = 1e-6;

/** A column that moves no row by a millionth of what the others do stands still. */
function withoutFaded(design: Float64Array, width: number, step: Float64Array): Float64Array {
  const reach = new Float64Array(width);
  for (let at = 0; at < design.length; at += width) {
    for (let j = 0; j < width; j++) {
      reach[j] = Math.max(reach[j] as number, Math.abs((design[at + j] as number) * (step[j] as number)));
    }
  }
  const farthest = Math.max(...reach);
  return step.map((value, j) => ((reach[j] as number) > ROUNDING * farthest ? value : 0));
}
