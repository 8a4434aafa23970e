import { spawnSync } from "node:child_process";
import { sourceFiles } from "./source-files.ts";

/**
 * Holds the arrows of `.dependency-cruiser.cjs`. dependency-cruiser passes without a word when it understands no
 * file at all, so what it saw is compared with what is there, file by file.
 */
interface CruiseResult {
  readonly modules: readonly { readonly source: string; readonly followable?: boolean }[];
  readonly summary: {
    readonly violations: readonly {
      readonly from: string;
      readonly to: string;
      readonly rule: { readonly name: string };
      readonly cycle?: readonly { readonly name: string }[];
    }[];
  };
}

const result = cruise();
const seen = new Set(result.modules.map((module) => module.source));
const expected = sourceFiles().filter(
  (path) => /^(packages|services|test)\/.*\.ts$/.test(path) && !path.endsWith(".d.ts"),
);
const unseen = expected.filter((path) => !seen.has(path));

for (const { from, to, rule, cycle } of result.summary.violations) {
  const route = cycle === undefined ? to : cycle.map((step) => step.name).join(" → ");
  console.error(`${rule.name}: ${from} → ${route}`);
}
for (const path of unseen) console.error(`not seen by dependency-cruiser: ${path}`);
console.log(`${expected.length - unseen.length} of ${expected.length} modules seen`);
if (result.summary.violations.length > 0 || unseen.length > 0 || expected.length === 0) process.exitCode = 1;

function cruise(): CruiseResult {
  const folders = ["packages", "services", "test"];
  const ran = spawnSync("depcruise", ["--output-type", "json", ...folders], {
    encoding: "utf8",
    maxBuffer: 256 * 1024 * 1024,
  });
  if (ran.error !== undefined || !ran.stdout.startsWith("{")) {
    throw new Error(`dependency-cruiser did not run\n${ran.stderr ?? ""}`, { cause: ran.error });
  }
  return JSON.parse(ran.stdout) as CruiseResult;
}
