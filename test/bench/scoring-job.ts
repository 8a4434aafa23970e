import { readFileSync } from "node:fs";
import { openContracts, openRegistry, type Profile, TOPIC_PREFIX_DEFAULT } from "@tidemark/contracts";
import { mbgStanding } from "@tidemark/models";
import {
  createModel,
  defaultArtefact,
  hazardTerms,
  judgeTier,
  nextDue,
  relationshipOf,
  score,
  stepsUntil,
  valuationAt,
} from "@tidemark/scoring";
import { applyCost } from "./apply-cost.ts";
import { quantilesOf } from "./quantiles.ts";
import { timed } from "./timing.ts";

export interface ScoringInput {
  /** A simulated shop, NDJSON. */
  readonly file: string;
  /** Of a new registry of schemas. */
  readonly schemasFile: string;
  readonly seconds: number;
}

export interface ScoringResult {
  readonly events: number;
  readonly profiles: number;
  /** Of these, customers with a hazard term beside engagement. */
  readonly troubled: number;
  readonly applyUs: number;
  /** With all states and records kept decoded. */
  readonly applyKeptUs: number;
  readonly scoreAndDueUs: number;
  readonly parts: readonly { readonly name: string; readonly of: string; readonly us: number }[];
}

const HOUR_MS = 3_600_000;
const model = createModel(defaultArtefact());

/** What applying an event and scoring a customer cost, by part. */
export async function scoringJob({ file, schemasFile, seconds }: ScoringInput): Promise<ScoringResult> {
  const registry = await openRegistry({ kind: "file", path: schemasFile });
  const contracts = await openContracts({ registry, prefix: TOPIC_PREFIX_DEFAULT });
  const lines = readFileSync(file, "utf8").trimEnd().split("\n");
  const terms = { referenceAt: null, model, consentDefault: "granted" } as const;
  const { usInTurns, usKept, profiles } = applyCost(lines, contracts, terms);
  const customers = profiles.flatMap(customerOf);
  const troubled = customers.filter(({ profile, asOf }) => {
    return score(profile, asOf, model).reasons.some(({ code }) => code !== "SILENCE" && code !== "ENGAGEMENT");
  });
  const us = (of: (customer: Customer) => unknown, among = customers): number => usEach(among, of, seconds);

  const { purchases } = model.artefact;
  const silence = us(({ x, tx, T }) => mbgStanding(purchases, x, tx, T, model.churnHorizon));
  const clv = us(({ x, T }) => model.discountedPurchases(x, T));
  const relationship = us(({ profile }) => relationshipOf(profile, model));
  const hazard = us(({ profile, asOf }) => hazardTerms(profile, asOf, model));
  const valuation = us((customer) => valuationAt(customer.profile, customer.relationship, customer.asOf, model));
  const tier = us(({ profile, asOf }) => judgeTier(profile, 1_000, asOf, model));
  const steps = us(({ profile, asOf }) => stepsUntil(profile, asOf, model));
  const whole = us(({ profile, asOf }) => score(profile, asOf, model));
  const due = us(({ profile, asOf }) => nextDue(profile, asOf, model));
  const both = ({ profile, asOf }: Customer): unknown => [score(profile, asOf, model), nextDue(profile, asOf, model)];
  const scoreAndDueUs = us(both);
  return {
    events: lines.length,
    profiles: customers.length,
    troubled: troubled.length,
    applyUs: usInTurns,
    applyKeptUs: usKept,
    scoreAndDueUs,
    parts: [
      { name: "what does not change while nothing happens", of: "all", us: relationship },
      { name: "silence", of: "all", us: silence },
      { name: "CLV", of: "all", us: clv },
      { name: "hazard terms", of: "all", us: hazard },
      {
        name: "hazard terms",
        of: "troubled",
        us: us(({ profile, asOf }) => hazardTerms(profile, asOf, model), troubled),
      },
      { name: "tier", of: "all", us: tier },
      { name: "reasons and the rest", of: "all", us: whole - relationship - valuation - tier },
      { name: "score, in all", of: "all", us: whole },
      { name: "due: next step", of: "all", us: steps },
      { name: "due, in all", of: "all", us: due },
      { name: "score and due", of: "troubled", us: us(both, troubled) },
    ],
  };
}

interface Customer {
  readonly profile: Profile;
  readonly relationship: NonNullable<ReturnType<typeof relationshipOf>>;
  readonly asOf: number;
  readonly x: number;
  readonly tx: number;
  readonly T: number;
}

/** A customer who bought, in the tier that he would have. */
function customerOf(profile: Profile): Customer[] {
  const relationship = relationshipOf(profile, model);
  if (relationship === null || relationship.buyer === null) return [];
  const asOf = profile.lastEventAt + HOUR_MS;
  profile.tier = score(profile, asOf, model).tier;
  profile.tierSince = asOf;
  const { x, tx, bornAt } = relationship.buyer;
  const T = Math.max(tx, (asOf - bornAt) / (7 * 24 * HOUR_MS));
  return [{ profile, relationship, asOf, x, tx, T }];
}

/** CPU, so that others on the machine hardly disturb it: median of the rounds over all customers, after as many seconds in which it is compiled. */
function usEach(customers: readonly Customer[], of: (customer: Customer) => unknown, seconds: number): number {
  const rounds: number[] = [];
  let last: unknown = null;
  const startedAt = performance.now();
  for (let elapsedMs = 0; elapsedMs < 2_000 * seconds; elapsedMs = performance.now() - startedAt) {
    const { cpuMs } = timed(() => {
      for (const customer of customers) last = of(customer);
    });
    if (elapsedMs >= 1_000 * seconds) rounds.push(cpuMs);
  }
  // A result that nobody looks at need not be computed.
  if (last === undefined) throw new Error("a part gives nothing");
  return (1_000 * quantilesOf(rounds).p50) / Math.max(1, customers.length);
}
