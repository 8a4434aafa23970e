/**
 * What holds for the repository itself and no other tool checks. A rule looks at one file and returns what is wrong
 * with it, each with its line (0 = the file as a whole). Patterns are written so that they do not match themselves.
 */
export interface TidyFile {
  /** From the root, with forward slashes. */
  readonly path: string;
  readonly bytes: number;
  /** null where the file is not text. */
  readonly text: string | null;
}

export interface Untidy {
  readonly path: string;
  readonly line: number;
  readonly problem: string;
}

export function untidiness(file: TidyFile): readonly Untidy[] {
  const problems: Untidy[] = [];
  const report = (problem: string, line = 0): void => void problems.push({ path: file.path, line, problem });
  nameRules(file, report);
  if (file.bytes > FILE_BYTES_MAX) report(`larger than ${FILE_BYTES_MAX} bytes`);
  if (file.text === null) return problems;
  lengthRule(file.path, file.text, report);
  lineRules(file.path, file.text, report);
  if (file.path.endsWith("package.json")) pinRule(file.text, report);
  return problems;
}

type Report = (problem: string, line?: number) => void;

/** A picture fits, a data set does not. */
const FILE_BYTES_MAX = 1_000_000;
const SOURCE_LINES_MAX = 400;
const NAMES_REFUSED = new Set(["utils", "util", "common", "shared", "helpers", "helper", "types", "misc", "manager"]);

const CODE = /\.(ts|js|cjs|mjs)$/;
const TEST = /(^test\/|\.(test|bench)\.ts$|\/fixtures\/)/;
const SHIPPED = /^(packages|services)\/[^/]+\/src\//;
/** Where nothing may know the time or draw lots by itself: a seeded scheduler runs this code. */
const PURE = /^packages\/(streams|scoring|models)\/src\//;

function nameRules({ path }: TidyFile, report: Report): void {
  const segments = path.replace(/(\.[a-z]+)+$/, "").split("/");
  for (const segment of segments) {
    if (NAMES_REFUSED.has(segment)) report(`"${segment}" says nothing: find the noun`);
  }
  const file = path.slice(path.lastIndexOf("/") + 1);
  if (CODE.test(path) && !/^\.?[a-z0-9]+(-[a-z0-9]+)*(\.[a-z]+)+$/.test(file)) report("a file name is kebab-case");
}

function lengthRule(path: string, text: string, report: Report): void {
  if (!SHIPPED.test(path) || !CODE.test(path) || TEST.test(path)) return;
  if (text.startsWith("// Generated from ")) return;
  const lines = text.split("\n").length - 1;
  if (lines > SOURCE_LINES_MAX) report(`${lines} lines: more than ${SOURCE_LINES_MAX}, so more than one concept`);
}

interface LineRule {
  readonly pattern: RegExp;
  readonly problem: string;
  /** Files it holds for; all text files if absent. */
  readonly where?: (path: string) => boolean;
}

const shippedCode = (path: string): boolean => SHIPPED.test(path) && CODE.test(path) && !TEST.test(path);
const pureCode = (path: string): boolean => PURE.test(path) && shippedCode(path);

const LINE_RULES: readonly LineRule[] = [
  { pattern: /(^|[^\w.])\/(wor[k]|roo[t]|tm[p]|hom[e]|User[s])\/\w/, problem: "a path of one machine" },
  {
    pattern: /https?:\/\/(registry|repo1?|deb|proxy|files|pypi|npm)[.]/,
    problem: "the host of a package registry",
  },
  { pattern: /^(<{7}|>{7}) /, problem: "a conflict marker" },
  { pattern: /\b[Ii]ssue[ ]#?\d|\b[Ii]ssues[/]\d/, problem: "a ticket number" },
  { pattern: /^\s*export [*]/, problem: "export *: list the names", where: (path) => CODE.test(path) },
  {
    pattern: /\bclass \w+(<.*>)? extends (?!\w*Error\b)/,
    problem: "inheritance beyond Error",
    where: (path) => CODE.test(path),
  },
  {
    pattern: /\bprocess\.env\b/,
    problem: "only main.ts reads the environment",
    where: (path) => shippedCode(path) && !path.endsWith("/main.ts"),
  },
  {
    pattern:
      /\bDate\.now\b|\bnew Date\(\)|\bMath\.random\b|\bperformance\.now\b|\bset(Timeout|Interval|Immediate)\(|\bprocess\.hrtime\b|"(node:)?timers[/"]|\brandom(Bytes|UUID|Int)\b/,
    problem: "a clock, timer or random source that was not passed in",
    where: pureCode,
  },
];

function lineRules(path: string, text: string, report: Report): void {
  const rules = LINE_RULES.filter(({ where }) => where === undefined || where(path));
  for (const [index, line] of text.split("\n").entries()) {
    // A comment may name what the code must not use, but no machine and no ticket.
    const comment = CODE.test(path) && /^\s*(\/\/|\/?\*)/.test(line);
    for (const { pattern, problem, where } of rules) {
      if ((where === undefined || !comment) && pattern.test(line)) report(problem, index + 1);
    }
  }
}

function pinRule(text: string, report: Report): void {
  for (const [index, line] of text.split("\n").entries()) {
    if (/": "[\^~]/.test(line)) report("a dependency is pinned exactly", index + 1);
  }
}
