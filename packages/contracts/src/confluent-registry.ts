import { confluentCalls, type CallLimits } from "./confluent-calls.ts";
import { RegistryUnavailable, SchemaIncompatible, SchemaNotFound } from "./errors.ts";
import type { RegistryAuth } from "./registry-address.ts";
import type { CompatibilityPolicy } from "./schema-compatibility.ts";
import { canonicalText, type SchemaRegistry } from "./schema-registry.ts";
import { fieldRefused } from "./schema-refusal.ts";

export interface ConfluentOptions {
  /** Of the API's root, as `http://host:8081`; may carry user and password, which no message shows. */
  readonly url: string;
  /** Wins over the url's. */
  readonly auth?: RegistryAuth;
  readonly limits?: Partial<ConfluentLimits>;
}

export interface ConfluentLimits extends CallLimits {
  /** Texts that are kept; the one asked for first goes first. */
  readonly schemasMax: number;
}

const LIMITS: ConfluentLimits = {
  requestMsMax: 3_000,
  attemptsMax: 3,
  backoffMsMin: 100,
  backoffMsMax: 1_000,
  schemasMax: 1_000,
};

/**
 * A registry that speaks Confluent's HTTP API. Nothing is asked of it before the first call.
 *
 * Invariants:
 *  1 An id stands for one text for ever, so a text is asked for once while it is kept.
 *  2 At most one request for an id is under way, whoever waits for it.
 *  3 An id is unknown only if what says so is a registry: to believe the 404 of a proxy whose registry is away would
 *    dead-letter good records.
 *
 * @param signal ends what is under way, as unavailable
 * @throws RegistryMisconfigured if the url is none
 */
export function openConfluentRegistry(
  { url, auth, limits: given }: ConfluentOptions,
  signal: AbortSignal,
): SchemaRegistry {
  const limits = { ...LIMITS, ...given };
  const calls = confluentCalls({ url, auth, limits, signal });
  const texts = new Map<number, string>();
  const underWay = new Map<number, Promise<string>>();

  /** A level that is as strict already is left alone, and so is a registry that has none to set. */
  const setLevel = async (subject: string, policy: CompatibilityPolicy): Promise<void> => {
    const answer = await calls.level(subject);
    const level = answer.kind === "given" ? textAt(answer.body, "compatibilityLevel") : null;
    if (level !== policy && level !== "FULL_TRANSITIVE") await calls.setLevel(subject, policy);
  };

  const refusal = async (
    subject: string,
    schemaJson: string,
    policy: CompatibilityPolicy,
    reason: string,
  ): Promise<Error> => {
    const latest = await calls.latest(subject);
    const earlierJson = latest.kind === "given" ? textAt(latest.body, "schema") : null;
    return new SchemaIncompatible(subject, fieldRefused({ schemaJson, earlierJson, policy, reason }), reason);
  };

  const ask = async (id: number): Promise<string> => {
    const answer = await calls.schema(id);
    const text = answer.kind === "given" ? textAt(answer.body, "schema") : null;
    if (text !== null) {
      texts.set(id, text);
      const oldest = texts.keys().next();
      if (texts.size > limits.schemasMax && oldest.done !== true) texts.delete(oldest.value);
      return text;
    }
    // I3
    if (answer.kind === "refused" && answer.status === 404) {
      const subjects = await calls.subjects();
      if (subjects.kind === "given" && Array.isArray(subjects.body)) throw notFound(id);
    }
    throw noRegistry(calls.place);
  };

  return {
    async register(subject, schemaJson, policy) {
      const text = canonicalText(schemaJson);
      await setLevel(subject, policy);
      const answer = await calls.register(subject, text);
      if (answer.kind === "refused") {
        if (answer.status === 409 || answer.status === 422) throw await refusal(subject, text, policy, answer.reason);
        throw noRegistry(calls.place);
      }
      const { id } = (answer.body ?? {}) as { readonly id?: unknown };
      if (!isSchemaId(id)) throw noRegistry(calls.place);
      return id;
    },
    async fetch(id) {
      if (!isSchemaId(id)) throw notFound(id);
      const known = texts.get(id);
      if (known !== undefined) return known;
      let asking = underWay.get(id);
      if (asking === undefined) {
        asking = ask(id).finally(() => underWay.delete(id));
        underWay.set(id, asking);
      }
      return asking;
    },
  };
}

function notFound(id: number): Error {
  return new SchemaNotFound(`the registry has no schema ${id}`);
}

/** It may be one again: what stands before a registry answers for it while it is away. */
function noRegistry(place: string): Error {
  return new RegistryUnavailable(
    `what answers at ${place} is no schema registry: look at the path of SCHEMA_REGISTRY_URL, or at what stands before it`,
  );
}

function isSchemaId(id: unknown): id is number {
  return Number.isSafeInteger(id) && (id as number) >= 1 && (id as number) < 2 ** 31;
}

function textAt(body: unknown, name: string): string | null {
  if (typeof body !== "object" || body === null) return null;
  const text = (body as Readonly<Record<string, unknown>>)[name];
  return typeof text === "string" ? text : null;
}
