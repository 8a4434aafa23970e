import { createWriteStream } from "node:fs";
import { Readable } from "node:stream";
import { pipeline } from "node:stream/promises";
import {
  type PurchaseModelSpec,
  type Random,
  seededRandom,
  simulatedPurchases,
  simulatedSpend,
} from "@tidemark/models";

export interface SimulatedFileInput {
  readonly file: string;
  readonly customers: number;
  /** Each customer spends what is his own, or all of them alike. */
  readonly spend: "own" | "alike";
}

const SEED = 1;
/** As published for CDNOW's sample: weeks and dollars. */
const MBG: PurchaseModelSpec = {
  model: "MBG/NBD",
  parameters: { r: 0.5248432, alpha: 6.1830863, a: 0.8913592, b: 1.6140018 },
};
const GAMMA_GAMMA = { p: 6.24957, q: 3.74422, v: 15.44353 };
const [FIRST_DAY, DAYS, DAYS_OF_FIRST_PURCHASES] = [Date.UTC(2023, 0, 1) / 86_400_000, 730, 365];
/** The day before the second half. */
export const SIMULATED_CALIBRATION = "2023-12-31";
const CUSTOMERS_A_CHUNK = 500;

/** Writes a CSV file of purchases over two years, of customers drawn from the models who first buy in the first of them. */
export async function simulatedFileJob(input: SimulatedFileInput): Promise<{ readonly rows: number }> {
  const written = { rows: 0 };
  await pipeline(Readable.from(chunks(input, written)), createWriteStream(input.file));
  return written;
}

function* chunks({ customers, spend }: SimulatedFileInput, written: { rows: number }): Generator<string> {
  const random = seededRandom(SEED);
  let rows = ["customer_id,date,amount"];
  for (let customer = 0; customer < customers; customer++) {
    const first = Math.floor(random() * DAYS_OF_FIRST_PURCHASES);
    const times = [0, ...simulatedPurchases(MBG, (DAYS - 1 - first) / 7, random)];
    const own = simulatedSpend(GAMMA_GAMMA, times.length, random).m;
    for (const time of times) {
      const date = new Date((FIRST_DAY + first + Math.floor(7 * time)) * 86_400_000).toISOString().slice(0, 10);
      rows.push(`c${customer},${date},${(spend === "own" ? own : alike(random)).toFixed(2)}`);
      written.rows++;
    }
    if (customer % CUSTOMERS_A_CHUNK === 0) {
      yield `${rows.join("\n")}\n`;
      rows = [];
    }
  }
  if (rows.length > 0) yield `${rows.join("\n")}\n`;
}

/** One distribution for everybody, between 5 and 25. */
function alike(random: Random): number {
  return 5 + 20 * random();
}
