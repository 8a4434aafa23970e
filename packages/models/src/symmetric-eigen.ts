/** Eigenvalues, ascending, and their unit eigenvectors. */
export interface Eigen {
  readonly values: readonly number[];
  readonly vectors: readonly (readonly number[])[];
}

/** Of a small symmetric matrix, by Jacobi's rotations (Golub & Van Loan, 8.5). */
export function symmetricEigen(matrix: readonly (readonly number[])[]): Eigen {
  const n = matrix.length;
  const a = matrix.flat();
  const v = a.map((_, i) => (Math.floor(i / n) === i % n ? 1 : 0));
  for (let sweep = 0; sweep < SWEEPS_MAX; sweep++) {
    for (let p = 0; p < n; p++) {
      for (let q = p + 1; q < n; q++) {
        const off = a[p * n + q] ?? NaN;
        if (off === 0) continue;
        const theta = ((a[q * n + q] ?? NaN) - (a[p * n + p] ?? NaN)) / (2 * off);
        const tan = (theta < 0 ? -1 : 1) / (Math.abs(theta) + Math.hypot(1, theta));
        const cos = 1 / Math.hypot(1, tan);
        rotate(a, p * n, q * n, 1, cos, tan * cos);
        rotate(a, p, q, n, cos, tan * cos);
        rotate(v, p * n, q * n, 1, cos, tan * cos);
      }
    }
  }
  const order = matrix.map((_, i) => i).sort((i, j) => (a[i * n + i] ?? NaN) - (a[j * n + j] ?? NaN));
  return {
    values: order.map((i) => a[i * n + i] ?? NaN),
    vectors: order.map((i) => v.slice(i * n, (i + 1) * n)),
  };

  /** Rotates two rows (stride 1) or two columns (stride n). */
  function rotate(of: number[], first: number, second: number, stride: number, cos: number, sin: number): void {
    for (let i = 0; i < n; i++) {
      const left = of[first + i * stride] ?? NaN;
      const right = of[second + i * stride] ?? NaN;
      of[first + i * stride] = cos * left - sin * right;
      of[second + i * stride] = sin * left + cos * right;
    }
  }
}

const SWEEPS_MAX = 12;
