import { z } from "zod";
import { CATALOGUE } from "../indicators/catalogue.ts";
import { isProtectedName } from "./protected-names.ts";
import type { Scorecard } from "./scorecard.ts";

/** What is wrong with a scorecard. */
export interface ScorecardProblem {
  /** JSON pointer (RFC 6901) to it; "" is the whole. */
  readonly path: string;
  readonly message: string;
}

export type ParsedScorecard =
  | { readonly ok: true; readonly scorecard: Scorecard }
  | { readonly ok: false; readonly problems: readonly ScorecardProblem[] };

/**
 * A scorecard from JSON, with every problem of its form reported together, then every problem of its sense.
 * @param protectedNames custom numbers that are protected beside those whose names say so
 */
export function parseScorecard(json: unknown, protectedNames: ReadonlySet<string> = new Set()): ParsedScorecard {
  const parsed = scorecardSchema.safeParse(json);
  if (!parsed.success) {
    const problems = parsed.error.issues.map(({ path, message }) => ({ path: pointer(path), message }));
    return { ok: false, problems };
  }
  const scorecard: Scorecard = parsed.data;
  const problems = [...dimensionProblems(scorecard, protectedNames), ...gradeProblems(scorecard)];
  return problems.length === 0 ? { ok: true, scorecard } : { ok: false, problems };
}

/** The form of a scorecard as JSON Schema (draft 2020-12), for editors. */
export function scorecardJsonSchema(): unknown {
  return z.toJSONSchema(scorecardSchema);
}

const LIST_MAX = 32;
const CUTS_MAX = 20;

const text = z.string().min(1).max(200);
const points = z
  .array(z.number().min(0).max(100))
  .min(1)
  .max(CUTS_MAX + 1);
const weight = z.number().positive().max(1_000_000);

const scorecardSchema: z.ZodType<Scorecard> = z.strictObject({
  $schema: z.string().optional(),
  name: z.string().regex(/^[a-z][a-z0-9-]{0,63}$/),
  version: z.int().min(1),
  doc: z.string().min(1).max(2_000),
  completenessMin: z.number().min(0).max(1),
  dimensions: z
    .array(
      z.strictObject({
        name: text,
        weight,
        items: z
          .array(
            z.strictObject({
              indicator: text,
              weight,
              bins: z.discriminatedUnion("kind", [
                z.strictObject({ kind: z.literal("fixed"), cuts: z.array(z.number()).max(CUTS_MAX), points }),
                z.strictObject({ kind: z.literal("quantile"), points }),
              ]),
            }),
          )
          .min(1)
          .max(LIST_MAX),
      }),
    )
    .min(1)
    .max(LIST_MAX),
  grades: z
    .array(
      z.strictObject({
        grade: text,
        from: z.number().min(0).max(100).optional(),
        when: z
          .array(z.strictObject({ dimension: text, from: z.number().optional(), below: z.number().optional() }))
          .min(1)
          .max(LIST_MAX)
          .optional(),
      }),
    )
    .min(1)
    .max(LIST_MAX),
});

const UNITS = new Map(CATALOGUE.map(({ name, unit }) => [name, unit]));
const OWN_PREFIXES = ["custom.", "balance."];

function* dimensionProblems(
  { dimensions }: Scorecard,
  protectedNames: ReadonlySet<string>,
): Generator<ScorecardProblem> {
  const names = new Set<string>();
  for (const [d, { name, items }] of dimensions.entries()) {
    if (names.has(name)) yield { path: `/dimensions/${d}/name`, message: "is the name of another dimension too" };
    names.add(name);
    for (const [i, { indicator, bins }] of items.entries()) {
      const path = `/dimensions/${d}/items/${i}`;
      const wrong = indicatorProblem(indicator, protectedNames);
      if (wrong !== null) yield { path: `${path}/indicator`, message: wrong };
      if (bins.kind !== "fixed") continue;
      if (bins.points.length !== bins.cuts.length + 1) {
        yield { path: `${path}/bins/points`, message: "must be one more than there are cuts" };
      }
      if (bins.cuts.some((cut, at) => at > 0 && cut <= (bins.cuts[at - 1] ?? -Infinity))) {
        yield { path: `${path}/bins/cuts`, message: "must ascend" };
      }
    }
  }
}

function indicatorProblem(indicator: string, protectedNames: ReadonlySet<string>): string | null {
  const prefix = OWN_PREFIXES.find((own) => indicator.startsWith(own));
  const name = prefix === undefined ? indicator : indicator.slice(prefix.length);
  if (protectedNames.has(name) || (prefix === "custom." && isProtectedName(name))) {
    return "is a protected attribute, which no scorecard may use";
  }
  if (prefix !== undefined) return name === "" ? "has no name behind its prefix" : null;
  const unit = UNITS.get(indicator);
  if (unit === undefined) return "is no indicator of the catalogue";
  return unit === "name" ? "is a name, which has no points" : null;
}

function* gradeProblems({ dimensions, grades }: Scorecard): Generator<ScorecardProblem> {
  const known = new Set(dimensions.map(({ name }) => name));
  const names = new Set<string>();
  for (const [g, { grade, from, when }] of grades.entries()) {
    const path = `/grades/${g}`;
    if (names.has(grade)) yield { path: `${path}/grade`, message: "is another grade too" };
    names.add(grade);
    const isOpen = from === undefined && when === undefined;
    if (isOpen !== (g === grades.length - 1)) {
      const message = isOpen ? "holds always, so that those behind it never do" : "is the last and must hold always";
      yield { path, message };
    }
    for (const [c, condition] of (when ?? []).entries()) {
      if (!known.has(condition.dimension)) {
        yield { path: `${path}/when/${c}/dimension`, message: "is no dimension of this scorecard" };
      }
      if (condition.from === undefined && condition.below === undefined) {
        yield { path: `${path}/when/${c}`, message: "needs from or below" };
      }
    }
  }
}

function pointer(path: readonly PropertyKey[]): string {
  return path.map((step) => `/${String(step).replaceAll("~", "~0").replaceAll("/", "~1")}`).join("");
}
