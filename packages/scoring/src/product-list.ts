import type { Profile } from "@tidemark/contracts";
import { openInTable, tableEntries, type TableShape } from "./name-table.ts";

/** A product or service that a customer holds or uses. Money in minor units of the base currency. */
export interface ProductHolding {
  readonly name: string;
  /** SERVICE_USE events. */
  readonly uses: number;
  /** Balances told. */
  readonly balances: number;
  /** The newest of them, and when, ms; 0 where none was told. */
  readonly balanceMinor: number;
  readonly balanceAt: number;
  /** Mean of all, and the sum of squared deviations from it (Welford 1962). */
  readonly mean: number;
  readonly deviations: number;
}

export const PRODUCTS: TableShape = { entriesMax: 8, valueBytes: 38, nameBytesMax: 32 };

export function addUse(profile: Profile, product: string): void {
  const { table, entry } = openInTable(profile.products, PRODUCTS, product);
  profile.products = table;
  if (entry !== null) table.writeUInt32LE(table.readUInt32LE(entry.valueAt) + 1, entry.valueAt);
}

/** Of two balances of one instant the lower stands. */
export function addBalance(profile: Profile, product: string, balanceMinor: number, at: number): void {
  const { table, entry } = openInTable(profile.products, PRODUCTS, product);
  profile.products = table;
  if (entry === null) return;
  const before = holdingAt(table, entry.name, entry.valueAt);
  const isNewest =
    before.balances === 0 || at > before.balanceAt || (at === before.balanceAt && balanceMinor < before.balanceMinor);
  const balances = before.balances + 1;
  const difference = balanceMinor - before.mean;
  const mean = before.mean + difference / balances;
  const start = entry.valueAt;
  table.writeUInt32LE(balances, start + BALANCES_AT);
  table.writeUIntLE(isNewest ? at : before.balanceAt, start + TIME_AT, 6);
  table.writeDoubleLE(isNewest ? balanceMinor : before.balanceMinor, start + BALANCE_AT);
  table.writeDoubleLE(mean, start + MEAN_AT);
  table.writeDoubleLE(before.deviations + difference * (balanceMinor - mean), start + DEVIATIONS_AT);
}

export function productsOf({ products }: Profile): ProductHolding[] {
  return tableEntries(products, PRODUCTS).map(({ name, valueAt }) => holdingAt(products, name, valueAt));
}

const BALANCES_AT = 4;
const TIME_AT = 8;
const BALANCE_AT = 14;
const MEAN_AT = 22;
const DEVIATIONS_AT = 30;

function holdingAt(table: Buffer, name: string, start: number): ProductHolding {
  return {
    name,
    uses: table.readUInt32LE(start),
    balances: table.readUInt32LE(start + BALANCES_AT),
    balanceAt: table.readUIntLE(start + TIME_AT, 6),
    balanceMinor: table.readDoubleLE(start + BALANCE_AT),
    mean: table.readDoubleLE(start + MEAN_AT),
    deviations: table.readDoubleLE(start + DEVIATIONS_AT),
  };
}
