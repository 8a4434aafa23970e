import type { CommandContext } from "./command-context.ts";

/** What a command says: results on standard output, everything else on standard error. */
export interface Console {
  /** A result for a program: one line of JSON. */
  json(value: unknown): void;
  /** A result for a person. */
  line(text: string): void;
  /** What happens meanwhile, for a person. */
  note(text: string): void;
}

export function consoleOf({ stdout, stderr }: CommandContext): Console {
  return {
    json: (value) => void stdout.write(`${JSON.stringify(value)}\n`),
    line: (text) => void stdout.write(`${text}\n`),
    note: (text) => void stderr.write(`${text}\n`),
  };
}
