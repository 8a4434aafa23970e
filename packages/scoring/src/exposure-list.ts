import type { Interaction, Profile } from "@tidemark/contracts";
import type { Model } from "./model.ts";
import { boundedName } from "./name-table.ts";

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
  if (isKnownBefore(profile.exposures, bounded, at)) return;
  const exposure: Exposure = {
    experiment: bounded,
    arm: boundedName(arm ?? "", ARM_BYTES_MAX),
    at,
    day: calendar.dayOf(at),
  };
  const known = exposuresOf(profile.exposures);
  const before = known.find(({ experiment: one }) => one === exposure.experiment);
  if (before !== undefined && !isEarlier(exposure, before)) return;
  const kept = [...known.filter((one) => one !== before), exposure].sort((a, b) => (isEarlier(a, b) ? -1 : 1));
  profile.exposures = packed(kept.slice(-EXPOSURES_MAX));
}

/** Whether there was an exposure to the experiment earlier than that, as most have: told without unpacking the list. */
function isKnownBefore(exposures: Buffer, experiment: string, at: number): boolean {
  const length = SCRATCH.write(experiment);
  for (let start = 0; start < exposures.length;) {
    const nameAt = start + NAMES_AT + 1;
    const armAt = nameAt + (exposures[nameAt - 1] as number) + 1;
    if (armAt - 1 - nameAt === length) {
      let same = 0;
      while (same < length && exposures[nameAt + same] === SCRATCH[same]) same++;
      if (same === length) return exposures.readUIntLE(start, 6) < at;
    }
    start = armAt + (exposures[armAt - 1] as number);
  }
  return false;
}

/** Oldest first. @param exposures as `Profile.exposures` */
export function exposuresOf(exposures: Uint8Array): Exposure[] {
  const bytes = exposures as Buffer;
  const known: Exposure[] = [];
  let start = 0;
  while (start < bytes.length) {
    const experimentAt = start + NAMES_AT + 1;
    const armAt = experimentAt + (bytes[experimentAt - 1] as number) + 1;
    const end = armAt + (bytes[armAt - 1] as number);
    known.push({
      experiment: bytes.toString("utf8", experimentAt, armAt - 1),
      arm: bytes.toString("utf8", armAt, end),
      at: bytes.readUIntLE(start, 6),
      day: bytes.readInt32LE(start + DAY_AT),
    });
    start = end;
  }
  return known;
}

const DAY_AT = 6;
const NAMES_AT = 10;

export const EXPOSURES_BYTES_MAX = EXPOSURES_MAX * (NAMES_AT + 1 + EXPERIMENT_BYTES_MAX + 1 + ARM_BYTES_MAX);

function packed(exposures: readonly Exposure[]): Buffer {
  let end = 0;
  for (const { experiment, arm, at, day } of exposures) {
    SCRATCH.writeUIntLE(at, end, 6);
    SCRATCH.writeInt32LE(day, end + DAY_AT);
    end = writeName(end + NAMES_AT, experiment);
    end = writeName(end, arm);
  }
  return Buffer.from(SCRATCH.subarray(0, end));
}

/** @returns the index behind it */
function writeName(at: number, name: string): number {
  const bytes = SCRATCH.write(name, at + 1);
  SCRATCH[at] = bytes;
  return at + 1 + bytes;
}

/** Written and copied from within one call. */
const SCRATCH = Buffer.alloc(EXPOSURES_MAX * (NAMES_AT + 2 + EXPERIMENT_BYTES_MAX + ARM_BYTES_MAX));

function isEarlier(one: Exposure, other: Exposure): boolean {
  if (one.at !== other.at) return one.at < other.at;
  return one.arm === other.arm ? one.experiment < other.experiment : one.arm < other.arm;
}
