import { readFile } from "node:fs/promises";
import { join } from "node:path";
import type { Logger } from "@tidemark/telemetry";
import type { CommandContext } from "./command-context.ts";
import type { Demo } from "./data-directory.ts";
import { writeFileDurably } from "./durable-file.ts";
import type { OpenData } from "./opened-data.ts";
import { serverClient } from "./server-client.ts";
import type { Settings } from "@tidemark/installation";
import { feed } from "./shop/feed.ts";
import { createShop } from "./shop/shop.ts";
import { CALL_EVENTS_MAX, postEvents } from "./shop/shop-client.ts";
import { DAY_MS, HOUR_MS } from "./shop/shop-floor.ts";

const DEMO_SEED = 1;
const DEMO_CUSTOMERS = 2000;
const DEMO_HISTORY_MS = 365 * DAY_MS;
/** Six hours a second: a day in four seconds, a year in 24 minutes. */
const DEMO_FACTOR = (6 * HOUR_MS) / 1000;
/** So many that something happens every few seconds. */
const REAL_TIME_CUSTOMERS = 20_000;
const REAL_TIME_HISTORY_MS = 60 * DAY_MS;
const RETRY_MS = 2000;

/** A shop with a year behind it, whose time runs fast; or, where the log's clock is not ours, a larger one in real time. */
export function newDemo(now: number, { realTime }: { readonly realTime: boolean }): Demo {
  return {
    seed: DEMO_SEED,
    customers: realTime ? REAL_TIME_CUSTOMERS : DEMO_CUSTOMERS,
    startAt: now - (realTime ? REAL_TIME_HISTORY_MS : DEMO_HISTORY_MS),
    clockBase: now,
    factor: realTime ? 1 : DEMO_FACTOR,
  };
}

export interface DemoShopOptions {
  readonly data: OpenData;
  /** The gateway. */
  readonly url: string;
  readonly settings: Settings;
  readonly context: CommandContext;
  readonly signal: AbortSignal;
  readonly logger: Logger;
}

/**
 * Sends the shop's events through the HTTP interface, as any sender would: the past as fast as it is taken, then each
 * event when it is due. The shop is the same each time, so how many were sent is all there is to keep; after a kill some
 * are sent twice, and count once.
 */
export async function runDemoShop({ data, url, settings, context, signal, logger }: DemoShopOptions): Promise<void> {
  const { demo, currency } = data.installation;
  if (demo === null) return;
  const path = join(data.directory, "shop.json");
  const deliveries = createShop({
    seed: demo.seed,
    customers: demo.customers,
    startAt: demo.startAt,
    currency,
    purchasesPerWeek: 0.15,
    duplicates: 0.001,
    late: 0.002,
  });
  const before = await readDelivered(path);
  for (let skipped = 0; skipped < before; skipped += 1) deliveries.next();
  // A call under way is let finish when the demo stops, so that what it stored is counted.
  const { signal: never } = new AbortController();
  const client = serverClient({
    url,
    apiKey: settings.TIDEMARK_API_KEYS?.[0] ?? null,
    clock: context.clock,
    signal: never,
  });
  let delivered = before;
  let savedAt = context.clock.monotonic();
  const save = async (): Promise<void> => writeFileDurably(path, `${delivered}\n`);
  try {
    await feed({
      deliveries,
      clock: data.clock,
      batchMax: CALL_EVENTS_MAX,
      signal,
      async send(events) {
        for (;;) {
          try {
            await postEvents(client, events);
            return;
          } catch (error) {
            logger.warn("the simulated shop cannot send its events, trying again", { error });
            await context.clock.sleep(RETRY_MS, signal);
            signal.throwIfAborted();
          }
        }
      },
      async onSent(count) {
        delivered = before + count;
        if (context.clock.monotonic() < savedAt + SAVE_MS) return;
        savedAt = context.clock.monotonic();
        await save();
      },
    });
  } catch (error) {
    if (!signal.aborted) throw error;
  }
  await save();
}

const SAVE_MS = 1000;

async function readDelivered(path: string): Promise<number> {
  try {
    const count = Number(await readFile(path, "utf8"));
    return Number.isSafeInteger(count) ? count : 0;
  } catch {
    return 0;
  }
}
