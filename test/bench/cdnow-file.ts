import { writeFile } from "node:fs/promises";
import { summariseCustomers } from "@tidemark/models";
import { CALIBRATION_DAY, cdnowMaster, cdnowSample, masterIsHere } from "../../packages/models/fixtures/cdnow.ts";

/** A customer of CDNOW by the end of the published calibration, in weeks and dollars; m = 0 where x = 0. */
export interface CdnowCustomer {
  readonly x: number;
  readonly tx: number;
  readonly T: number;
  readonly m: number;
}

export type CdnowData = "sample" | "master";

/** Null where the data are not on this machine: the master file is not committed. */
export function cdnowCustomers(data: CdnowData): readonly CdnowCustomer[] | null {
  if (data === "master" && !masterIsHere) return null;
  const transactions = data === "master" ? cdnowMaster() : cdnowSample();
  return summariseCustomers(transactions, { calibrationDay: CALIBRATION_DAY, unitDays: 7 }).map(
    ({ x, tx, T, repeatSpend }) => ({ x, tx, T, m: x === 0 ? 0 : repeatSpend / 100 / x }),
  );
}

/** For who does not read the published files: CSV, each number with all its digits. */
export async function writeCustomers(file: string, customers: readonly CdnowCustomer[]): Promise<void> {
  const rows = customers.map(({ x, tx, T, m }) => `${x},${tx},${T},${m}`);
  await writeFile(file, `${["x,tx,T,m", ...rows].join("\n")}\n`);
}
