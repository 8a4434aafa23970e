import { cpus, release, totalmem, type } from "node:os";

/** What the figures of a run depend on beside the code. */
export interface RunDescription {
  readonly cpu: string;
  readonly cores: number;
  readonly memoryGb: number;
  readonly node: string;
  readonly kernel: string;
  /** ISO 8601. */
  readonly date: string;
  readonly command: string;
}

/**
 * @param npmCommand as it is typed
 * @param words the options that change what is measured: where reports and data go is nobody else's business
 */
export function describeRun(npmCommand: string, words: readonly string[]): RunDescription {
  const cores = cpus();
  const options = words.length === 0 ? "" : ` -- ${words.join(" ")}`;
  return {
    cpu: cores[0]?.model.trim() ?? "unknown",
    cores: cores.length,
    memoryGb: Math.round(totalmem() / 2 ** 30),
    node: process.version,
    kernel: `${type()} ${release()}`,
    date: new Date().toISOString(),
    command: `${npmCommand}${options}`,
  };
}
