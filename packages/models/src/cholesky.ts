/**
 * The factor of a symmetric positive definite matrix, scaled to a unit diagonal before it is factored, so that columns in
 * different units (a share beside an amount in cents) cost no digits. Golub & Van Loan, "Matrix Computations", 4.2.
 */
export interface CholeskyFactor {
  /** x with A x = b. */
  readonly solve: (b: Float64Array) => Float64Array;
  /** The diagonal of A⁻¹. */
  readonly inverseDiagonal: () => Float64Array;
}

/** The row that depends linearly on those before it, so that there is no factor. */
export interface DependentRow {
  readonly dependentRow: number;
}

/**
 * @param matrix symmetric, row by row; only the lower triangle is read
 * @param size rows and columns
 */
export function choleskyFactor(matrix: Float64Array, size: number): CholeskyFactor | DependentRow {
  const scale = new Float64Array(size);
  const lower = new Float64Array(size * size);
  // A diagonal that is not above 0 leaves no number in its row, and that is no pivot.
  for (let j = 0; j < size; j++) scale[j] = 1 / Math.sqrt(matrix[j * size + j] as number);
  for (let i = 0; i < size; i++) {
    for (let j = 0; j <= i; j++) {
      let rest = (matrix[i * size + j] as number) * (scale[i] as number) * (scale[j] as number);
      for (let k = 0; k < j; k++) rest -= (lower[i * size + k] as number) * (lower[j * size + k] as number);
      if (j < i) lower[i * size + j] = rest / (lower[j * size + j] as number);
      else if (rest > PIVOT_MIN) lower[i * size + i] = Math.sqrt(rest);
      else return { dependentRow: i };
    }
  }
  return { solve, inverseDiagonal };

  function solve(b: Float64Array): Float64Array {
    const x = b.map((value, i) => value * (scale[i] as number));
    for (let i = 0; i < size; i++) {
      for (let k = 0; k < i; k++) x[i] = (x[i] as number) - (lower[i * size + k] as number) * (x[k] as number);
      x[i] = (x[i] as number) / (lower[i * size + i] as number);
    }
    for (let i = size - 1; i >= 0; i--) {
      for (let k = i + 1; k < size; k++) x[i] = (x[i] as number) - (lower[k * size + i] as number) * (x[k] as number);
      x[i] = (x[i] as number) / (lower[i * size + i] as number);
    }
    return x.map((value, i) => value * (scale[i] as number));
  }

  function inverseDiagonal(): Float64Array {
    return Float64Array.from({ length: size }, (_, i) => {
      const unit = new Float64Array(size);
      unit[i] = 1;
      return solve(unit)[i] as number;
    });
  }
}

/** Of a column whose share of its own is less than this (its square, in units of the column), nothing but rounding is left. */
const PIVOT_MIN = 1e-13;
