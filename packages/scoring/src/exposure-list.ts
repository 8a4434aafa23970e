import type { Interaction, Profile } from "@tidemark/contracts";
import type { Model } from "./model.ts";
import { boundedName } from "./name-table.ts";
import { isNameAt, nameEnd, readName, writeName } from "./packed-names.ts";
import { copyBytes } from "./packed-numbers.ts";

/** The first exposure of a customer to an experiment, or to a campaign without one. */
export interface Exposure {
  readonly experiment: string;
  /** Of the earliest exposure; empty = none said. */
  readonly arm: string;
  /** ms since the epoch. */
  readonly at: number;
  /** Local, days since 1970-01-01. */
  readonly day: number;
}

/** Experiments and campaigns that are remembered of a customer; the one whose first exposure is oldest leaves. */
const EXPOSURES_MAX = 4;
const EXPERIMENT_BYTES_MAX = 24;
const ARM_BYTES_MAX = 16;

/** Keeps the first exposure to each experiment, in whatever order they come; of two of one instant the one whose arm comes first by name. */
export function rememberExposure(
  profile: Profile,
  { campaign, experiment, arm }: Interaction,
  at: number,
  { calendar }: Model,
): void {
  const name = experiment ?? campaign;
  if (name === null) return;
  const bounded = boundedName(name, EXPERIMENT_BYTES_MAX);
  const { exposures } = profile;
  let before = -1;
  let count = 0;
  let newestStart = 0;
  for (let start = 0; start < exposures.length; start = endOf(exposures, start)) {
    if (before < 0 && isNameAt(exposures, start + NAMES_AT, bounded)) before = start;
    newestStart = start;
    count++;
  }
  // What most are: of an experiment that is known already, or newer than all there are. The list is not unpacked for them.
  if (before >= 0 && timeAt(exposures, before) < at) return;
  const exposure: Exposure = {
    experiment: bounded,
    arm: boundedName(arm ?? "", ARM_BYTES_MAX),
    at,
    day: calendar.dayOf(at),
  };
  if (before < 0 && (count === 0 || timeAt(exposures, newestStart) < at)) {
    profile.exposures = appended(exposures, count < EXPOSURES_MAX ? 0 : endOf(exposures, 0), exposure);
  } else {
    profile.exposures = merged(exposures, exposure);
  }
}

/** The list with an exposure at its place, in the stead of a later one to the same experiment. */
function merged(exposures: Buffer, exposure: Exposure): Buffer {
  const known = exposuresOf(exposures);
  const before = known.find(({ experiment }) => experiment === exposure.experiment);
  if (before !== undefined && !isEarlier(exposure, before)) return exposures;
  const kept = [...known.filter((one) => one !== before), exposure].sort((a, b) => (isEarlier(a, b) ? -1 : 1));
  let end = 0;
  for (const each of kept.slice(-EXPOSURES_MAX)) end = write(SCRATCH, end, each);
  return Buffer.from(SCRATCH.subarray(0, end));
}

/** The list from a byte on, with an exposure after all others. */
function appended(exposures: Buffer, from: number, exposure: Exposure): Buffer {
  const end = write(SCRATCH, 0, exposure);
  const kept = exposures.length - from;
  const longer = Buffer.allocUnsafe(kept + end);
  copyBytes(exposures, from, exposures.length, longer, 0);
  copyBytes(SCRATCH, 0, end, longer, kept);
  return longer;
}

function timeAt(exposures: Buffer, start: number): number {
  return exposures.readUIntLE(start, 6);
}

/** Where the entry that begins there ends. */
function endOf(exposures: Buffer, start: number): number {
  return nameEnd(exposures, nameEnd(exposures, start + NAMES_AT));
}

/** Oldest first. @param exposures as `Profile.exposures` */
export function exposuresOf(exposures: Uint8Array): Exposure[] {
  const bytes = exposures as Buffer;
  const known: Exposure[] = [];
  for (let start = 0; start < bytes.length; start = endOf(bytes, start)) {
    const namesAt = start + NAMES_AT;
    known.push({
      experiment: readName(bytes, namesAt),
      arm: readName(bytes, nameEnd(bytes, namesAt)),
      at: timeAt(bytes, start),
      day: bytes.readInt32LE(start + DAY_AT),
    });
  }
  return known;
}

/** An entry: when, ms, 6 bytes; the day, 4; the names, each behind its length. */
const DAY_AT = 6;
const NAMES_AT = 10;

export const EXPOSURES_BYTES_MAX = EXPOSURES_MAX * (NAMES_AT + 1 + EXPERIMENT_BYTES_MAX + 1 + ARM_BYTES_MAX);

/** @returns the index behind it */
function write(bytes: Buffer, start: number, { experiment, arm, at, day }: Exposure): number {
  bytes.writeUIntLE(at, start, 6);
  bytes.writeInt32LE(day, start + DAY_AT);
  return writeName(bytes, writeName(bytes, start + NAMES_AT, experiment), arm);
}

/** Written and copied from within one call. */
const SCRATCH = Buffer.alloc(EXPOSURES_MAX * (NAMES_AT + 2 + EXPERIMENT_BYTES_MAX + ARM_BYTES_MAX));

function isEarlier(one: Exposure, other: Exposure): boolean {
  if (one.at !== other.at) return one.at < other.at;
  return one.arm === other.arm ? one.experiment < other.experiment : one.arm < other.arm;
}
