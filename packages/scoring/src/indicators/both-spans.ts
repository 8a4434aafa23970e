import type { CustomerView } from "./customer-view.ts";
import type { Indicator, IndicatorValue } from "./indicator.ts";
import type { SpanSums } from "./span-sums.ts";

/** What an indicator of a span is, but for the span. */
export interface SpanIndicator extends Omit<Indicator, "value"> {
  readonly of: (sums: SpanSums, view: CustomerView) => IndicatorValue;
}

/**
 * The indicator for the whole relationship and, its name ending in 365, for the trailing year. What is steady is so over the
 * relationship: out of a year things fall with time.
 */
export function bothSpans({ of, steady, ...indicator }: SpanIndicator): readonly [Indicator, Indicator] {
  const { name, doc } = indicator;
  return [
    {
      ...indicator,
      ...(steady === true ? { steady } : {}),
      value: (view) => (view.lifetime === null ? null : of(view.lifetime, view)),
    },
    {
      ...indicator,
      name: `${name}365`,
      doc: `${doc} Of the trailing year.`,
      value: (view) => (view.year === null ? null : of(view.year, view)),
    },
  ];
}
