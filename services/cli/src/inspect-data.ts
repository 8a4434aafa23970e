import { readdir, stat } from "node:fs/promises";
import { join } from "node:path";
import { readKeptModel } from "@tidemark/installation";
import type { Artefact, Model } from "@tidemark/scoring";
import { type LogRecord, parseChangelogKey, readToEnd } from "@tidemark/streams";
import type { Inspection, ProfileLine } from "./inspection.ts";
import type { OpenData } from "./opened-data.ts";

/**
 * What is in an open data directory, as of the last commits. It reads the log alone and neither starts a task nor waits
 * for one: the changelog is the truth of the profiles.
 */
export async function inspect(data: OpenData): Promise<Inspection> {
  const { log, contracts, installation, clock } = data;
  const champion = await readKeptModel({ log, contracts, place: installation });
  const inForce = champion === null || isOf(data.model, champion) ? data.model.artefact : champion;
  const { name, version, fitted, timeUnitDays, currency, purchases, spend } = inForce;
  const topics: Inspection["topics"][number][] = [];
  for (const spec of await log.topics()) {
    // A cluster has topics of others too.
    if (!spec.name.startsWith(installation.topicPrefix)) continue;
    const offsets = Array.from({ length: spec.partitions }, (_, partition) => log.offsets(spec.name, partition));
    topics.push({
      name: spec.name,
      partitions: (await Promise.all(offsets)).map(({ start, end }) => ({ start, end })),
    });
  }
  topics.sort((a, b) => (a.name < b.name ? -1 : 1));

  let profiles = 0;
  const ticks: number[] = [];
  for (let partition = 0; partition < installation.partitions; partition += 1) {
    const keys = new Set<string>();
    const tick = await readChangelog(data, partition, (key, value) => {
      if (value === null) keys.delete(key);
      else keys.add(key);
    });
    profiles += keys.size;
    if (tick !== null) ticks.push(tick);
  }
  const changelog = topics.find((topic) => topic.name === contracts.topics.processorState);
  return {
    topics,
    store: {
      profiles,
      bytes: await bytesBelow(join(data.directory, "stores")),
      offset: (changelog?.partitions ?? []).reduce((sum, { end }) => sum + end, 0),
    },
    clock: {
      mode: installation.clock,
      timeZone: installation.timeZone,
      now: new Date(clock.now()).toISOString(),
      tick: ticks.length < installation.partitions ? null : new Date(Math.min(...ticks)).toISOString(),
    },
    model: { name, version, fitted, timeUnitDays, currency, purchases, spend },
  };
}

/** Whether a model is the champion, or what this process's settings make of it; else another came into force since it was opened. */
function isOf({ ref }: Model, { name, version }: Artefact): boolean {
  return ref.name === name && (ref.version === version || ref.version.startsWith(`${version}+`));
}

/** Each customer's profile in numbers, a partition at a time; customers who have not bought have nulls. */
export async function* profileLines(data: OpenData): AsyncGenerator<readonly ProfileLine[]> {
  const { contracts, installation, model } = data;
  for (let partition = 0; partition < installation.partitions; partition += 1) {
    const newest = new Map<string, Uint8Array>();
    const tick = await readChangelog(data, partition, (key, value) => {
      if (value === null) newest.delete(key);
      else newest.set(key, value);
    });
    let block: ProfileLine[] = [];
    for (const value of newest.values()) {
      const profile = contracts.codecs.processorState.decode(value);
      const { customerId, purchaseDays, firstDay, lastDay } = profile;
      const hasBought = purchaseDays > 0;
      block.push({
        customerId,
        x: hasBought ? purchaseDays - 1 : null,
        txWeeks: hasBought ? (lastDay - firstDay) / 7 : null,
        tWeeks: hasBought && tick !== null ? (model.calendar.dayOf(tick) - firstDay) / 7 : null,
        spendMinor: profile.grossMinor - profile.refundMinor,
        repeatSpendMinor: hasBought ? profile.grossMinor - profile.firstDayGrossMinor : null,
      });
      if (block.length === BLOCK_LINES) {
        yield block;
        block = [];
      }
    }
    yield block;
  }
}

const BLOCK_LINES = 1000;
const FETCH_BYTES_MAX = 1024 * 1024;

/**
 * Reads a partition of the changelog from its start to the end it has now. The newest value of each key counts; memory
 * is what the caller keeps.
 * @returns the newest tick, ms since the epoch; null before the first turn
 */
export async function readChangelog(
  { log, contracts, clock }: Pick<OpenData, "log" | "contracts" | "clock">,
  partition: number,
  onState: (key: string, value: Uint8Array | null) => void,
): Promise<number | null> {
  const place = { topic: contracts.topics.processorState, partition };
  const { signal } = new AbortController();
  let tick: number | null = null;
  const take = ({ key, value }: LogRecord): void => {
    const parsed = key === null ? null : parseChangelogKey(key);
    if (parsed?.kind === "state") onState(parsed.key, value);
    if (parsed?.kind === "journal" && value !== null) tick = contracts.codecs.journal.decode(value).tickMs;
  };
  for await (const { records } of readToEnd(log, place, { bytesMax: FETCH_BYTES_MAX, signal })) {
    records.forEach(take);
    // A server answers others between two steps.
    await clock.yield();
  }
  return tick;
}

async function bytesBelow(directory: string): Promise<number> {
  let bytes = 0;
  const entries = await readdir(directory, { recursive: true, withFileTypes: true }).catch(() => []);
  for (const entry of entries) {
    if (!entry.isFile()) continue;
    // A running store deletes files under our eyes.
    const found = await stat(join(entry.parentPath, entry.name)).catch(() => null);
    bytes += found?.size ?? 0;
  }
  return bytes;
}
