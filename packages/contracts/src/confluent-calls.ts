import { createRequire } from "node:module";
import { setTimeout as pause } from "node:timers/promises";
import type confluentApi from "@kafkajs/confluent-schema-registry/dist/api/index.js";
import { RegistryMisconfigured, RegistryUnavailable } from "./errors.ts";
import { parseRegistryAddress, type RegistryAuth } from "./registry-address.ts";

/**
 * The calls beneath the client's class. The class itself keeps every schema it has seen parsed, without a bound, gives
 * no text of one, cannot set the level of a subject that exists, and takes 15 MB more. It is required since it is
 * CommonJS whose `default` Node and vitest import differently.
 */
const { default: createApi } = createRequire(import.meta.url)(
  "@kafkajs/confluent-schema-registry/dist/api/index.js",
) as typeof confluentApi;

export interface CallLimits {
  /** Of one request, from its start to the last byte of its answer. */
  readonly requestMsMax: number;
  /** Of one call, the first included. */
  readonly attemptsMax: number;
  /** Before the second attempt; doubled before each later one. */
  readonly backoffMsMin: number;
  readonly backoffMsMax: number;
}

export interface CallOptions {
  readonly url: string;
  readonly auth: RegistryAuth | undefined;
  readonly limits: CallLimits;
  /** Ends what is under way, and all that would come after it. */
  readonly signal: AbortSignal;
}

/** What a registry said to one call. */
export type Answer =
  | { readonly kind: "given"; readonly body: unknown }
  /** A status that asking again does not change, but 401 and 403. */
  | { readonly kind: "refused"; readonly status: number; readonly reason: string };

/** The calls of a Confluent registry that are made here. All throw RegistryUnavailable and RegistryMisconfigured. */
export interface ConfluentCalls {
  /** Without user and password: for messages. */
  readonly place: string;
  schema(id: number): Promise<Answer>;
  subjects(): Promise<Answer>;
  level(subject: string): Promise<Answer>;
  setLevel(subject: string, compatibility: string): Promise<Answer>;
  register(subject: string, schema: string): Promise<Answer>;
  latest(subject: string): Promise<Answer>;
}

/**
 * Calls with a bound on their time and number. What the client does not do is done here: it waits for ever for the rest
 * of an answer whose connection was cut, and takes a network's failure for a status 400.
 * @throws RegistryMisconfigured if the url is none
 */
export function confluentCalls({ url, auth, limits, signal: closing }: CallOptions): ConfluentCalls {
  const address = parseRegistryAddress(url, auth);
  const { place } = address;
  const api = createApi({
    host: place,
    clientId: CLIENT_ID,
    retry: { retries: 0 },
    ...(address.auth === null ? {} : { auth: { ...address.auth } }),
  });

  const call = async (asked: string, request: Request): Promise<Answer> => {
    let backoffMs = limits.backoffMsMin;
    for (let attempt = 1; ; attempt += 1) {
      const answer = await once(request, limits.requestMsMax, closing);
      if (answer.kind === "given") return answer;
      if (answer.kind === "refused") {
        if (!DENIED.has(answer.status)) return answer;
        throw new RegistryMisconfigured(
          `the schema registry at ${place} does not let tidemark ${asked} (${answer.status}): look at the user and password in SCHEMA_REGISTRY_URL, and at what that user may do`,
        );
      }
      if (attempt >= limits.attemptsMax || closing.aborted) {
        throw new RegistryUnavailable(`the schema registry at ${place} did not ${asked}: ${answer.reason}`);
      }
      // Once aborted the next attempt says so.
      await pause(backoffMs, undefined, { signal: closing }).catch(() => undefined);
      backoffMs = Math.min(backoffMs * 2, limits.backoffMsMax);
    }
  };

  return {
    place,
    schema: (id) => call(`show schema ${id}`, (signal) => api.Schema.find({ id, signal })),
    subjects: () => call("list its subjects", (signal) => api.Subject.all({ signal })),
    level: (subject) => call(`show the level of ${subject}`, (signal) => api.Subject.config({ subject, signal })),
    setLevel: (subject, compatibility) =>
      call(`set the level of ${subject} to ${compatibility}`, (signal) =>
        api.Subject.updateConfig({ subject, body: { compatibility }, signal }),
      ),
    register: (subject, schema) =>
      call(`register a schema of ${subject}`, (signal) => api.Subject.register({ subject, body: { schema }, signal })),
    latest: (subject) =>
      call(`show the schema of ${subject}`, (signal) => api.Subject.latestVersion({ subject, signal })),
  };
}

const CLIENT_ID = "tidemark";
const DENIED: ReadonlySet<number> = new Set([401, 403]);
const REASON_LENGTH_MAX = 400;

type Request = (signal: AbortSignal) => Promise<{ data(): unknown }>;

type Failed = { readonly kind: "failed"; readonly reason: string };

async function once(request: Request, requestMsMax: number, closing: AbortSignal): Promise<Answer | Failed> {
  const abort = new AbortController();
  const givenUp = Promise.withResolvers<Failed>();
  const giveUp = (reason: string): void => {
    givenUp.resolve({ kind: "failed", reason });
    abort.abort();
  };
  const stop = (): void => giveUp("it is asked no more");
  const timer = setTimeout(() => giveUp(`no answer within ${requestMsMax} ms`), requestMsMax);
  closing.addEventListener("abort", stop, { once: true });
  if (closing.aborted) stop();
  try {
    return await Promise.race([
      givenUp.promise,
      request(abort.signal).then((response) => ({ kind: "given", body: response.data() }) as const, failureOf),
    ]);
  } finally {
    clearTimeout(timer);
    closing.removeEventListener("abort", stop);
  }
}

/** What the client's error says; a page that a proxy answered with is cut short. */
function failureOf(error: unknown): Answer | Failed {
  const { message = "", status } = error as { readonly message?: string; readonly status?: number };
  const said = message.startsWith(`${CLIENT_ID} - `) ? message.slice(CLIENT_ID.length + 3) : message;
  const reason = said.replace(/^Error, status 400: /, "").slice(0, REASON_LENGTH_MAX);
  const again = status === undefined || status >= 500 || AGAIN.has(status);
  return again ? { kind: "failed", reason } : { kind: "refused", status, reason };
}

/** 400 is also what the client makes of a connection that failed. */
const AGAIN: ReadonlySet<number> = new Set([400, 408, 429]);
