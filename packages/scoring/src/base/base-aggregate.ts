import { complaintCategoriesOf } from "../complaint-categories.ts";
import { exposuresOf } from "../exposure-list.ts";
import { namedCategoriesOf } from "../purchase-breadth.ts";
import { tierMovesOf } from "../tier-moves.ts";
import type { BaseProfile } from "./base-profile.ts";
import {
  type BaseSums,
  createBaseSums,
  type GroupBy,
  GROUPS,
  LIFE_GROUPS,
  type LifeGroupBy,
  loadSums,
  type SavedSums,
  saveSums,
} from "./base-sums.ts";
import { measure, MEASURES } from "./measures.ts";
import { boughtWithin, forEachLifeEvent } from "./purchase-life.ts";
import { pairIndex } from "./tier-pairs.ts";

/**
 * Figures over all profiles, kept up to date by each change of one.
 *
 *  B1 Each is a sum of a function of one profile: what a profile brings in is what it takes out again, so that the figures are those of
 *     the profiles there are, in whatever order they came to be. Whole numbers only.
 *  B2 Customers without a score that stands (no event yet, consent withdrawn) bring nothing.
 *  B3 Bounded: names, months and the histogram are, whatever comes.
 */
export class BaseAggregate {
  readonly sums: BaseSums = createBaseSums();
  readonly #lapseDays: number;

  /** @param lapseDays a buyer has lapsed after so many days without a purchase */
  constructor(lapseDays: number) {
    this.#lapseDays = lapseDays;
  }

  /** @param before null = there was none; @param after null = it is gone */
  update(before: BaseMember | null, after: BaseMember | null): void {
    const was = before !== null && before.profile.scoredAt > 0 ? before : null;
    const is = after !== null && after.profile.scoredAt > 0 ? after : null;
    if (was === null && is === null) return;
    this.#updateMeasures(was, is);
    const [old, now] = [was?.profile ?? null, is?.profile ?? null];
    if (old !== null && now !== null) {
      this.#updateChanged(old, now);
    } else {
      if (old !== null) this.#addAll(old, -1);
      if (now !== null) this.#addAll(now, 1);
    }
  }

  /** Most changes touch few of the sums. */
  #updateChanged(old: BaseProfile, now: BaseProfile): void {
    const daysSame = same(old.days, now.days) && old.foldedDays === now.foldedDays;
    if (!daysSame) {
      this.#addLife(old, -1);
      this.#addLife(now, 1);
    } else {
      for (const by of LIFE_GROUPS) {
        if (old[by] === now[by]) continue;
        this.#addGroupLife(by, old, -1);
        this.#addGroupLife(by, now, 1);
      }
    }
    if (!daysSame || !same(old.exposures, now.exposures)) {
      this.#addArms(old, -1);
      this.#addArms(now, 1);
    }
    if (!same(old.tierMoves, now.tierMoves)) {
      this.#addMoves(old, -1);
      this.#addMoves(now, 1);
    }
    if (!same(old.categories, now.categories) || !same(old.categoryNames, now.categoryNames)) {
      this.#addCategories(old, -1);
      this.#addCategories(now, 1);
    }
    if (!same(old.complaintCategories, now.complaintCategories)) {
      this.#addComplaints(old, -1);
      this.#addComplaints(now, 1);
    }
    if (old.grossMinor !== now.grossMinor || old.refundMinor !== now.refundMinor || !daysSame) {
      this.#addRevenue(old, -1);
      this.#addRevenue(now, 1);
    }
    this.#addCause(old, -1);
    this.#addCause(now, 1);
  }

  #addAll(profile: BaseProfile, sign: 1 | -1): void {
    this.#addLife(profile, sign);
    this.#addArms(profile, sign);
    this.#addMoves(profile, sign);
    this.#addCategories(profile, sign);
    this.#addComplaints(profile, sign);
    this.#addRevenue(profile, sign);
    this.#addCause(profile, sign);
  }

  #updateMeasures(was: BaseMember | null, is: BaseMember | null): void {
    if (was === null) OLD.fill(0);
    else measure(was.profile, OLD);
    if (is === null) NEW.fill(0);
    else measure(is.profile, NEW);
    const { totals, groups } = this.sums;
    let changed = 0;
    for (let i = 0; i < MEASURES.length; i++) {
      const difference = (NEW[i] as number) - (OLD[i] as number);
      if (difference === 0) continue;
      totals[i] = (totals[i] as number) + difference;
      CHANGED[changed] = i;
      DIFFERENCE[changed++] = difference;
    }
    for (const by of GROUPS) {
      const [from, to] = [was === null ? null : groupOf(was, by), is === null ? null : groupOf(is, by)];
      if (from === to && from !== null) {
        const sums = groups[by].of(from);
        for (let k = 0; k < changed; k++) {
          const i = CHANGED[k] as number;
          sums[i] = (sums[i] as number) + (DIFFERENCE[k] as number);
        }
        continue;
      }
      if (from !== null) addSigned(groups[by].of(from), OLD, -1);
      if (to !== null) addSigned(groups[by].of(to), NEW, 1);
    }
  }

  #addLife(profile: BaseProfile, sign: 1 | -1): void {
    if (profile.purchaseDays === 0) return;
    const { life, groupLife } = this.sums;
    const segment = groupLife.segment.of(profile.segment);
    const industry = groupLife.industry.of(profile.industry);
    const region = groupLife.region.of(profile.region);
    // One walk for all of them.
    forEachLifeEvent(profile, this.#lapseDays, (month, index) => {
      life.add(month, index, sign);
      segment.add(month, index, sign);
      industry.add(month, index, sign);
      region.add(month, index, sign);
    });
  }

  #addGroupLife(by: LifeGroupBy, profile: BaseProfile, sign: 1 | -1): void {
    if (profile.purchaseDays === 0) return;
    const life = this.sums.groupLife[by].of(profile[by]);
    forEachLifeEvent(profile, this.#lapseDays, (month, index) => life.add(month, index, sign));
  }

  #addArms({ exposures, days }: BaseProfile, sign: 1 | -1): void {
    if (exposures.length === 0) return;
    for (const { experiment, arm, day } of exposuresOf(exposures)) {
      const converted = boughtWithin(days, day, day + CONVERSION_DAYS) ? sign : 0;
      add(this.sums.arms.of(armKey(experiment, arm)), sign, converted, 0);
    }
  }

  #addMoves({ tierMoves }: BaseProfile, sign: 1 | -1): void {
    for (const { month, from, to } of tierMovesOf(tierMoves)) this.sums.moves.add(month, pairIndex(from, to), sign);
  }

  #addCategories({ categories, categoryNames }: BaseProfile, sign: 1 | -1): void {
    for (const { name, purchases, grossMinor } of namedCategoriesOf(categories as Buffer, categoryNames as Buffer)) {
      const sums = name === "" ? this.sums.categories.other : this.sums.categories.of(name);
      add(sums, sign, sign * purchases, sign * grossMinor);
    }
  }

  #addComplaints({ complaintCategories }: BaseProfile, sign: 1 | -1): void {
    for (const { name, count } of complaintCategoriesOf(complaintCategories as Buffer)) {
      add(this.sums.complaintCategories.of(name), sign, sign * count, 0);
    }
  }

  #addRevenue({ purchaseDays, grossMinor, refundMinor }: BaseProfile, sign: 1 | -1): void {
    if (purchaseDays > 0) this.sums.revenue.add(grossMinor - refundMinor, sign);
  }

  #addCause({ standing }: BaseProfile, sign: 1 | -1): void {
    if (standing !== null) add(this.sums.causes.of(standing.cause), sign, sign * standing.atRiskMinor, 0);
  }

  save(): SavedBase {
    return { version: SAVED_VERSION, lapseDays: this.#lapseDays, sums: saveSums(this.sums) };
  }

  /** @returns whether it could be: not what another version, or one with another lapse, has saved */
  load({ version, lapseDays, sums }: Partial<SavedBase>): boolean {
    if (version !== SAVED_VERSION || lapseDays !== this.#lapseDays || sums === undefined) return false;
    loadSums(this.sums, sums);
    return true;
  }
}

/** A profile with the stage it is in. */
export interface BaseMember {
  readonly profile: BaseProfile;
  readonly lifecycle: string;
}

export interface SavedBase {
  readonly version: number;
  readonly lapseDays: number;
  readonly sums: SavedSums;
}

/** Raised whenever what is summed changes: what an older one saved is then made anew. */
const SAVED_VERSION = 2;

/** Who buys from the day of the first exposure up to so many days after it counts as converted. */
export const CONVERSION_DAYS = 30;

/** What a sum by arm is known by: the arm comes after the last line break. */
function armKey(experiment: string, arm: string): string {
  return `${experiment}\n${arm}`;
}

export function armOf(key: string): { readonly experiment: string; readonly arm: string } {
  const end = key.lastIndexOf("\n");
  return { experiment: key.slice(0, end), arm: key.slice(end + 1) };
}

/** Written and read within one call. */
const OLD = new Float64Array(MEASURES.length);
const NEW = new Float64Array(MEASURES.length);
const CHANGED = new Int32Array(MEASURES.length);
const DIFFERENCE = new Float64Array(MEASURES.length);

function groupOf({ profile, lifecycle }: BaseMember, by: GroupBy): string {
  return by === "lifecycle" ? lifecycle : profile[by];
}

function addSigned(sums: Float64Array, measures: Float64Array, sign: 1 | -1): void {
  for (let i = 0; i < sums.length; i++) sums[i] = (sums[i] as number) + sign * (measures[i] as number);
}

function add(sums: Float64Array, first: number, second: number, third: number): void {
  sums[0] = (sums[0] as number) + first;
  sums[1] = (sums[1] as number) + second;
  if (sums.length > 2) sums[2] = (sums[2] as number) + third;
}

/** Lists of a few bytes, mostly: a call into the engine's own comparison costs more. */
function same(one: Uint8Array, other: Uint8Array): boolean {
  const { length } = one;
  if (length !== other.length) return false;
  if (length > 64) return Buffer.compare(one, other) === 0;
  for (let i = length - 1; i >= 0; i--) if (one[i] !== other[i]) return false;
  return true;
}
