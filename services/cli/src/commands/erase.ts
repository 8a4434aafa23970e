import { parseSettings } from "@tidemark/installation";
import type { Command } from "commander";
import { z } from "zod";
import type { CommandContext } from "../command-context.ts";
import { consoleOf } from "../console.ts";
import { CommandFailed, exitCodes } from "../failure.ts";
import type { ServerClient } from "../server-client.ts";
import { addSettingOptions, settingFlags } from "../setting-options.ts";
import { wholeNumber } from "./options.ts";

interface EraseOptions {
  readonly url?: string;
  readonly wait?: number;
  readonly json?: boolean;
}

/** `erase ID`: a customer is forgotten, and the proof of it. */
export function addEraseCommand(program: Command, context: CommandContext): void {
  const command = program
    .command("erase")
    .description("Erases a customer: profile and score at once, records as the log lets go of them, and for good.")
    .argument("<ID>", "the customer's id")
    .option("--url <URL>", "ask this server")
    .option("--wait <SECONDS>", `how long to wait until it is done (${WAIT_SECONDS})`, wholeNumber(0, 86_400))
    .option("--json", "print the result as JSON")
    .addHelpText(
      "after",
      `
What is imported, replayed or sent late and happened before the erasure does not bring the customer back; what
happens after it begins a new profile. Files that were imported are not touched. docs/privacy.md says what is kept where.

Example:
  tidemark erase 00004`,
    );
  addSettingOptions(command, ["TIDEMARK_DATA_DIR", "KAFKA_BROKERS", "TIDEMARK_ERASURE_KEY"]);
  command.action(async (id: string, options: EraseOptions) => {
    const settings = parseSettings(context.environment, settingFlags(command.opts()));
    const { withServer } = await import("../running-server.ts");
    const waitMs = 1_000 * (options.wait ?? WAIT_SECONDS);
    const done = await withServer({ url: options.url, settings, context }, (client) =>
      erase(client, id, waitMs, context),
    );
    const console = consoleOf(context);
    if (options.json === true) console.json(done);
    else for (const line of wordsOf(done)) console.line(line);
  });
}

const WAIT_SECONDS = 60;
const POLL_MS = 50;
const NOTE_MS = 2_000;

const erasureSchema = z.object({
  appendedAt: z.iso.datetime(),
  erasedAt: z.iso.datetime().nullable(),
  copies: z.array(z.object({ topic: z.string(), policy: z.string(), goneBy: z.iso.datetime() })),
});
type ErasureAnswer = z.infer<typeof erasureSchema>;

/** @throws CommandFailed: wrong usage, configuration, or a failed check where it is stored and not done in time */
async function erase(
  client: ServerClient,
  id: string,
  waitMs: number,
  context: CommandContext,
): Promise<ErasureAnswer> {
  const { clock, signal } = context;
  const path = `/v1/customers/${encodeURIComponent(id)}`;
  const answer = await client.call({ method: "DELETE", path });
  if (answer.status === 409) {
    throw new CommandFailed(
      exitCodes.configuration,
      "there is no secret to keep the erasure under: set TIDEMARK_ERASURE_KEY, to the same for every process",
    );
  }
  if (answer.status !== 202) throw new CommandFailed(exitCodes.usage, "the id cannot be one of a customer");
  const asked = erasureSchema.parse(JSON.parse(answer.text));
  const startedAt = clock.monotonic();
  for (let notedAt = startedAt; ;) {
    const { status, text } = await client.call({ method: "GET", path: `${path}/erasure` });
    const found = status === 200 ? erasureSchema.parse(JSON.parse(text)) : null;
    if (found !== null && found.appendedAt >= asked.appendedAt) return found;
    const now = clock.monotonic();
    if (now - startedAt >= waitMs) {
      throw new CommandFailed(
        exitCodes.rowsRejected,
        "the erasure is stored and not applied yet: it will be as soon as the processor comes to it; ask again later",
      );
    }
    if (now - notedAt >= NOTE_MS) {
      notedAt = now;
      consoleOf(context).note("the erasure is stored; waiting for the processor to apply it");
    }
    await clock.sleep(POLL_MS, signal);
    signal.throwIfAborted();
  }
}

function wordsOf({ erasedAt, copies }: ErasureAnswer): string[] {
  const width = Math.max(...copies.map(({ topic }) => topic.length));
  const last = copies.map(({ goneBy }) => goneBy).reduce((latest, goneBy) => (goneBy > latest ? goneBy : latest), "");
  return [
    `erased: what happened up to ${erasedAt ?? ""} is gone from profiles and scores, and does not come back`,
    "records in the log are gone at the latest by:",
    ...copies.map(({ topic, policy, goneBy }) => {
      return `  ${topic.padEnd(width)}  ${goneBy}  ${policy === "compact" ? "compaction" : "retention"}`;
    }),
    `the last copy is gone by ${last}; files that were imported, backups and what others have read are not reached`,
  ];
}
