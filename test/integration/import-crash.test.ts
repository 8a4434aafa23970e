import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import { parseChangelogKey } from "@tidemark/streams";
import { expect, test } from "vitest";
import { Random } from "../simulation/random.ts";
import { openDataLog } from "./data-log.ts";
import { openSandbox, type Running, type Sandbox } from "./sandbox.ts";

const KILLS = process.env["TIDEMARK_TEST_LONG"] === "1" ? 30 : 4;
const ROWS = 4000;
const DAYS = 60;
const CUSTOMERS = 300;

test(
  "an import killed at random moments and repeated ends as one that was left alone",
  { timeout: 600_000 },
  async () => {
    const seed = Number(process.env["TIDEMARK_TEST_SEED"] ?? Date.now() % 1_000_000);
    process.stdout.write(`kill -9 of imports with TIDEMARK_TEST_SEED=${seed}\n`);
    const random = new Random(seed);
    await using sandbox = await openSandbox();
    await writeFile(join(sandbox.folder, "purchases.csv"), purchases(random));

    const alone = importInto(sandbox, "alone");
    const beganAt = await hasBegun(alone);
    expect(await alone.ended).toMatchObject({ code: 0 });
    const workMs = performance.now() - beganAt;

    let killed = 0;
    for (let kill = 0; kill < KILLS; kill += 1) {
      const running = importInto(sandbox, "killed");
      await hasBegun(running);
      // The first comes early, so that it cannot miss; each leaves less to be done.
      await pause(random.fraction() * workMs * (kill === 0 ? 0.2 : 1));
      running.child.kill("SIGKILL");
      if ((await running.ended).signal === "SIGKILL") killed += 1;
    }
    expect(killed).toBeGreaterThan(0);
    const last = await importInto(sandbox, "killed").ended;
    const again = await importInto(sandbox, "killed").ended;

    expect(last).toMatchObject({ code: 0 });
    const { rows, accepted, duplicate, rejected } = JSON.parse(last.stdout) as Record<string, number>;
    expect({ rows, rejected, taken: (accepted ?? 0) + (duplicate ?? 0) }).toEqual({
      rows: ROWS,
      rejected: 0,
      taken: ROWS,
    });
    expect(JSON.parse(again.stdout)).toMatchObject({ rows: ROWS, accepted: 0, duplicate: ROWS, customers: CUSTOMERS });
    expect(await contentOf(sandbox, "killed")).toEqual(await contentOf(sandbox, "alone"));
  },
);

/** Customers in no order, times in none, every tenth row a refund, and now and then the same row once more. */
function purchases(random: Random): string {
  const lines: string[] = [];
  while (lines.length < ROWS) {
    const customer = `c-${lines.length < CUSTOMERS ? lines.length : random.integer(CUSTOMERS)}`;
    const at = new Date(Date.UTC(2024, 0, 1) + random.integer(DAYS * 86_400_000)).toISOString();
    const line = `${customer},${at},${random.chance(0.1) ? "-" : ""}${random.integer(90)}.${10 + random.integer(90)}`;
    lines.push(line);
    if (lines.length < ROWS && random.chance(0.02)) lines.push(line);
  }
  return ["customer,time,amount", ...lines, ""].join("\n");
}

/** In clock mode event all that comes of a file is determined by it: even the versions of scores. */
function importInto(sandbox: Sandbox, directory: string): Running {
  return sandbox.begin(["import", "purchases.csv", "--clock", "event", "--data-dir", directory, "--json"]);
}

/** Resolves once the file has been opened, or the import has ended. @returns when that was, of the monotonic clock */
async function hasBegun({ child, ended, said }: Running): Promise<number> {
  const begun = new Promise<void>((resolve) => {
    child.stderr?.on("data", () => {
      if (said().stderr.includes("reading customers from")) resolve();
    });
  });
  await Promise.race([begun, ended]);
  return performance.now();
}

/** What went in and what came out, record by record, but for offsets of the changelog and tokens of owners. */
async function contentOf({ folder }: Sandbox, directory: string): Promise<ReadonlyMap<string, readonly string[]>> {
  await using data = await openDataLog(join(folder, directory));
  const { topics, codecs } = data.contracts;
  const content = new Map<string, readonly string[]>();
  for (const name of ["purchases", "ticks", "scores", "tierChanges", "deadLetters"] as const) {
    const records = (await data.read(topics[name])).flatMap((own, partition) =>
      own.map(({ offset, key, value }) => [partition, offset, base64(key), base64(value)].join(" ")),
    );
    content.set(name, records);
  }
  const states = (await data.read(topics.processorState)).flatMap((own) =>
    own.filter(({ key }) => key !== null && parseChangelogKey(key)?.kind === "state"),
  );
  content.set(
    "states",
    states.map(({ key, value }) => `${base64(key)} ${base64(value)}`),
  );
  const journal = (await data.read(topics.journal)).flatMap((own, partition) =>
    own.map(({ value }) => {
      const { turn, tickMs, offsets, counts } = codecs.journal.decode(value ?? Buffer.of());
      return JSON.stringify({ partition, turn, tickMs, offsets, counts });
    }),
  );
  return content.set("journal", journal);
}

function base64(bytes: Uint8Array | null): string {
  return bytes === null ? "" : Buffer.from(bytes).toString("base64");
}
