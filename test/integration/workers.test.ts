import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { JOURNAL_KEY, partitionOf } from "@tidemark/streams";
import { afterAll, beforeAll, expect, test } from "vitest";
import { Random } from "../simulation/random.ts";
import { openDataLog } from "./data-log.ts";
import { openSandbox, type Sandbox } from "./sandbox.ts";
import { until } from "./until.ts";

const LONG = process.env["TIDEMARK_TEST_LONG"] === "1";
const PARTITIONS = 4;
const ROWS = 3_000;
const CUSTOMERS = 200;
let sandbox: Sandbox;

beforeAll(async () => {
  sandbox = await openSandbox();
  const random = new Random(11);
  const lines = Array.from({ length: ROWS }, (_, row) => {
    const day = new Date(Date.UTC(2024, 0, 1 + Math.floor((row * 40) / ROWS))).toISOString().slice(0, 10);
    return `c-${random.integer(CUSTOMERS)},${day},${10 + random.integer(90)}.00`;
  });
  await writeFile(join(sandbox.folder, "purchases.csv"), ["customer,date,amount", ...lines, ""].join("\n"));
});
afterAll(() => sandbox[Symbol.asyncDispose]());

test("the same scores come of an import however many threads there are", async () => {
  const contents: unknown[] = [];
  for (const workers of ["0", "1", "3", "9"]) {
    const directory = `with-${workers}`;
    const words = ["import", "purchases.csv", "--clock", "event", "--data-dir", directory, "--workers", workers];
    expect(await sandbox.run([...words, "--json"])).toMatchObject({ code: 0 });
    contents.push(await scoresIn(directory));
  }
  for (const content of contents) expect(content).toEqual(contents[0]);
});

test("metrics are of all threads as of one", async () => {
  const names: Set<string>[] = [];
  for (const workers of ["2", "0"]) {
    const server = await sandbox.start(["--data-dir", `measured-${workers}`, "--workers", workers]);
    await sandbox.run(["import", "purchases.csv", "--data-dir", `measured-${workers}`]);
    const text = await (await fetch(`${server.url}/metrics`)).text();
    const valueOf = (line: string): number =>
      Number(
        text
          .split("\n")
          .find((found) => found.startsWith(`${line} `))
          ?.slice(line.length),
      );
    expect(valueOf('tidemark_events_total{topic="tidemark.purchases",outcome="applied"}')).toBe(ROWS);
    expect(valueOf("tidemark_turn_seconds_count")).toBeGreaterThanOrEqual(PARTITIONS);
    for (let partition = 0; partition < PARTITIONS; partition += 1) {
      expect(valueOf(`tidemark_lag_records{topic="tidemark.purchases",partition="${partition}"}`)).toBe(0);
    }
    names.push(new Set([...text.matchAll(/^(tidemark_lag_records\{.*\}|# .*) ?/gmu)].map(([, name = ""]) => name)));
    expect(await server.stop()).toMatchObject({ code: 0, stderr: "" });
  }
  expect(names[0]).toEqual(names[1]);
});

const ENDINGS = [
  ["an error outside its tasks", 'throw new Error("canary")', "has died of an error that nobody caught"],
  ["too large a heap", "for (const all = []; ; ) all.push({ all: [1, 2, 3] })", "has run out of memory"],
  ["an exit", "process.exit(9)", "has ended by itself with exit code 9"],
] as const;

test.each(LONG ? ENDINGS : ENDINGS.slice(0, 1))(
  "a thread that ends by %s ends the process with code 70 and its name; nothing is lost",
  async (_, code, message) => {
    const data = ["--data-dir", `dead-${message.length}`];
    await sandbox.run(["import", "purchases.csv", ...data]);
    const environment = { NODE_OPTIONS: `--import ${preload(code)}` };
    const running = sandbox.begin(["start", "--port", "0", "--workers", "2", ...data], { environment });
    const ended = await running.ended;
    expect(ended).toMatchObject({ code: 70, signal: null });
    expect(ended.stderr).toContain(`tidemark: the thread processor-1 ${message}`);
    expect(ended.stderr).toContain('"msg":"a processor thread has died"');
    expect(ended.stderr).not.toContain("canary");

    const again = await sandbox.start([...data, "--workers", "2"]);
    await until("all customers are known", async () => {
      const { customers } = (await (await fetch(`${again.url}/v1/summary`)).json()) as { readonly customers: number };
      return customers === CUSTOMERS ? true : null;
    });
    expect(await again.stop()).toMatchObject({ code: 0, stderr: "" });
  },
);

test("what ends a task in its thread ends the process with its own exit code and advice", async () => {
  const data = ["--data-dir", "newer"];
  await sandbox.run(["import", "purchases.csv", ...data]);
  await using log = await openDataLog(join(sandbox.folder, "newer"));
  const { topics, codecs } = log.contracts;
  const partition = partitionOf(Buffer.from("c-1"), PARTITIONS);
  const value = (await log.read(topics.journal))[partition]?.at(-1)?.value ?? Buffer.of();
  const newer = codecs.journal.encode({ ...codecs.journal.decode(value), minReaderVersion: 99 });
  await log.log.append([{ topic: topics.processorState, partition, records: [{ key: JOURNAL_KEY, value: newer }] }]);
  await log.log.close();

  const ended = await sandbox.run(["start", "--port", "0", "--workers", "2", ...data]);
  expect(ended).toMatchObject({ code: 3 });
  expect(ended.stderr).toContain(
    `tidemark: partition ${partition} was worked on by newer code: upgrade this process\n`,
  );
});

/** Code for the second processor thread, shortly after it has started. */
function preload(code: string): string {
  const source = `
    import { threadName, isMainThread } from "node:worker_threads";
    if (!isMainThread && threadName === "processor-1") setTimeout(() => { ${code} }, 700);`;
  return `data:text/javascript,${encodeURIComponent(source)}`;
}

/** All that was told of customers, by partition, in order. */
async function scoresIn(directory: string): Promise<unknown> {
  await using data = await openDataLog(join(sandbox.folder, directory));
  const { scores, tierChanges } = data.contracts.topics;
  const [first, second] = await Promise.all([data.read(scores), data.read(tierChanges)]);
  expect(first.flat().length).toBeGreaterThan(ROWS / 2);
  return [first, second].map((topic) =>
    topic.map((records) =>
      records.map(({ offset, value }) => `${offset} ${Buffer.from(value ?? []).toString("base64")}`),
    ),
  );
}
