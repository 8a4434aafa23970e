import { describe, expect, test } from "vitest";
import { untidiness, type TidyFile } from "./tidy-rules.ts";

const file = (path: string, text: string | null): TidyFile => ({ path, bytes: text?.length ?? 10, text });
/** A ~ in the text keeps this file itself tidy. */
const problems = (path: string, text: string | null) =>
  untidiness(file(path, text?.replaceAll("~", "") ?? null)).map(({ problem, line }) => `${line}: ${problem}`);

const SOURCE = "packages/streams/src/task.ts";

test("a file in order has no problems", () => {
  expect(problems(SOURCE, 'import { a } from "./a.ts";\n\nexport const b = a;\n')).toEqual([]);
  expect(problems("docs/images/page.png", null)).toEqual([]);
});

describe("lines that are refused", () => {
  test.each([
    ["docs/a.md", "see /wor~k/main/x", "a path of one machine"],
    ["docs/a.md", "(/tm~p/x)", "a path of one machine"],
    ["docs/a.md", 'HOME="/hom~e/me"', "a path of one machine"],
    ["a.yaml", "url: https://registry~.example.org/x", "the host of a package registry"],
    ["docs/a.md", "<<<<<<~< ours", "a conflict marker"],
    ["docs/a.md", "as issue~ 12 says", "a ticket number"],
    ["packages/streams/src/index.ts", 'export ~* from "./task.ts";', "export *: list the names"],
    [SOURCE, "class Task ext~ends Base {", "inheritance beyond Error"],
    [SOURCE, "const a = process~.env.A;", "only main.ts reads the environment"],
    [SOURCE, "const now = Date~.now();", "a clock, timer or random source that was not passed in"],
    [SOURCE, "const id = setTimeout~(f, 1);", "a clock, timer or random source that was not passed in"],
    ["packages/models/src/a.ts", "Math~.random()", "a clock, timer or random source that was not passed in"],
  ])("%s: %s", (path, line, problem) => {
    expect(problems(path, `\n${line}\n`)).toEqual([`2: ${problem}`]);
  });
});

test("what is refused in one place is allowed where it belongs", () => {
  expect(problems("services/cli/src/main.ts", "const a = process~.env.A;\n")).toEqual([]);
  expect(problems("services/gateway/src/sse.ts", "setTimeout~(f, 1);\n")).toEqual([]);
  expect(problems("packages/streams/src/task.test.ts", "Date~.now();\n")).toEqual([]);
  expect(problems(SOURCE, "// never Date~.now(): the clock is passed in\n")).toEqual([]);
  expect(problems(SOURCE, "class TaskFenced ext~ends CodedError {}\n")).toEqual([]);
  expect(problems("docs/a.md", "https://example.org/work~/x and var/tmp~/x\n")).toEqual([]);
});

test("comments too name no machine and no ticket", () => {
  expect(problems(SOURCE, "// see issue~ 7\n")).toEqual(["1: a ticket number"]);
});

test("names that say nothing are refused, for folders and for files", () => {
  expect(problems("packages/streams/src/utils/a.ts", "")).toHaveLength(1);
  expect(problems("packages/streams/src/types.ts", "")).toHaveLength(1);
  expect(problems("packages/streams/src/TaskState.ts", "")).toEqual(["0: a file name is kebab-case"]);
});

test("a source file has at most 400 lines; a test or a generated file may have more", () => {
  expect(problems(SOURCE, "\n".repeat(400))).toEqual([]);
  expect(problems(SOURCE, "\n".repeat(401))).toHaveLength(1);
  expect(problems("packages/streams/src/task.test.ts", "\n".repeat(401))).toEqual([]);
  expect(problems(SOURCE, `// Generated from schemas\n${"\n".repeat(401)}`)).toEqual([]);
});

test("dependencies are pinned exactly", () => {
  expect(problems("packages/a/package.json", '{ "dependencies": {\n"zod": "^4.6.7" } }')).toEqual([
    "2: a dependency is pinned exactly",
  ]);
});

test("a file of more than a megabyte is refused", () => {
  expect(untidiness({ path: "a.bin", bytes: 1_000_001, text: null })).toHaveLength(1);
});
