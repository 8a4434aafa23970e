/** Values to pixels along one side of a plot, with round ticks. */
export interface Axis {
  readonly low: number;
  readonly high: number;
  /** Ascending, from `low` to `high`. */
  readonly ticks: readonly number[];
  readonly format: (value: number) => string;
  /** What the axis is of, with its unit. */
  readonly label: string;
}

export interface AxisRange {
  /** What must have its place; the axis reaches to the ticks around. Equal (to a billionth) or the wrong way round: made wider. */
  readonly low: number;
  readonly high: number;
  /** About how many steps from tick to tick; never more than one above. */
  readonly ticks: number;
  readonly label: string;
  readonly format: (value: number) => string;
  /** Ticks at whole numbers alone: what is counted has no halves. */
  readonly whole?: true;
}

/** An axis whose ticks are multiples of 1, 2 or 5 times a power of ten. */
export function roundAxis({ low, high, ticks, label, format, whole }: AxisRange): Axis {
  const size = Math.max(Math.abs(low), Math.abs(high));
  const top = high - low > 1e-9 * size + TINY ? high : low + (size > TINY ? size : 1);
  const step = roundStep((top - low) / ticks, whole === true);
  const first = Math.floor(low / step + 1e-9);
  const last = Math.ceil(top / step - 1e-9);
  const places = Array.from({ length: last - first + 1 }, (_, i) => Number(((first + i) * step).toPrecision(12)));
  return { low: places[0] ?? low, high: places.at(-1) ?? top, ticks: places, label, format };
}

/** Where a value lies between the axis' ends: 0 to 1. */
export function shareOf({ low, high }: Axis, value: number): number {
  return (value - low) / (high - low);
}

/** 12,345, and 1.2M from a million on, so that labels stay short. */
export function formatCount(value: number): string {
  if (Math.abs(value) >= 1e15) return value.toExponential(1).replace(/(\.0)?e\+/, "e");
  return (Math.abs(value) >= 1e6 ? COMPACT : PLAIN).format(value);
}

/** .25 is 25 %. */
export function formatPercent(share: number): string {
  return `${PLAIN.format(share * 100)}\u00A0%`;
}

const PLAIN = new Intl.NumberFormat("en-GB", { maximumFractionDigits: 6, maximumSignificantDigits: 6 });
const COMPACT = new Intl.NumberFormat("en-US", { notation: "compact", maximumSignificantDigits: 4 });

/** Far above the smallest numbers, which have no tenths. */
const TINY = 1e-200;

function roundStep(least: number, whole: boolean): number {
  const power = 10 ** Math.floor(Math.log10(least));
  const step = ([1, 2, 5].find((multiple) => multiple * power >= least * (1 - 1e-9)) ?? 10) * power;
  return whole ? Math.max(1, step) : step;
}
