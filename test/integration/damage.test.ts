import { cp, readdir, readFile, rm, truncate, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { openSandbox, type Sandbox } from "./sandbox.ts";

/** What a killed server left, and that once it was opened again: then the events lie in a file of their own. */
const KILLED = "killed";
const OPENED = "opened";

let sandbox: Sandbox;
beforeAll(async () => {
  sandbox = await openSandbox();
  const server = await sandbox.start(["--data-dir", KILLED]);
  for (let batch = 0; batch < 20; batch += 1) {
    const response = await fetch(`${server.url}/v1/events`, {
      method: "POST",
      headers: { "content-type": "application/json" },
      body: JSON.stringify({ events: eventsOf(batch) }),
    });
    expect(response.ok).toBe(true);
  }
  server.child.kill("SIGKILL");
  await server.ended;
  await cp(join(sandbox.folder, KILLED), join(sandbox.folder, OPENED), { recursive: true });
  expect(await sandbox.run(["inspect", "--data-dir", OPENED])).toMatchObject({ code: 0 });
}, 60_000);
afterAll(() => sandbox[Symbol.asyncDispose]());

test.each([
  [
    "one bit is changed amid what was written last",
    KILLED,
    /^\d+\.log$/,
    changeBitInTheMiddle,
    /\.log is damaged at byte \d+/,
  ],
  [
    "a file is cut short",
    OPENED,
    /\.ldb$/,
    (path: string) => truncate(path, 1_000),
    /is damaged: .*\.ldb: Invalid argument/,
  ],
  ["a file is gone", OPENED, /\.ldb$/, (path: string) => rm(path), /is damaged: .*missing files; e\.g\.: .*\.ldb/],
  [
    "the list of its files is changed",
    OPENED,
    /^MANIFEST-/,
    changeBitInTheMiddle,
    /MANIFEST-\d+ is damaged at byte \d+|is damaged: Corruption/,
  ],
  [
    "the list of its files is gone",
    OPENED,
    /^MANIFEST-/,
    (path: string) => rm(path),
    /is damaged: .*MANIFEST-\d+: No such file/,
  ],
])(
  "a damaged log ends each start with exit code 6, a word on where and what to do: %s",
  { timeout: 60_000 },
  async (name, from, file, damage, where) => {
    const directory = name.replaceAll(" ", "-");
    const log = join(sandbox.folder, directory, "log");
    await cp(join(sandbox.folder, from), join(sandbox.folder, directory), { recursive: true });
    const damaged =
      (await readdir(log))
        .filter((each) => file.test(each))
        .toSorted()
        .at(-1) ?? "";
    await damage(join(log, damaged));
    for (let times = 0; times < 2; times += 1) {
      const { code, stderr } = await sandbox.run(["start", "--port", "0", "--data-dir", directory]);
      expect({ code, stderr }).toMatchObject({ code: 6 });
      expect(stderr).toMatch(where);
      expect(stderr).toMatch(/[:;] restore the log from a backup/);
      expect(stderr).not.toMatch(/^\s+at /m);
    }
  },
);

async function changeBitInTheMiddle(path: string): Promise<void> {
  const content = await readFile(path);
  const middle = Math.floor(content.length / 2);
  content[middle] = (content[middle] ?? 0) ^ 1;
  await writeFile(path, content);
}

function eventsOf(batch: number): object[] {
  return Array.from({ length: 50 }, (_, index) => {
    const eventId = `visit-${batch}-${index}`;
    return {
      type: "interaction",
      eventId,
      customerId: `customer-${index}`,
      occurredAt: "2024-01-01T00:00:00Z",
      kind: "VISIT",
    };
  });
}
