/**
 * The root of a continuous function between two points where its signs differ, to within a few units in the last place.
 * Chandrupatla 1997: inverse quadratic interpolation where it is safe, bisection elsewhere.
 * @returns NaN where the signs do not differ
 */
export function rootBetween(f: (t: number) => number, from: number, to: number): number {
  let a = from;
  let fa = f(a);
  let b = to;
  let fb = f(b);
  if (fa === 0) return a;
  if (fb === 0) return b;
  if (!(fa * fb < 0)) return NaN;
  let share = 0.5;
  for (let step = 0; step < STEPS_MAX; step++) {
    const t = b + share * (a - b);
    const ft = f(t);
    let c = b;
    let fc = fb;
    if (ft > 0 === fb > 0) {
      // The root lies between t and a: b's old place is the third point.
      b = t;
      fb = ft;
    } else {
      c = a;
      fc = fa;
      a = b;
      fa = fb;
      b = t;
      fb = ft;
    }
    if (fb === 0) return b;
    const tolerance = 4 * Number.EPSILON * Math.abs(b) + Number.MIN_VALUE;
    const width = Math.abs(a - b);
    if (width <= tolerance) break;
    const xi = (b - a) / (c - a);
    const phi = (fb - fa) / (fc - fa);
    const quadratic = phi * phi < xi && (1 - phi) * (1 - phi) < 1 - xi;
    share = quadratic
      ? (fb / (fa - fb)) * (fc / (fa - fc)) + (((c - b) / (a - b)) * fb * fa) / ((fc - fb) * (fc - fa))
      : 0.5;
    share = Math.min(1 - tolerance / 2 / width, Math.max(tolerance / 2 / width, share));
  }
  return Math.abs(fa) < Math.abs(fb) ? a : b;
}

const STEPS_MAX = 200;

/**
 * All roots of a smooth function over ascending points: where the sign changes between two of them, and where the function turns
 * back towards zero between three, its turning point is looked for first, so that a pair of roots between points is not missed.
 */
export function rootsOver(f: (t: number) => number, points: readonly number[]): readonly number[] {
  const fences = withTurningPoints(f, points);
  const roots: number[] = [];
  for (const [i, right] of fences.entries()) {
    const left = fences[i - 1];
    if (right.value === 0) roots.push(right.at);
    else if (left !== undefined && left.value * right.value < 0) roots.push(rootBetween(f, left.at, right.at));
  }
  return roots;
}

interface Fence {
  readonly at: number;
  readonly value: number;
}

function withTurningPoints(f: (t: number) => number, points: readonly number[]): readonly Fence[] {
  const given = points.map((at) => ({ at, value: f(at) }));
  const fences: Fence[] = [];
  for (const [i, here] of given.entries()) {
    const before = given[i - 1];
    const after = given[i + 1];
    if (before !== undefined && after !== undefined && turnsBack(before.value, here.value, after.value)) {
      const sign = Math.sign(here.value);
      const at = lowest((t) => sign * f(t), before.at, after.at);
      const turn = { at, value: f(at) };
      fences.push(...[turn, here].sort((left, right) => left.at - right.at));
    } else {
      fences.push(here);
    }
  }
  return fences;
}

/** Three values of one sign, the middle one nearest to zero. */
function turnsBack(before: number, here: number, after: number): boolean {
  const sign = Math.sign(here);
  return sign * before > 0 && sign * after > 0 && sign * here <= sign * before && sign * here <= sign * after;
}

/** Where a function with one minimum between two points has it, by golden section. */
function lowest(f: (t: number) => number, from: number, to: number): number {
  const golden = (Math.sqrt(5) - 1) / 2;
  let [low, high] = [from, to];
  let left = high - golden * (high - low);
  let right = low + golden * (high - low);
  let [atLeft, atRight] = [f(left), f(right)];
  for (let step = 0; step < 40; step++) {
    if (atLeft < atRight) {
      [high, right, atRight] = [right, left, atLeft];
      left = high - golden * (high - low);
      atLeft = f(left);
    } else {
      [low, left, atLeft] = [left, right, atRight];
      right = low + golden * (high - low);
      atRight = f(right);
    }
  }
  return (low + high) / 2;
}
