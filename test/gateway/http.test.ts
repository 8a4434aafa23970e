import { randomBytes } from "node:crypto";
import { connect } from "node:net";
import { once } from "node:events";
import { gzipSync } from "node:zlib";
import { type EventLog, LogUnavailable, partitionOf } from "@tidemark/streams";
import { describe, expect, test } from "vitest";
import { openRig, PARTITIONS, type Rig, until, untilAsync, wallClock, withAppend } from "./rig.ts";

const purchase = (more: object = {}): object => ({
  type: "purchase",
  eventId: "e1",
  customerId: "c1",
  occurredAt: "2026-01-31T12:00:00Z",
  kind: "PURCHASE",
  amountMinor: 1999,
  currency: "EUR",
  ...more,
});

const post = (rig: Rig, body: string | Uint8Array<ArrayBuffer>, type = "application/json"): Promise<Response> =>
  rig.call("/v1/events", { method: "POST", body, headers: { "content-type": type } });

const postEvents = (rig: Rig, events: readonly unknown[]): Promise<Response> => post(rig, JSON.stringify({ events }));

async function expectProblem(response: Response, status: number, code: string): Promise<Record<string, unknown>> {
  expect(response.headers.get("content-type")).toBe("application/problem+json");
  const body = (await response.json()) as Record<string, unknown>;
  expect({ status: response.status, code: body["code"] }).toEqual({ status, code });
  expect(body).toMatchObject({ status, title: expect.any(String), detail: expect.any(String) });
  return body;
}

/** All records of a topic, decoded by `decode`. */
async function recordsOf<T>(
  rig: Rig,
  topic: string,
  decode: (bytes: Uint8Array) => T,
): Promise<(T & { partition: number })[]> {
  const slices = await rig.log.fetch(
    Array.from({ length: PARTITIONS }, (_, partition) => ({ topic, partition, offset: 0 })),
    { bytesMaxPerPartition: 10_000_000, waitMsMax: 0, signal: new AbortController().signal },
  );
  return slices.flatMap((slice) =>
    slice.records.map((record) => ({ ...decode(record.value ?? new Uint8Array()), partition: slice.partition })),
  );
}

describe("events", () => {
  test("of every type are stored in the partition of their customer before they are acknowledged", async () => {
    await using rig = await openRig();
    const at = Date.UTC(2026, 0, 31, 12);
    const response = await postEvents(rig, [
      purchase(),
      { type: "interaction", eventId: "e2", customerId: "c2", occurredAt: at, kind: "VISIT" },
      { type: "complaint", eventId: "e3", customerId: "c3", occurredAt: at, kind: "OPENED", complaintId: "k1" },
      { type: "customer", eventId: "e4", customerId: "c4", occurredAt: at, segment: "retail" },
    ]);
    expect(response.status).toBe(202);
    expect(await response.json()).toEqual({ accepted: 4, rejected: [] });

    const { topics, codecs } = rig.contracts;
    const [bought] = await recordsOf(rig, topics.purchases, codecs.purchases.decode);
    expect(bought).toMatchObject({
      eventId: "e1",
      customerId: "c1",
      occurredAt: at,
      amountMinor: 1999,
      orderId: null,
      partition: partitionOf(Buffer.from("c1"), PARTITIONS),
    });
    expect(await recordsOf(rig, topics.interactions, codecs.interactions.decode)).toMatchObject([{ eventId: "e2" }]);
    expect(await recordsOf(rig, topics.complaints, codecs.complaints.decode)).toMatchObject([{ eventId: "e3" }]);
    expect(await recordsOf(rig, topics.customers, codecs.customers.decode)).toMatchObject([{ eventId: "e4" }]);
  });

  test("come as NDJSON too, and go wrong line by line", async () => {
    await using rig = await openRig();
    const body = Buffer.concat([
      Buffer.from(`${JSON.stringify(purchase())}\n{"type":\n\n`),
      Buffer.from([0x22, 0xff, 0x22, 0x0a]),
      Buffer.from(JSON.stringify(purchase({ eventId: "e2" }))),
    ]);
    const response = await post(rig, body, "application/x-ndjson");
    expect(response.status).toBe(202);
    expect(await response.json()).toEqual({
      accepted: 2,
      rejected: [
        { index: 1, code: "NOT_JSON", path: "", message: "the line is not valid JSON" },
        { index: 2, code: "NOT_UTF8", path: "", message: "the line is not valid UTF-8" },
      ],
    });
  });

  test("that are wrong are refused with a reason, and their neighbours are taken", async () => {
    await using rig = await openRig();
    const canary = "canary-7f3a";
    const cases: readonly [unknown, code: string, path: string][] = [
      [purchase({ extra: canary }), "UNKNOWN_FIELD", "/extra"],
      [purchase({ amountMinor: canary }), "WRONG_TYPE", "/amountMinor"],
      [purchase({ amountMinor: null }), "WRONG_TYPE", "/amountMinor"],
      [purchase({ amountMinor: 1.5 }), "WRONG_TYPE", "/amountMinor"],
      [purchase({ amountMinor: 1e12 + 1 }), "AMOUNT_OUT_OF_RANGE", "/amountMinor"],
      [purchase({ amountMinor: -1 }), "AMOUNT_OUT_OF_RANGE", "/amountMinor"],
      [purchase({ occurredAt: "9999-12-31T23:59:59Z" }), "TIME_OUT_OF_RANGE", "/occurredAt"],
      [purchase({ occurredAt: -1 }), "TIME_OUT_OF_RANGE", "/occurredAt"],
      [purchase({ occurredAt: "-000001-01-01T00:00:00Z" }), "TIME_OUT_OF_RANGE", "/occurredAt"],
      [purchase({ occurredAt: canary }), "TIME_INVALID", "/occurredAt"],
      [purchase({ customerId: "" }), "ID_INVALID", "/customerId"],
      [purchase({ customerId: "x".repeat(129) }), "ID_INVALID", "/customerId"],
      [purchase({ customerId: "x".repeat(900_000) }), "ID_INVALID", "/customerId"],
      [purchase({ customerId: `a\u0000${canary}` }), "ID_INVALID", "/customerId"],
      [purchase({ eventId: "a\nb" }), "ID_INVALID", "/eventId"],
      [purchase({ customerId: "\ud800" }), "STRING_INVALID", "/customerId"],
      [purchase({ currency: "XQZ" }), "CURRENCY_UNKNOWN", "/currency"],
      [purchase({ kind: canary }), "UNKNOWN_SYMBOL", "/kind"],
      [{ ...purchase(), type: canary }, "UNKNOWN_TYPE", "/type"],
      [JSON.parse('{"__proto__":{"type":"purchase"}}'), "UNKNOWN_TYPE", "/type"],
      [{ ...purchase(), attributes: JSON.parse('{"__proto__":"x"}') as unknown }, "NAME_INVALID", "/attributes"],
      [canary, "WRONG_TYPE", ""],
      [null, "WRONG_TYPE", ""],
      [[[[[]]]], "WRONG_TYPE", ""],
    ];
    for (const [event, code, path] of cases) {
      const response = await postEvents(rig, [purchase(), event, purchase({ eventId: "e2" })]);
      expect(response.status).toBe(202);
      const text = await response.text();
      expect(text).not.toContain(canary);
      expect(JSON.parse(text)).toEqual({
        accepted: 2,
        rejected: [{ index: 1, code, path, message: expect.stringMatching(/^[a-z]/) }],
      });
    }
    const own = JSON.stringify(purchase()).replace("{", '{"__proto__":{"a":1},');
    const response = await post(rig, `{"events":[${own}]}`);
    expect(await expectProblem(response, 422, "ALL_REJECTED")).toMatchObject({
      accepted: 0,
      rejected: [{ index: 0, code: "UNKNOWN_FIELD" }],
    });
    expect(rig.lines.join("")).not.toContain(canary);
  });

  test("deeper than any stack are refused like others", async () => {
    await using rig = await openRig();
    const deep = "[".repeat(250_000) + "]".repeat(250_000);
    const event = JSON.stringify(purchase({ attributes: "DEEP" })).replace('"DEEP"', deep);
    const response = await post(
      rig,
      `{"events":[${deep},${event.replace(deep, '{"a":' + deep.slice(100_000, 400_000) + "}")}]}`,
    );
    const body = await expectProblem(response, 422, "ALL_REJECTED");
    expect(body["rejected"]).toHaveLength(2);
  });

  test("all wrong are 422", async () => {
    await using rig = await openRig();
    const body = await expectProblem(await postEvents(rig, [{}, 1]), 422, "ALL_REJECTED");
    expect(body["rejected"]).toMatchObject([{ index: 0 }, { index: 1 }]);
  });

  test("none at all are 202", async () => {
    await using rig = await openRig();
    expect(await (await postEvents(rig, [])).json()).toEqual({ accepted: 0, rejected: [] });
  });

  test("that are no JSON, or none of ours, are 400", async () => {
    await using rig = await openRig();
    for (const text of ["{", "", '{"events":[NaN]}', '{"events":[Infinity]}', "\u0000"]) {
      await expectProblem(await post(rig, text), 400, text === "" ? "NOT_JSON" : "NOT_JSON");
    }
    await expectProblem(await post(rig, new Uint8Array([0x22, 0xc3, 0x28, 0x22])), 400, "NOT_UTF8");
    await expectProblem(await post(rig, "[]"), 400, "BODY_INVALID");
    await expectProblem(await post(rig, JSON.stringify(purchase())), 400, "BODY_INVALID");
    await expectProblem(await rig.call("/v1/events", { method: "POST" }), 400, "BODY_MISSING");
    await expectProblem(await post(rig, "a=1", "application/x-www-form-urlencoded"), 415, "MEDIA_TYPE_UNSUPPORTED");
  });

  test("too many or too large are 413", async () => {
    await using rig = await openRig();
    const events = Array.from({ length: 1001 }, () => 0);
    await expectProblem(await postEvents(rig, events), 413, "TOO_MANY_ENTRIES");
    await expectProblem(await post(rig, "1\n".repeat(1001), "application/x-ndjson"), 413, "TOO_MANY_ENTRIES");
    for (const bytes of [1024 * 1024 + 1, 20_000_000]) {
      await expectProblem(await post(rig, `"${"x".repeat(bytes)}"`), 413, "BODY_TOO_LARGE");
    }
  });

  test("that come compressed are 415, not garbage", async () => {
    await using rig = await openRig();
    const body = gzipSync(JSON.stringify({ events: [purchase()] }));
    for (const type of ["application/json", "application/x-ndjson"]) {
      const headers = { "content-type": type, "content-encoding": "gzip" };
      const response = await rig.call("/v1/events", { method: "POST", body, headers });
      await expectProblem(response, 415, "CONTENT_ENCODING_UNSUPPORTED");
    }
    const headers = { "content-type": "application/json", "content-encoding": "Identity" };
    const plain = await rig.call("/v1/events", { method: "POST", body: '{"events":[]}', headers });
    expect(plain.status).toBe(202);
  });

  test("are not read in beyond a bound of bytes, and the sender is told when to try again", async () => {
    await using rig = await openRig();
    // Each says that it will send as much as may be, and is slow to.
    const head = `POST /v1/events HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nContent-Length: ${1024 * 1024}\r\n\r\n`;
    const slow = Array.from({ length: 64 }, () => connect(Number(new URL(rig.url).port), "127.0.0.1"));
    for (const socket of slow) socket.write(head);
    await untilAsync(async () => (await postEvents(rig, [purchase()])).status === 503);
    const response = await postEvents(rig, [purchase()]);
    expect(response.headers.get("retry-after")).toBe("1");
    await expectProblem(response, 503, "BUSY");
    expect((await rig.call("/v1/summary")).status).toBe(200);
    for (const socket of slow) socket.destroy();
    await untilAsync(async () => (await postEvents(rig, [purchase()])).status === 202);
  });

  test("of random bytes never crash it", async () => {
    await using rig = await openRig();
    for (let round = 0; round < 50; round++) {
      const bytes = new Uint8Array(randomBytes(200));
      for (const type of ["application/json", "application/x-ndjson"]) {
        expect((await post(rig, bytes, type)).status).toBeGreaterThanOrEqual(400);
      }
    }
    expect((await postEvents(rig, [purchase()])).status).toBe(202);
  });

  test("cannot be taken while the log is down, and the sender is told when to try again", async () => {
    let isDown = true;
    const failing = (log: EventLog): EventLog =>
      withAppend(log, (batches, options) =>
        isDown ? Promise.reject(new LogUnavailable("the disk is full")) : log.append(batches, options),
      );
    await using rig = await openRig({ wrapLog: failing });
    const response = await postEvents(rig, [purchase()]);
    expect(response.headers.get("retry-after")).toBe("2");
    await expectProblem(response, 503, "LOG_UNAVAILABLE");
    isDown = false;
    expect((await postEvents(rig, [purchase()])).status).toBe(202);
  });

  test("under way are stored and acknowledged before the gateway closes", async () => {
    const arrived = Promise.withResolvers<void>();
    const gate = Promise.withResolvers<void>();
    const waiting = (log: EventLog): EventLog =>
      withAppend(log, async (batches, options) => {
        arrived.resolve();
        await gate.promise;
        return log.append(batches, options);
      });
    await using rig = await openRig({ wrapLog: waiting });
    const answer = postEvents(rig, [purchase()]);
    await arrived.promise;
    const closed = rig.gateway.close();
    gate.resolve();
    expect((await answer).status).toBe(202);
    await closed;
  });

  test("far in the future are judged by the clock, and in clock mode event by the ticks alone", async () => {
    const soon = new Date(Date.now() + 8 * 86_400_000).toISOString();
    await using wall = await openRig();
    const body = await expectProblem(await postEvents(wall, [purchase({ occurredAt: soon })]), 422, "ALL_REJECTED");
    expect(body["rejected"]).toMatchObject([{ code: "TIME_OUT_OF_RANGE", path: "/occurredAt" }]);
    await using event = await openRig({ config: { clock: "event" } });
    expect((await postEvents(event, [purchase({ occurredAt: soon })])).status).toBe(202);
  });
});

test("bodies that come together wait in line, slice by slice, and a query does not wait for them", async () => {
  const waiting: (() => void)[] = [];
  let open = false;
  const giveWay = (): Promise<void> =>
    open ? wallClock.yield() : new Promise<void>((resolve) => waiting.push(resolve));
  await using rig = await openRig({ clock: { ...wallClock, yield: giveWay } });
  const events = Array.from({ length: 40 }, (_, n) => purchase({ eventId: `e${n}` }));
  const lines = events.map((event) => JSON.stringify(event)).join("\n");
  const headers = { "content-type": "application/x-ndjson" };
  const answers = [
    postEvents(rig, events),
    rig.call("/v1/events", { method: "POST", body: lines, headers }),
    rig.call(`/v1/imports/${"ab".repeat(32)}?from=0`, { method: "POST", body: lines, headers }),
  ];
  // Each before its first entry, and after a slice of them.
  for (let pass = 0; pass < 2; pass++) {
    await until(() => waiting.length === answers.length);
    expect((await rig.call("/healthz")).status).toBe(200);
    for (const goOn of waiting.splice(0)) goOn();
  }
  open = true;
  for (const goOn of waiting.splice(0)) goOn();
  expect((await Promise.all(answers)).map(({ status }) => status)).toEqual([202, 202, 200]);
});

describe("whatever is not there or not HTTP", () => {
  test("is answered by a problem that repeats nothing of it", async () => {
    await using rig = await openRig();
    for (const path of ["/nothing", "/v1/customers", "/v1/base/nothing"]) {
      await expectProblem(await rig.call(path), 404, "NOT_FOUND");
    }
    await expectProblem(await rig.call("/v1/customers/"), 404, "CUSTOMER_UNKNOWN");
    await expectProblem(await rig.call(`/v1/customers/${"x".repeat(2000)}`), 400, "URL_INVALID");
    await expectProblem(await rig.call("/v1/customers/%ff"), 400, "URL_INVALID");
    await expectProblem(await rig.call("/v1/events", { method: "DELETE" }), 404, "NOT_FOUND");
    const socket = connect(Number(new URL(rig.url).port), "127.0.0.1");
    socket.end("nonsense\r\n\r\n");
    const [answer] = (await once(socket, "data")) as [Buffer];
    expect(answer.toString()).toMatch(/^HTTP\/1.1 400 .*application\/problem\+json.*REQUEST_MALFORMED/s);
  });
});

describe("access", () => {
  const keys = { apiKeys: ["key-one", "key-two"] };

  test("with keys only with a key, but for the pages and the probes", async () => {
    await using rig = await openRig({ config: keys });
    for (const path of [
      "/v1/summary",
      "/v1/customers/c1",
      "/v1/streams/scores",
      "/metrics",
      "/v1/events",
      "/nothing",
    ]) {
      const response = await rig.call(path, path === "/v1/events" ? { method: "POST" } : {});
      expect(response.headers.get("www-authenticate")).toBe("Bearer");
      await expectProblem(response, 401, "KEY_REQUIRED");
    }
    for (const path of ["/", "/docs", "/openapi.json", "/healthz", "/readyz", "/assets/page/main.js"]) {
      expect((await rig.call(path)).status).toBe(200);
    }
    for (const headers of [{ authorization: "Bearer key-one" }, { "x-api-key": "key-two" }]) {
      expect((await rig.call("/v1/summary", { headers })).status).toBe(200);
    }
    await expectProblem(await rig.call("/v1/summary", { headers: { "x-api-key": "key" } }), 401, "KEY_REQUIRED");
  });

  test("from other machines is not offered without keys", async () => {
    await expect(openRig({ config: { host: "0.0.0.0" } })).rejects.toMatchObject({ code: "CONFIG_INVALID" });
    await using rig = await openRig({ config: { host: "0.0.0.0", ...keys } });
    expect(rig.url).toMatch(/^http:\/\/0\.0\.0\.0:/);
  });
});

describe("operations", () => {
  test("say whether it lives, whether it is ready, and how it does", async () => {
    await using rig = await openRig();
    expect(await (await rig.call("/healthz")).json()).toEqual({ status: "ok" });
    expect(await (await rig.call("/readyz")).json()).toEqual({
      status: "ok",
      checks: { log: "ok", store: "ok", registry: "ok" },
    });
    const metrics = await rig.call("/metrics");
    expect(metrics.headers.get("content-type")).toMatch(/^text\/plain/);
    expect(await metrics.text()).toContain("# TYPE tidemark_events_total counter");
  });

  test("names of customers are logged nowhere", async () => {
    await using rig = await openRig({
      states: {
        read() {
          throw new Error("canary-in-message");
        },
      },
    });
    await expectProblem(await rig.call("/v1/customers/canary-in-url"), 500, "INTERNAL");
    expect(rig.lines).toHaveLength(1);
    expect(rig.lines[0]).toContain("/v1/customers/:id");
    expect(rig.lines.join("")).not.toContain("canary");
  });
});

test("the interface describes itself, every call of it", async () => {
  await using rig = await openRig();
  const described = (await (await rig.call("/openapi.json")).json()) as {
    openapi: string;
    paths: Record<string, Record<string, unknown>>;
    components: { schemas: Record<string, unknown> };
  };
  expect(described.openapi).toBe("3.1.0");
  const calls = Object.entries(described.paths).flatMap(([path, methods]) =>
    Object.keys(methods).map((method) => `${method} ${path}`),
  );
  expect(calls.toSorted()).toEqual([
    "delete /v1/customers/{id}",
    "get /healthz",
    "get /metrics",
    "get /readyz",
    "get /v1/base",
    "get /v1/customers/{id}",
    "get /v1/customers/{id}/erasure",
    "get /v1/customers/{id}/explanation",
    "get /v1/imports",
    "get /v1/imports/{digest}",
    "get /v1/streams/churn-alerts",
    "get /v1/streams/scores",
    "get /v1/streams/tier-changes",
    "get /v1/summary",
    "post /v1/events",
    "post /v1/imports/{digest}",
  ]);
  expect(Object.keys(described.components.schemas)).toEqual(["Purchase", "Interaction", "Complaint", "Customer"]);
  expect(described.paths["/v1/events"]?.["post"]).toMatchObject({
    requestBody: { content: { "application/json": { schema: { properties: { events: { maxItems: 1000 } } } } } },
  });
});
