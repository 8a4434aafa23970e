import { readdir, readFile, stat } from "node:fs/promises";
import { join } from "node:path";
import { parseScorecard, type Scorecard } from "@tidemark/scoring/scorecards";
import { SettingsInvalid } from "./settings-invalid.ts";

/** Files of one setting, and bytes of each. */
const FILES_MAX = 100;
const BYTES_MAX = 256 * 1024;

/**
 * The installation's own scorecards.
 * @param paths files, or directories of which each `.json` is read
 * @throws SettingsInvalid with every problem of every file, each with its file and the place in it
 */
export async function readScorecards(paths: readonly string[]): Promise<readonly Scorecard[]> {
  const problems: string[] = [];
  const byName = new Map<string, string>();
  const scorecards: Scorecard[] = [];
  const files = (await Promise.all(paths.map((path) => filesAt(path, problems)))).flat();
  if (files.length > FILES_MAX) problems.push(`${files.length} files are more than the ${FILES_MAX} that are read`);
  for (const file of files.slice(0, FILES_MAX)) {
    const json = await jsonIn(file, problems);
    if (json === undefined) continue;
    const parsed = parseScorecard(json);
    if (!parsed.ok) {
      problems.push(...parsed.problems.map(({ path, message }) => `${file}: ${path === "" ? "/" : path} ${message}`));
      continue;
    }
    const { name } = parsed.scorecard;
    const other = byName.get(name);
    if (other === undefined) scorecards.push(parsed.scorecard);
    else problems.push(`${file}: /name is that of ${other} too`);
    byName.set(name, file);
  }
  if (problems.length === 0) return scorecards;
  throw new SettingsInvalid(
    ["the scorecards of TIDEMARK_SCORECARDS cannot be used:", ...problems.map((problem) => `  ${problem}`)].join("\n"),
  );
}

async function filesAt(path: string, problems: string[]): Promise<readonly string[]> {
  try {
    if (!(await stat(path)).isDirectory()) return [path];
    const names = (await readdir(path)).filter((name) => name.endsWith(".json")).sort();
    return names.map((name) => join(path, name));
  } catch {
    problems.push(`${path}: cannot be read`);
    return [];
  }
}

/** @returns undefined where there is none, which is noted */
async function jsonIn(file: string, problems: string[]): Promise<unknown> {
  try {
    if ((await stat(file)).size > BYTES_MAX) {
      problems.push(`${file}: is larger than ${BYTES_MAX} bytes`);
      return undefined;
    }
    return JSON.parse(await readFile(file, "utf8")) as unknown;
  } catch (error) {
    problems.push(`${file}: ${error instanceof SyntaxError ? "is no JSON" : "cannot be read"}`);
    return undefined;
  }
}
