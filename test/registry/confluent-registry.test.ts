import { randomUUID } from "node:crypto";
import { readFileSync } from "node:fs";
import {
  openContracts,
  openRegistry,
  RegistryMisconfigured,
  RegistryUnavailable,
  SchemaNotFound,
  type SchemaRegistry,
} from "@tidemark/contracts";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { recordSchema } from "../conformance/registry-under-test.ts";
import { until } from "../integration/until.ts";
import { freePorts } from "../kafka/free-ports.ts";
import { type Apicurio, startApicurio } from "./apicurio.ts";
import { openRegistryProxy, type RegistryProxy, type Way } from "./registry-proxy.ts";

const LIMITS = { requestMsMax: 20_000, attemptsMax: 3, backoffMsMin: 1, backoffMsMax: 2 };
/** For what is never answered: the tests wait for it. */
const HASTY_MS = 300;
const USER = "tide";
const PASSWORD = "p@ss:word/%";
const FORWARD: Way = { kind: "forward" };
const UNKNOWN_ID = 2 ** 31 - 1;

let apicurio: Apicurio;
let proxy: RegistryProxy;
let registry: SchemaRegistry;
let hasty: SchemaRegistry;
/** Registered by somebody else. */
let id: number;
let text: string;

beforeAll(async () => {
  apicurio = await startApicurio();
}, 300_000);
afterAll(() => apicurio[Symbol.asyncDispose]());
beforeEach(async () => {
  proxy = await openRegistryProxy(apicurio.url);
  registry = await openRegistry({ kind: "confluent", url: proxy.url, limits: LIMITS });
  hasty = await openRegistry({ kind: "confluent", url: proxy.url, limits: { ...LIMITS, requestMsMax: HASTY_MS } });
  const direct = await openRegistry({ kind: "confluent", url: apicurio.url });
  text = recordSchema({ at: "long" });
  id = await direct.register(`${randomUUID()}-value`, text, "FULL_TRANSITIVE");
});
afterEach(() => proxy[Symbol.asyncDispose]());

describe("asking for a schema", () => {
  test("many who want one schema at once make one request, and later ones none", async () => {
    const texts = await Promise.all(Array.from({ length: 20 }, () => registry.fetch(id)));
    expect(new Set(texts).size).toBe(1);
    await registry.fetch(id);
    expect(proxy.asked).toEqual([`GET /schemas/ids/${id}`]);
  });

  test("what is known stays known while the registry is away", async () => {
    const known = await registry.fetch(id);
    proxy.decide = () => ({ kind: "answer", status: 503, body: "" });
    expect(await registry.fetch(id)).toBe(known);
  });

  test("of more schemas than are kept, the one asked for first is asked for again", async () => {
    const small = await openRegistry({ kind: "confluent", url: proxy.url, limits: { ...LIMITS, schemasMax: 2 } });
    const ids = await Promise.all(
      ["a", "b", "c"].map((name) =>
        small.register(`${randomUUID()}-value`, recordSchema({ [name]: "long" }), "FULL_TRANSITIVE"),
      ),
    );
    for (const each of ids) await small.fetch(each);
    const before = proxy.asked.length;
    for (const each of ids.toReversed()) await small.fetch(each);
    expect(proxy.asked.slice(before)).toEqual([`GET /schemas/ids/${ids[0]}`]);
  });

  test("an id that the registry does not know is not found, and not kept: it may be known later", async () => {
    await expect(registry.fetch(UNKNOWN_ID)).rejects.toBeInstanceOf(SchemaNotFound);
    const before = proxy.asked.length;
    await expect(registry.fetch(UNKNOWN_ID)).rejects.toBeInstanceOf(SchemaNotFound);
    expect(proxy.asked.length).toBeGreaterThan(before);
  });

  test.each([
    ["text", "default backend - 404"],
    ["words that a registry could say", '{"message": "no Route matched with those values"}'],
    ["a registry's own words", '{"message": "Schema not found", "error_code": 40403}'],
  ])("a gateway's 404 is no registry's: %s", async (_, body) => {
    proxy.decide = () => ({ kind: "answer", status: 404, body });
    await expect(registry.fetch(id)).rejects.toBeInstanceOf(RegistryUnavailable);
    await expect(registry.fetch(id)).rejects.toThrow("is no schema registry");
    proxy.decide = () => FORWARD;
    expect(JSON.parse(await registry.fetch(id))).toEqual(JSON.parse(text));
  });

  test("a page of something else is no schema", async () => {
    proxy.decide = () => ({ kind: "answer", status: 200, body: "<html>Please sign in</html>" });
    await expect(registry.fetch(id)).rejects.toBeInstanceOf(RegistryUnavailable);
  });
});

describe("a registry that fails", () => {
  test.each<readonly [string, Way, string]>([
    ["does not answer", { kind: "hold" }, `no answer within ${HASTY_MS} ms`],
    ["goes away in the middle of its answer", { kind: "cut" }, `no answer within ${HASTY_MS} ms`],
    ["is not behind its gateway", { kind: "answer", status: 503, body: "" }, "status 503"],
    ["has a fault", { kind: "answer", status: 500, body: '{"message": "a fault"}' }, "a fault"],
    ["has no time", { kind: "answer", status: 429, body: "" }, "status 429"],
  ])("%s: it is asked so many times and is unavailable then, until it is well", async (_, way, reason) => {
    proxy.decide = () => way;
    const fetching = hasty.fetch(id);
    await expect(fetching).rejects.toBeInstanceOf(RegistryUnavailable);
    await expect(fetching).rejects.toThrow(reason);
    expect(proxy.asked).toHaveLength(LIMITS.attemptsMax);
    await until("nothing is left open", () => (proxy.open === 0 ? true : null));
    proxy.decide = () => FORWARD;
    expect(JSON.parse(await registry.fetch(id))).toEqual(JSON.parse(text));
  });

  test("once is asked again, and nobody notices", async () => {
    const ways: Way[] = [503, 502].map((status) => ({ kind: "answer", status, body: "" }));
    proxy.decide = () => ways.pop() ?? FORWARD;
    expect(JSON.parse(await registry.fetch(id))).toEqual(JSON.parse(text));
    expect(proxy.asked).toHaveLength(3);
  });

  test("by taking longer than the bound is unavailable to who has that bound, and answers who has time", async () => {
    proxy.decide = () => ({ kind: "late", ms: 2 * HASTY_MS });
    await expect(hasty.fetch(id)).rejects.toThrow(`no answer within ${HASTY_MS} ms`);
    expect(JSON.parse(await registry.fetch(id))).toEqual(JSON.parse(text));
  });

  test("by not answering is asked no more once the signal aborts, and says so at once after it", async () => {
    const abort = new AbortController();
    const patient = await openRegistry({ kind: "confluent", url: proxy.url, limits: LIMITS }, abort.signal);
    proxy.decide = () => ({ kind: "hold" });
    const fetching = Promise.allSettled([patient.fetch(id)]);
    await until("it is asked", () => (proxy.open === 1 ? true : null));
    abort.abort();
    expect(await fetching).toMatchObject([{ status: "rejected", reason: expect.any(RegistryUnavailable) }]);
    await until("nothing is left open", () => (proxy.open === 0 ? true : null));
    await expect(patient.fetch(id)).rejects.toThrow("it is asked no more");
    expect(proxy.asked).toHaveLength(1);
  });

  test("by not being there is unavailable, to register as well", async () => {
    const [port = 0] = await freePorts(1);
    const nowhere = await openRegistry({ kind: "confluent", url: `http://127.0.0.1:${port}`, limits: LIMITS });
    await expect(nowhere.fetch(1)).rejects.toBeInstanceOf(RegistryUnavailable);
    const registering = nowhere.register("a-value", text, "FULL_TRANSITIVE");
    await expect(registering).rejects.toThrow(`the schema registry at http://127.0.0.1:${port} did not`);
  });

  test("by being another program is told from one that is away by what to look at", async () => {
    const astray = await openRegistry({ kind: "confluent", url: new URL("/nothing", proxy.url).href, limits: LIMITS });
    const registering = astray.register("a-value", text, "FULL_TRANSITIVE");
    await expect(registering).rejects.toBeInstanceOf(RegistryUnavailable);
    await expect(registering).rejects.toThrow("look at the path of SCHEMA_REGISTRY_URL");
  });
});

describe("user and password", () => {
  const withCredentials = (password: string): string => {
    const url = new URL(proxy.url);
    [url.username, url.password] = [USER, encodeURIComponent(password)];
    return url.href;
  };
  beforeEach(() => {
    const right = `Basic ${Buffer.from(`${USER}:${PASSWORD}`).toString("base64")}`;
    proxy.decide = ({ headers }) => {
      if (headers.authorization === right) return FORWARD;
      return { kind: "answer", status: headers.authorization === undefined ? 401 : 403, body: "" };
    };
  });

  test("are taken from the url", async () => {
    const known = await openRegistry({ kind: "confluent", url: withCredentials(PASSWORD), limits: LIMITS });
    expect(JSON.parse(await known.fetch(id))).toEqual(JSON.parse(text));
  });

  test("are taken from the options rather than from the url", async () => {
    const auth = { username: USER, password: PASSWORD };
    const known = await openRegistry({ kind: "confluent", url: withCredentials("old"), auth, limits: LIMITS });
    expect(JSON.parse(await known.fetch(id))).toEqual(JSON.parse(text));
  });

  test.each([
    ["missing", 401, () => proxy.url],
    ["wrong", 403, () => withCredentials("secret")],
  ])("that are %s name the setting to look at, at once and without the secret", async (_, status, url) => {
    const unknown = await openRegistry({ kind: "confluent", url: url(), limits: LIMITS });
    for (const call of [unknown.fetch(id), unknown.register("a-value", text, "FULL_TRANSITIVE")]) {
      const error: unknown = await call.catch((thrown: unknown) => thrown);
      expect(error).toBeInstanceOf(RegistryMisconfigured);
      expect(String(error)).toContain(`(${status}): look at the user and password in SCHEMA_REGISTRY_URL`);
      expect(shown(error)).not.toContain("secret");
    }
    expect(proxy.asked).toHaveLength(2);
  });

  test("are in no message of a registry that is away", async () => {
    proxy.decide = () => ({ kind: "answer", status: 503, body: "" });
    const away = await openRegistry({ kind: "confluent", url: withCredentials("secret"), limits: LIMITS });
    const error: unknown = await away.fetch(id).catch((thrown: unknown) => thrown);
    expect(error).toBeInstanceOf(RegistryUnavailable);
    expect(shown(error)).not.toContain("secret");
    expect(shown(error)).not.toContain(USER);
  });

  test.each(["ftp://tide:secret@host/", "no url of secret", "http://host/?token=secret", "http://secret:%zz@host"])(
    "in an address that cannot be used are not shown: %s",
    async (url) => {
      const error: unknown = await openRegistry({ kind: "confluent", url }).catch((thrown: unknown) => thrown);
      expect(error).toBeInstanceOf(RegistryMisconfigured);
      expect(shown(error)).not.toContain("secret");
    },
  );
});

describe("the level of a subject", () => {
  const levelOf = async (subject: string): Promise<unknown> => {
    const answer = await fetch(`${apicurio.url}/config/${subject}`);
    return ((await answer.json()) as { readonly compatibilityLevel?: unknown }).compatibilityLevel;
  };
  const send = async (method: string, path: string, body: object): Promise<void> => {
    const headers = { "content-type": "application/json" };
    const answer = await fetch(`${apicurio.url}/${path}`, { method, headers, body: JSON.stringify(body) });
    expect(answer.ok).toBe(true);
  };
  const setLevel = (subject: string, compatibility: string): Promise<void> => {
    return send("PUT", `config/${subject}`, { compatibility });
  };

  test("of every topic is the one of its direction; a second start registers nothing and changes nothing", async () => {
    const prefix = `${randomUUID()}.`;
    const first = await openContracts({ registry, prefix });
    for (const topic of ["purchases", "interactions", "complaints", "customers", "models", "ticks"]) {
      expect([topic, await levelOf(`${prefix}${topic}-value`)]).toEqual([topic, "BACKWARD_TRANSITIVE"]);
    }
    for (const subject of ["scores-value", "tier-changes-value", "processor-state-value", "processor-state-barrier"]) {
      expect([subject, await levelOf(prefix + subject)]).toEqual([subject, "FULL_TRANSITIVE"]);
    }
    const before = proxy.asked.length;
    const second = await openContracts({ registry, prefix });
    expect(second.codecs.scores.schemaId).toBe(first.codecs.scores.schemaId);
    expect(proxy.asked.slice(before).filter((asked) => asked.startsWith("PUT"))).toEqual([]);
    const versions = await fetch(`${apicurio.url}/subjects/${prefix}scores-value/versions`);
    expect(await versions.json()).toEqual([1]);
  });

  test("is raised where it was laxer, and left where it is stricter", async () => {
    const [lax = "", none = "", strict = ""] = Array.from({ length: 3 }, () => `${randomUUID()}-value`);
    await send("POST", `subjects/${none}/versions`, { schema: text });
    expect(await levelOf(none)).toBe("NONE");
    await setLevel(lax, "BACKWARD");
    await setLevel(strict, "FULL_TRANSITIVE");
    for (const subject of [lax, none, strict]) await registry.register(subject, text, "BACKWARD_TRANSITIVE");
    expect(await levelOf(lax)).toBe("BACKWARD_TRANSITIVE");
    expect(await levelOf(none)).toBe("BACKWARD_TRANSITIVE");
    expect(await levelOf(strict)).toBe("FULL_TRANSITIVE");
  });

  test("is left where the registry has none to set", async () => {
    proxy.decide = ({ url = "" }) => {
      return url.includes("/config/") ? { kind: "answer", status: 404, body: "{}" } : FORWARD;
    };
    expect(await registry.register(`${randomUUID()}-value`, text, "FULL_TRANSITIVE")).toBe(id);
  });
});

describe("a schema that the registry refuses", () => {
  test("ends the start, with subject and field named", async () => {
    const prefix = `${randomUUID()}.`;
    const foreign = JSON.parse(readFileSync(new URL("../../schemas/scores.avsc", import.meta.url), "utf8")) as {
      fields: { name: string; type: unknown }[];
    };
    const field = foreign.fields.find(({ name }) => name === "customerId");
    expect(field).toBeDefined();
    if (field !== undefined) field.type = "bytes";
    foreign.fields = foreign.fields.map((each) => (each.name === "version" ? { ...each, type: "string" } : each));
    await registry.register(`${prefix}scores-value`, JSON.stringify(foreign), "FULL_TRANSITIVE");
    await expect(openContracts({ registry, prefix })).rejects.toMatchObject({
      code: "SCHEMA_INCOMPATIBLE",
      subject: `${prefix}scores-value`,
      field: "/version",
    });
  });

  test.each<readonly [string, string]>([
    ["no field", '{"error_code": 409, "message": "Schema being registered is incompatible with an earlier schema"}'],
    ["a place that is not there", '{"error_code": 409, "message": "incompatible at /fields/77"}'],
  ])("for words that name %s is compared here", async (_, body) => {
    const subject = `${randomUUID()}-value`;
    await registry.register(subject, recordSchema({ at: "long", by: "string" }), "FULL_TRANSITIVE");
    proxy.decide = ({ method }) => (method === "POST" ? { kind: "answer", status: 409, body } : FORWARD);
    const registering = registry.register(subject, recordSchema({ at: "long", by: "long" }), "FULL_TRANSITIVE");
    await expect(registering).rejects.toMatchObject({ code: "SCHEMA_INCOMPATIBLE", subject, field: "/by" });
  });
});

/** Everything of an error that could be logged. */
function shown(error: unknown): string {
  return error instanceof Error
    ? `${error.stack ?? ""}${JSON.stringify(error)}${shown(error.cause)}`
    : (JSON.stringify(error) ?? "");
}
