import { createWriteStream } from "node:fs";
import { Readable } from "node:stream";
import { pipeline } from "node:stream/promises";
import { generate, WORKLOAD } from "./workload.ts";

export interface PurchasesFileInput {
  readonly file: string;
  readonly purchases: number;
  readonly customers: number;
}

const ROWS_A_CHUNK = 2_000;

/** Writes a CSV file of purchases, in order of time as a shop's export is. */
export async function purchasesFileJob(input: PurchasesFileInput): Promise<{ readonly bytes: number }> {
  const stream = createWriteStream(input.file);
  await pipeline(Readable.from(chunks(input)), stream);
  return { bytes: stream.bytesWritten };
}

function* chunks({ purchases, customers }: PurchasesFileInput): Generator<string> {
  let rows = ["customer_id,order_id,time,amount"];
  for (const { record } of generate({ ...WORKLOAD, events: purchases, customers, purchasesOnly: true })) {
    if (!("orderId" in record)) continue;
    const { customerId, orderId, occurredAt, amountMinor } = record;
    rows.push(
      `${customerId},${orderId},${new Date(occurredAt).toISOString()},${((amountMinor ?? 0) / 100).toFixed(2)}`,
    );
    if (rows.length >= ROWS_A_CHUNK) {
      yield `${rows.join("\n")}\n`;
      rows = [];
    }
  }
  if (rows.length > 0) yield `${rows.join("\n")}\n`;
}
