import { describe, expect, test } from "vitest";
import { openEvents } from "./event-reader.ts";
import { scoreOf, tierChangeOf } from "./records.ts";
import { openRig, type Rig, untilAsync } from "./rig.ts";

interface Answer {
  readonly description: string;
  readonly content?: Readonly<Record<string, { readonly schema: Schema; readonly example?: unknown }>>;
}
interface Schema {
  readonly type?: string;
  readonly enum?: readonly string[];
  readonly properties?: Readonly<Record<string, Schema>>;
  readonly required?: readonly string[];
}
interface Operation {
  readonly parameters?: readonly { readonly name: string; readonly in: string; readonly schema: Schema }[];
  readonly security?: readonly unknown[];
  readonly responses: Readonly<Record<string, Answer>>;
}

const KEY = "the-key";
const withKey = { config: { apiKeys: [KEY] } };

async function operationsOf(rig: Rig): Promise<Map<string, Operation>> {
  const described = (await (await rig.call("/openapi.json")).json()) as {
    readonly paths: Readonly<Record<string, Readonly<Record<string, Operation>>>>;
  };
  return new Map(
    Object.entries(described.paths).flatMap(([path, operations]) =>
      Object.entries(operations).map(([method, operation]) => [`${method} ${path}`, operation] as const),
    ),
  );
}

const mediaTypeOf = (response: Response): string => (response.headers.get("content-type") ?? "").split(";")[0] ?? "";

const keysOf = (data: string): string[] => Object.keys(JSON.parse(data) as object).toSorted();

const DIGEST = "0".repeat(64);
const EVENT = { type: "interaction", eventId: "e1", customerId: "c1", occurredAt: 0, kind: "VISIT" };
const json = (body: unknown): RequestInit => ({
  method: "POST",
  body: JSON.stringify(body),
  headers: { "content-type": "application/json" },
});

/** What is called, as which operation, and how it is answered. */
const CALLS: readonly (readonly [path: string, operation: string, status: number, init?: RequestInit])[] = [
  ["/v1/events", "post /v1/events", 202, json({ events: [{ ...EVENT, occurredAt: Date.now() }] })],
  ["/v1/events", "post /v1/events", 400, json([])],
  ["/v1/events", "post /v1/events", 413, json("x".repeat(2 ** 20))],
  ["/v1/events", "post /v1/events", 415, { method: "POST", body: "x", headers: { "content-type": "text/plain" } }],
  ["/v1/events", "post /v1/events", 422, json({ events: [{}] })],
  ["/v1/customers/nobody", "get /v1/customers/{id}", 404],
  ["/v1/customers/nobody?lang=x", "get /v1/customers/{id}", 400],
  ["/v1/customers/nobody/explanation", "get /v1/customers/{id}/explanation", 404],
  ["/v1/customers/nobody/erasure", "get /v1/customers/{id}/erasure", 404],
  ["/v1/customers/%00", "delete /v1/customers/{id}", 400, { method: "DELETE" }],
  ["/v1/customers/nobody", "delete /v1/customers/{id}", 202, { method: "DELETE" }],
  ["/v1/summary", "get /v1/summary", 200],
  ["/v1/base", "get /v1/base", 200],
  [`/v1/imports/${DIGEST}`, "get /v1/imports/{digest}", 200],
  ["/v1/imports/x", "get /v1/imports/{digest}", 400],
  [`/v1/imports/${DIGEST}?from=0`, "post /v1/imports/{digest}", 415, json([])],
  ["/v1/streams/scores", "get /v1/streams/scores", 200],
  ["/v1/streams/scores?tier=diamond", "get /v1/streams/scores", 400],
  ["/v1/streams/tier-changes", "get /v1/streams/tier-changes", 400, { headers: { "last-event-id": "x" } }],
  ["/v1/streams/churn-alerts?last=0", "get /v1/streams/churn-alerts", 400],
  ["/metrics", "get /metrics", 200],
  ["/healthz", "get /healthz", 200],
  ["/readyz", "get /readyz", 200],
];

describe("the description of the interface", () => {
  test("declares the status and the media type of what is really answered", async () => {
    await using rig = await openRig({ withPipeline: true, ...withKey });
    // Until then every query is answered 503.
    await untilAsync(async () => (await rig.call("/v1/summary", { headers: { "x-api-key": KEY } })).ok);
    const operations = await operationsOf(rig);
    for (const [path, name, status, init] of CALLS) {
      const signal = AbortSignal.timeout(10_000);
      const headers = new Headers(init?.headers);
      headers.set("x-api-key", KEY);
      const response = await rig.call(path, { ...init, signal, headers });
      await response.body?.cancel();
      expect([name, response.status]).toEqual([name, status]);
      const declared = operations.get(name)?.responses[status]?.content ?? {};
      expect([name, status, Object.keys(declared)]).toEqual([name, status, [mediaTypeOf(response)]]);
    }
  });

  test("declares that a key is asked for, of exactly the calls that ask for one", async () => {
    await using rig = await openRig(withKey);
    const addresses = new Map(CALLS.map(([path, name, , init]) => [name, [path, init] as const]));
    for (const [name, operation] of await operationsOf(rig)) {
      const method = (name.split(" ")[0] ?? "").toUpperCase();
      const [path = name.slice(name.indexOf("/")).replace(/\{\w+\}/, DIGEST)] = addresses.get(name) ?? [];
      const response = await rig.call(path, { method });
      await response.body?.cancel();
      const declared = operation.responses["401"];
      expect([name, declared !== undefined]).toEqual([name, response.status === 401]);
      if (declared !== undefined) expect(Object.keys(declared.content ?? {})).toEqual([mediaTypeOf(response)]);
      // Of calls without a key of their own the document as a whole says which.
      expect([name, operation.security]).toEqual([name, response.status === 401 ? undefined : []]);
    }
  });

  test("has words of its own for every answer, and problems where there are parameters to get wrong", async () => {
    await using rig = await openRig();
    for (const [name, { responses, parameters = [] }] of await operationsOf(rig)) {
      const words = Object.values(responses).map(({ description }) => description);
      expect([name, words.filter((text) => text === "" || /Default Response|^RFC 9457$/.test(text))]).toEqual([
        name,
        [],
      ]);
      expect(Object.keys(responses["default"]?.content ?? {})).toEqual(["application/problem+json"]);
      expect([name, "400" in responses]).toEqual([name, parameters.length > 0 || name === "post /v1/events"]);
    }
  });

  test("tells what the events of a stream look like, and which tiers there are", async () => {
    await using rig = await openRig();
    const operations = await operationsOf(rig);
    const streams = { scores: "score", "tier-changes": "tier-change", "churn-alerts": "churn-alert" };
    for (const [stream, event] of Object.entries(streams)) {
      const operation = operations.get(`get /v1/streams/${stream}`);
      const tier = operation?.parameters?.find(({ name }) => name === "tier");
      expect(tier?.schema.enum).toEqual(["platinum", "gold", "silver", "development", "optimisation"]);
      const declared = operation?.responses["200"]?.content?.["text/event-stream"];
      const [frame, data = ""] = String(declared?.example).split("\ndata: ");
      expect(frame).toBe(`id: 0:123,1:98\nevent: ${event}`);
      expect(keysOf(data)).toEqual(declared?.schema.required?.toSorted());
    }
    const append = {
      scores: () => rig.appendScores([scoreOf("c1", 1)]),
      "tier-changes": () => rig.appendTierChanges([tierChangeOf("c1", 1)]),
    };
    for (const [stream, send] of Object.entries(append)) {
      await using events = await openEvents(`${rig.url}/v1/streams/${stream}`);
      await events.next();
      await send();
      const { data } = await events.nextEvent();
      const schema = operations.get(`get /v1/streams/${stream}`)?.responses["200"]?.content?.["text/event-stream"]
        ?.schema;
      expect(keysOf(data)).toEqual(schema?.required?.toSorted());
    }
  });
});
