import { once } from "node:events";
import { createWriteStream, type WriteStream } from "node:fs";
import { finished } from "node:stream/promises";
import type { Command } from "commander";
import { scaledClock } from "@tidemark/clock";
import type { CommandContext } from "../command-context.ts";
import { consoleOf } from "../console.ts";
import { CommandFailed, exitCodes } from "../failure.ts";
import { systemWords } from "../system-words.ts";
import { clientFor } from "../running-server.ts";
import { serverRules } from "../server-rules.ts";
import { addSettingOptions, settingFlags } from "../setting-options.ts";
import { parseSettings, type Settings } from "@tidemark/installation";
import { feed } from "../shop/feed.ts";
import { createShop, deliveriesBefore } from "../shop/shop.ts";
import { CALL_EVENTS_MAX, postEvents } from "../shop/shop-client.ts";
import { DAY_MS, HOUR_MS, type ShopOptions } from "../shop/shop-floor.ts";
import { day, positiveNumber, share, wholeNumber } from "./options.ts";

interface SimulateOptions {
  readonly customers: number;
  readonly rate: number;
  readonly seed: number;
  readonly hoursPerSecond: number;
  readonly days: number;
  readonly start?: number;
  readonly duplicates: number;
  readonly late: number;
  readonly out?: string;
  readonly url?: string;
  readonly json?: boolean;
}

/** `simulate`: a seeded shop, into a file or to a running server. */
export function addSimulateCommand(program: Command, context: CommandContext): void {
  const command = program
    .command("simulate")
    .description("A simulated shop: the events of its customers' lives, into a file or to a running server.")
    .option("--customers <COUNT>", "customers it starts with; more come every year", wholeNumber(1, 10_000_000), 1000)
    .option("--rate <PURCHASES>", "purchases a week of a customer who has not left", positiveNumber(50), 0.15)
    .option("--seed <NUMBER>", "same seed and options, same events", wholeNumber(0, Number.MAX_SAFE_INTEGER), 1)
    .option("--days <COUNT>", "how long it lives", wholeNumber(1, 36_500), 30)
    .option("--start <DATE>", "its first day (2025-01-01; to a server: so many days ago)", day)
    .option("--hours-per-second <HOURS>", "to a server: simulated hours a real second", positiveNumber(100_000), 6)
    .option("--duplicates <SHARE>", "share of the events that arrive twice", share, 0)
    .option("--late <SHARE>", "share of the events that arrive hours late", share, 0)
    .option("--out <FILE>", "write NDJSON as POST /v1/events takes it; - for standard output")
    .option("--url <URL>", "the server to send to (http://127.0.0.1:8080)")
    .option("--json", "print the result as JSON")
    .addHelpText(
      "after",
      `
Examples:
  tidemark simulate --customers 500 --days 365 --out shop.ndjson
  tidemark simulate --days 90 --hours-per-second 24        to the server that runs on this machine

The same seed gives the same bytes wherever this release runs.`,
    );
  addSettingOptions(command, ["TIDEMARK_CURRENCY", "TIDEMARK_API_KEYS"]);
  command.action(async (options: SimulateOptions) => {
    const settings = parseSettings(context.environment, settingFlags(command.opts()));
    const events =
      options.out === undefined ? await post(options, settings, context) : await write(options, settings, context);
    const console = consoleOf(context);
    if (options.out === "-") return;
    if (options.json === true) console.json({ events });
    else console.line(`${events} events ${options.out === undefined ? "sent" : `written to ${options.out}`}`);
  });
}

/** @param currency ISO 4217 */
function shopOptions(options: SimulateOptions, currency: string, startAt: number): ShopOptions {
  return {
    seed: options.seed,
    customers: options.customers,
    startAt,
    currency,
    purchasesPerWeek: options.rate,
    duplicates: options.duplicates,
    late: options.late,
  };
}

/** Does not look at any clock: the bytes depend on the options alone. */
async function write(options: SimulateOptions, settings: Settings, context: CommandContext): Promise<number> {
  const startAt = (options.start ?? FIRST_DAY) * DAY_MS;
  const stream = options.out === "-" || options.out === undefined ? context.stdout : createWriteStream(options.out);
  let events = 0;
  let pending = "";
  const flush = async (): Promise<void> => {
    context.signal.throwIfAborted();
    if (pending !== "" && !stream.write(pending)) await once(stream, "drain", { signal: context.signal });
    pending = "";
  };
  try {
    const shop = createShop(shopOptions(options, settings.TIDEMARK_CURRENCY ?? "EUR", startAt));
    for (const { event } of deliveriesBefore(shop, startAt + options.days * DAY_MS)) {
      pending += `${JSON.stringify(event)}\n`;
      events += 1;
      if (pending.length >= WRITE_CHARACTERS) await flush();
    }
    await flush();
    if (stream !== context.stdout) {
      stream.end();
      await finished(stream as WriteStream);
    }
  } catch (error) {
    if (context.signal.aborted) throw error;
    throw new CommandFailed(exitCodes.usage, `cannot write the events: ${systemWords(error)}`, { cause: error });
  }
  return events;
}

async function post(options: SimulateOptions, settings: Settings, context: CommandContext): Promise<number> {
  const { clock, signal } = context;
  const startAt = options.start === undefined ? clock.now() - options.days * DAY_MS : options.start * DAY_MS;
  const factor = (options.hoursPerSecond * HOUR_MS) / 1000;
  const client = clientFor(options.url ?? `http://127.0.0.1:${settings.TIDEMARK_PORT}`, settings, context);
  const { currency } = await serverRules(client, settings);
  const shop = createShop(shopOptions(options, currency, startAt));
  let sent = 0;
  await feed({
    deliveries: deliveriesBefore(shop, startAt + options.days * DAY_MS),
    clock: scaledClock(clock, { base: startAt, factor, startedAt: clock.monotonic() }),
    batchMax: CALL_EVENTS_MAX,
    signal,
    send: async (events) => postEvents(client, events),
    onSent: async (delivered) => {
      sent = delivered;
    },
  });
  return sent;
}

/** 2025-01-01, days since 1970-01-01. */
const FIRST_DAY = 20_089;
const WRITE_CHARACTERS = 64 * 1024;
