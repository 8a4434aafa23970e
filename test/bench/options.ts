import { parseArgs } from "node:util";
/** What is said of a benchmark on the command line. */
type Named = { readonly name: string; readonly summary: string };

export interface Options<Chosen> {
  readonly help: boolean;
  readonly quick: boolean;
  readonly json: boolean;
  /** File to write the report to as Markdown. */
  readonly markdown: string | null;
  /** Where the data go while it runs; null = the system's place for temporary files. */
  readonly directory: string | null;
  readonly chosen: readonly Chosen[];
}

/** @throws Error that says what is wrong with the words */
export function parseOptions<Chosen extends Named>(
  words: readonly string[],
  benchmarks: readonly Chosen[],
): Options<Chosen> {
  const { values } = parseArgs({
    args: [...words],
    options: {
      help: { type: "boolean", default: false },
      quick: { type: "boolean", default: false },
      json: { type: "boolean", default: false },
      only: { type: "string", multiple: true, default: [] },
      markdown: { type: "string" },
      directory: { type: "string" },
    },
  });
  const names = values.only.flatMap((list) => list.split(","));
  const unknown = names.filter((name) => !benchmarks.some((benchmark) => benchmark.name === name));
  if (unknown.length > 0) throw new Error(`there is no benchmark ${unknown.join(", ")}; --help lists them`);
  return {
    help: values.help,
    quick: values.quick,
    json: values.json,
    markdown: values.markdown ?? null,
    directory: values.directory ?? null,
    chosen: names.length === 0 ? benchmarks : benchmarks.filter(({ name }) => names.includes(name)),
  };
}

/** @param command as it is typed */
export function helpText(command: string, benchmarks: readonly Named[]): string {
  const width = Math.max(...benchmarks.map(({ name }) => name.length));
  return `${command} [-- OPTIONS]

Measures speed and prints each figure beside its target. It judges nothing: the exit code says only whether it ran.
Let nothing else run on the machine meanwhile.

Options:
  --only NAME[,NAME]   these benchmarks only
  --quick              small sizes: shows in a minute or two that everything works, and says nothing about speed
  --json               prints the report as JSON
  --markdown FILE      writes the figures into FILE too: between its markers if it has them, and in the
                       place of those of the same benchmarks
  --directory DIR      puts the data, some GB, below DIR instead of the system's place for temporary files
  --help

Benchmarks:
${benchmarks.map(({ name, summary }) => `  ${name.padEnd(width)}   ${summary}`).join("\n")}
`;
}
