import { readKeptModel } from "@tidemark/installation";
import {
  type Artefact,
  type BaseFigures,
  categoryKeysOf,
  createModel,
  indicatorsOf,
  type Model,
  modelHash,
  type TierScorecard,
} from "@tidemark/scoring";
import { PRESETS, type Scorecard } from "@tidemark/scoring/scorecards";
import { readChangelog } from "../inspect-data.ts";
import type { OpenData } from "../opened-data.ts";
import { baseCollector } from "./base-figures.ts";

/** An artefact that is yet to be published, or why there is none. */
export type Draft =
  | { readonly ok: true; readonly artefact: Artefact }
  | { readonly ok: false; readonly reason: string };

/**
 * The artefact in force with figures of the base as it is now, and, if wanted, with a scorecard that gives tiers.
 * @param tiersBy name of a scorecard of the artefact or of a preset; null = tiers stay as they are
 */
export async function draftArtefact(data: OpenData, tiersBy: string | null): Promise<Draft> {
  const { log, contracts, installation } = data;
  const inForce = (await readKeptModel({ log, contracts, place: installation })) ?? data.model.artefact;
  const base = await baseOf(data, createModel(inForce));
  if (base === null) return { ok: false, reason: "nobody has bought in the trailing year: there is no base" };
  const withBase = { ...inForce, base };
  if (tiersBy === null) return { ok: true, artefact: versioned(withBase) };
  const scorecard = inForce.scorecards?.find(({ name }) => name === tiersBy) ?? PRESETS.get(tiersBy);
  if (scorecard === undefined) return { ok: false, reason: `there is no scorecard ${tiersBy}` };
  const others = (inForce.scorecards ?? []).filter(({ name }) => name !== tiersBy);
  const tiers = { ...inForce.tiers, by: { scorecard: tiersBy, levels: levelsOf(scorecard) } };
  return { ok: true, artefact: versioned({ ...withBase, scorecards: [...others, scorecard], tiers }) };
}

const TIERS = ["OPTIMISATION", "DEVELOPMENT", "SILVER", "GOLD", "PLATINUM"] as const;
/** Points from which each is reached, where grades do not name the tiers: a fifth of the scale each. */
const POINTS = [0, 20, 40, 60, 80];

/** By grades, where they are named as the tiers are; else by points. */
function levelsOf({ grades }: Scorecard): TierScorecard["levels"] {
  const names = new Set(grades.map(({ grade }) => grade));
  return TIERS.every((tier) => names.has(tier.toLowerCase()))
    ? TIERS.map((tier) => ({ tier, grade: tier.toLowerCase() }))
    : TIERS.map((tier, index) => ({ tier, fromPoints: POINTS[index] ?? 0 }));
}

/** Equal content is the same version, wherever and whenever it was made. */
function versioned(artefact: Artefact): Artefact {
  const unnamed = { ...artefact, version: "" };
  return { ...unnamed, version: modelHash(unnamed).slice(0, VERSION_LENGTH) };
}

const VERSION_LENGTH = 12;
/** Customers between two moments in which a server answers others. */
const CUSTOMERS_AT_ONCE = 500;

/** As of how far time has been worked off; a partition at a time. */
async function baseOf(data: OpenData, model: Model): Promise<BaseFigures | null> {
  const { contracts, installation, clock } = data;
  const collector = baseCollector();
  let asOf = 0;
  for (let partition = 0; partition < installation.partitions; partition += 1) {
    const newest = new Map<string, Uint8Array>();
    const tick = await readChangelog(data, partition, (key, value) => {
      if (value === null) newest.delete(key);
      else newest.set(key, value);
    });
    asOf = Math.max(asOf, tick ?? 0);
    let done = 0;
    for (const value of newest.values()) {
      const profile = contracts.codecs.processorState.decode(value);
      // Of who may not be scored nothing is counted.
      if (profile.scoredAt > 0) {
        const at = Math.max(tick ?? 0, profile.lastEventAt);
        collector.add(profile.customerId, indicatorsOf(profile, at, model), categoryKeysOf(profile));
      }
      done += 1;
      if (done % CUSTOMERS_AT_ONCE === 0) await clock.yield();
    }
  }
  return collector.figures(asOf, model.minorPerMajor);
}
