import { spawnSync } from "node:child_process";
import { closeSync, openSync, readFileSync } from "node:fs";
import { expect, expectTypeOf, test } from "vitest";
import type { Constant } from "./log-fields.ts";
import { createLogger, type Logger, type LoggerOptions } from "./logger.ts";

const CANARY = "canary@example.org";

test("a line has level, time, name, message and the fields", () => {
  const { log, lines } = capture();

  log.child({ partition: 3 }).info("task running", { topic: "tidemark.purchases", records: 17 });

  expect(lines()).toEqual([
    {
      level: "info",
      time: expect.stringMatching(/^\d{4}-\d\d-\d\dT[\d:.]+Z$/),
      name: "processor",
      partition: 3,
      topic: "tidemark.purchases",
      records: 17,
      msg: "task running",
    },
  ]);
});

test("lines below the level are not written", () => {
  const { log, lines } = capture({ level: "warn" });

  log.info("unseen");
  log.warn("seen");

  expect(lines().map((line) => line["msg"])).toEqual(["seen"]);
});

test("text that got past the types under a free name is withheld, objects too", () => {
  const { log, text } = capture();
  const untyped = log as unknown as { warn(message: string, fields: object): void };

  untyped.warn("refused", { customerId: CANARY, event: { email: CANARY }, list: [CANARY] });

  expect(text()).not.toContain(CANARY);
  expect(text()).toContain("[withheld]");
});

test("a text field longer than its bound is cut", () => {
  const { log, text } = capture();

  log.info("opened", { file: "a".repeat(100_000) });

  expect(text().length).toBeLessThan(1_000);
});

test("the message of an error of unknown origin never reaches the log, nor its causes', nor its stack's", () => {
  const { log, text, lines } = capture();
  const quoting = thrownBy(() => JSON.parse(`{"email":${CANARY}}`));
  const disguised = new Error(`bad\n    at x (file:///${CANARY}.ts:1:1)`, { cause: quoting });

  log.error("request failed", { error: disguised });
  log.error("request failed", { error: CANARY });

  expect(text()).not.toContain("canary");
  expect(lines()[0]?.["error"]).toMatchObject({
    type: "Error",
    at: expect.arrayContaining([expect.stringContaining("logger.test.ts")]),
    cause: { type: "SyntaxError" },
  });
});

test("messages of system calls, of the database's files and of vouched classes are kept, with the code", () => {
  class TaskFenced extends Error {
    readonly code = "TASK_FENCED";
  }
  const { log, lines } = capture({ vouched: [TaskFenced] });

  log.error("open failed", { error: thrownBy(() => readFileSync("missing/file")) });
  log.error("write failed", {
    error: Object.assign(new Error("IO error: 000005.log: No space left on device"), { code: "LEVEL_IO_ERROR" }),
  });
  log.error("fenced", { error: new TaskFenced("partition 3 has a newer owner") });

  expect(lines()[0]?.["error"]).toMatchObject({ code: "ENOENT", message: expect.stringContaining("no such file") });
  expect(lines()[1]?.["error"]).toMatchObject({ message: expect.stringContaining("No space left on device") });
  expect(lines()[2]?.["error"]).toMatchObject({
    type: "TaskFenced",
    code: "TASK_FENCED",
    message: "partition 3 has a newer owner",
  });
});

test("where standard error takes no line, as on a full disk, whoever logs goes on", () => {
  const script = `import(${JSON.stringify(new URL("logger.ts", import.meta.url).href)}).then(({ createLogger }) => {
    const log = createLogger({ level: "debug", name: "processor" });
    for (let line = 0; line < 3; line++) log.error("the disk is full");
    console.log("gone on");
  });`;
  const unwritable = openSync(import.meta.filename, "r");

  const ended = spawnSync(process.execPath, ["--eval", script], { stdio: ["ignore", "pipe", unwritable] });
  closeSync(unwritable);

  expect({ code: ended.status, said: ended.stdout.toString() }).toEqual({ code: 0, said: "gone on\n" });
});

test("the types refuse messages that are put together and text under free names", () => {
  const { log } = capture();
  const customer = CANARY as string;

  // @ts-expect-error a message is a constant
  log.info(`scored ${customer}`);
  // @ts-expect-error a free name holds a number or a boolean
  log.info("scored", { customer });
  // @ts-expect-error an object has no place in a line
  log.child({ event: { customer } });
  log.info("scored", { customers: 1, topic: "tidemark.scores", halted: false, error: new Error("x") });

  expectTypeOf<Constant<"a" | "b">>().toEqualTypeOf<"a" | "b">();
  expectTypeOf<Constant<string>>().toBeNever();
});

interface Captured {
  readonly log: Logger;
  text(): string;
  lines(): readonly Record<string, unknown>[];
}

function capture(options: Partial<LoggerOptions> = {}): Captured {
  const written: string[] = [];
  const destination = { write: (line: string) => written.push(line) };
  return {
    log: createLogger({ level: "debug", name: "processor", destination, ...options }),
    text: () => written.join(""),
    lines: () => written.map((line) => JSON.parse(line) as Record<string, unknown>),
  };
}

function thrownBy(action: () => unknown): unknown {
  try {
    action();
  } catch (error) {
    return error;
  }
  throw new Error("nothing was thrown");
}
