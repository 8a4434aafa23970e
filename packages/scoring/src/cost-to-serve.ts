import type { Profile } from "@tidemark/contracts";
import { setTrade, tradeOf } from "./optional-sums.ts";
import { addToWeek } from "./week-list.ts";

/** Costs by kind of event, or kind and channel, in thousandths of minor units. */
export type CostTable = ReadonlyMap<string, number>;

/** @param costs of the artefact, major units an event, by "KIND" or "KIND/channel" */
export function createCostTable(costs: Readonly<Record<string, number>>, minorPerMajor: number): CostTable {
  return new Map(Object.entries(costs).map(([key, major]) => [key, Math.round(major * minorPerMajor * 1000)]));
}

/** What one event costs: its channel's cost where that is said, else its kind's. */
export function costIn(table: CostTable, kind: string, channel: string | null): number {
  return (channel === null ? undefined : table.get(`${kind}/${channel}`)) ?? table.get(kind) ?? 0;
}

/**
 * Adds the cost of an event to those of its customer. It is charged when the event is applied, by the rates of that time, as money is
 * converted; what has been spent on an order that is cancelled stays spent.
 * @param day local, of the event; @param milliMinor thousandths of minor units
 */
export function chargeCost(profile: Profile, day: number, milliMinor: number): void {
  if (milliMinor === 0) return;
  setTrade(profile, { costMilliMinor: tradeOf(profile).costMilliMinor + milliMinor });
  addToWeek(profile, day, "costMilliMinor", milliMinor);
}
