/** A sum over few points in place of one over many. */
export interface Quadrature {
  readonly nodes: readonly number[];
  readonly weights: readonly number[];
}

/**
 * The Gaussian quadrature of a discrete measure: Σ weightᵢ f(pointᵢ) ≈ Σ_k w_k f(t_k) over `count` nodes, exact for polynomials
 * of degree < 2·count. Where there are no more points than nodes it is the measure itself.
 * Recurrence by Stieltjes' procedure, Gautschi, "Orthogonal Polynomials" (2004), 2.2.3; weights 1/Σ p̃_k(t)², 1.4.2.
 * @param points distinct, ascending; @param weights positive
 */
export function gaussQuadrature(points: readonly number[], weights: readonly number[], count: number): Quadrature {
  if (points.length <= count) return { nodes: points, weights };
  const first = points[0] ?? NaN;
  const last = points.at(-1) ?? NaN;
  const alpha: number[] = [];
  const norm: number[] = [];
  let roots: number[] = [];
  for (let k = 0; k < count; k++) {
    const squares = points.map((point, i) => (weights[i] ?? 0) * at(point, k) ** 2);
    norm.push(sum(squares));
    alpha.push(sum(squares.map((square, i) => square * (points[i] ?? 0))) / (norm[k] ?? 1));
    // The roots of p_{k+1} lie one in each gap between those of p_k and the ends of the points.
    const fences = [first, ...roots, last];
    roots = fences.slice(1).map((right, i) => root((t) => at(t, k + 1), fences[i] ?? first, right));
  }
  const degrees = norm.map((_, k) => k);
  return { nodes: roots, weights: roots.map((t) => 1 / sum(degrees.map((k) => at(t, k) ** 2 / (norm[k] ?? 1)))) };

  /** The monic orthogonal polynomial p_k at t. */
  function at(t: number, k: number): number {
    let before = 0;
    let value = 1;
    for (let j = 0; j < k; j++) {
      const beta = j === 0 ? 0 : (norm[j] ?? 0) / (norm[j - 1] ?? 1);
      [before, value] = [value, (t - (alpha[j] ?? 0)) * value - beta * before];
    }
    return value;
  }
}

/** The root of a function that changes sign once between two points, to the last bit. */
function root(f: (t: number) => number, from: number, to: number): number {
  const sign = Math.sign(f(to));
  let low = from;
  let high = to;
  for (;;) {
    const middle = (low + high) / 2;
    if (middle <= low || middle >= high) return middle;
    if (Math.sign(f(middle)) === sign) high = middle;
    else low = middle;
  }
}

function sum(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0);
}
