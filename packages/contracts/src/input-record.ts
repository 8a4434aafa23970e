import { ruleOf, violation, type FieldRule } from "./field-rule.ts";
import { InputProblem } from "./input-problem.ts";
import type { Complaint, Customer, Interaction, Purchase, RatingScale } from "./records.ts";
import { schemaOf } from "./schema.ts";

/** The topics events come in by, and their records. */
export interface InputRecords {
  readonly purchases: Purchase;
  readonly interactions: Interaction;
  readonly complaints: Complaint;
  readonly customers: Customer;
}

export type InputTopic = keyof InputRecords;

/** A record that cannot be taken, as the runtime wants it said. */
export interface InputRefusal {
  readonly kind: "refused";
  readonly code: string;
  /** Names the field and the rule, never the data. */
  readonly reason: string;
}

/**
 * The rules that an input record must keep beyond its schema, whoever wrote it: the gateway and the importer ask
 * before they append, the processor for every record it reads. Event time against the clock is `checkEventTime`.
 */
export function checkInputRecord<T extends InputTopic>(topic: T, record: InputRecords[T]): InputRefusal | null {
  const problem = problemOf(topic, record);
  if (problem === null) return null;
  const { code, path, message } = problem;
  return { kind: "refused", code, reason: path === "" ? message : `${path} ${message}` };
}

/** As {@link checkInputRecord}, with the field apart. */
export function problemOf<T extends InputTopic>(topic: T, record: InputRecords[T]): InputProblem | null {
  const fields = fieldsOf(topic);
  for (const { name, path, rule } of fields) {
    const value = (record as unknown as Readonly<Record<string, unknown>>)[name];
    if (value !== null) {
      const wrong = violation(rule, value, path);
      if (wrong !== null) return wrong;
    }
  }
  switch (topic) {
    case "purchases":
      return purchaseProblem(record as Purchase);
    case "interactions":
      return interactionProblem(record as Interaction);
    case "customers":
      return customerProblem(record as Customer);
    case "complaints":
      return null;
  }
  return topic satisfies never;
}

/** The largest mark of each scale and the smallest. */
const RATING_RANGE: Readonly<Record<RatingScale, readonly [min: number, max: number]>> = {
  NPS: [0, 10],
  CSAT: [1, 5],
  UNKNOWN: [0, 10],
};

interface CheckedField {
  readonly name: string;
  readonly path: string;
  readonly rule: FieldRule;
}

const fieldsByTopic = new Map<InputTopic, readonly CheckedField[]>();

function fieldsOf(topic: InputTopic): readonly CheckedField[] {
  let fields = fieldsByTopic.get(topic);
  if (fields === undefined) {
    fields = schemaOf(topic).fields.map((field) => {
      return { name: field.name, path: `/${field.name}`, rule: ruleOf(field) };
    });
    fieldsByTopic.set(topic, fields);
  }
  return fields;
}

function purchaseProblem(purchase: Purchase): InputProblem | null {
  // Only the day it was bought on says which purchase day a cancellation takes back.
  return purchase.kind === "CANCELLATION" && purchase.originalOccurredAt === null
    ? missing("originalOccurredAt", "a CANCELLATION")
    : null;
}

function interactionProblem(interaction: Interaction): InputProblem | null {
  const { kind, scale, rating, expected, currency, amountMinor, balanceMinor } = interaction;
  if (kind === "FEEDBACK" && rating === null) return missing("rating", "FEEDBACK");
  if (kind === "REVIEW" && interaction.sentiment === null) return missing("sentiment", "a REVIEW");
  if (kind === "REFERRAL" && interaction.referredCustomerId === null) {
    return missing("referredCustomerId", "a REFERRAL");
  }
  if (kind === "CAMPAIGN_EXPOSURE" && interaction.campaign === null) return missing("campaign", "a CAMPAIGN_EXPOSURE");
  if (kind === "BALANCE" && balanceMinor === null) return missing("balanceMinor", "a BALANCE");
  if (rating !== null || expected !== null) {
    if (scale === null) return missing("scale", "a rating");
    const [min, max] = RATING_RANGE[scale];
    if (rating !== null && !(rating >= min && rating <= max)) return outOfScale("/rating", min, max);
    if (expected !== null && !(expected >= min && expected <= max)) return outOfScale("/expected", min, max);
  }
  return currency === null && (amountMinor !== null || balanceMinor !== null) ? missing("currency", "an amount") : null;
}

function customerProblem(customer: Customer): InputProblem | null {
  const { creditLimitMinor, potentialSpendMinor, assetsMinor, acquisitionCostMinor } = customer;
  const hasAmount =
    creditLimitMinor !== null || potentialSpendMinor !== null || assetsMinor !== null || acquisitionCostMinor !== null;
  return customer.currency === null && hasAmount ? missing("currency", "an amount") : null;
}

function missing(field: string, by: string): InputProblem {
  return new InputProblem("MISSING_FIELD", `/${field}`, `is needed by ${by}`);
}

function outOfScale(path: string, min: number, max: number): InputProblem {
  return new InputProblem("NUMBER_OUT_OF_RANGE", path, `must be from ${min} to ${max} on this scale`);
}
