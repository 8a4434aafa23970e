import { readFileSync } from "node:fs";
import { sourceFiles } from "./source-files.ts";
import { untidiness, type TidyFile } from "./tidy-rules.ts";

const files = sourceFiles().map(read);
const problems = files.flatMap(untidiness);
for (const { path, line, problem } of problems) console.error(`${path}${line === 0 ? "" : `:${line}`} ${problem}`);
console.log(`${files.length} files looked at`);
if (problems.length > 0 || files.length === 0) process.exitCode = 1;

function read(path: string): TidyFile {
  const content = readFileSync(path);
  return { path, bytes: content.length, text: content.includes(0) ? null : content.toString("utf8") };
}
