import { expect, test } from "vitest";
import { erasureBody, problemBody, summaryBody } from "../../services/gateway/src/bodies.ts";
import { openRig, type Rig, untilAsync } from "./rig.ts";

const DAY_MS = 86_400_000;

test("a customer who is erased is gone from queries and counts, late events do not bring back, and a new one begins anew", async () => {
  await using rig = await openRig({ withPipeline: true });
  const now = Date.now();
  await post(rig, [purchase("e-1", "gone", now - 40 * DAY_MS), purchase("e-2", "stays", now - 40 * DAY_MS)]);
  await untilAsync(async () => (await summary(rig)).customers === 2);
  expect((await rig.call("/v1/customers/gone/erasure")).status).toBe(404);

  const { appendedAt, erasedAt, copies } = await erase(rig, "gone");
  expect(erasedAt).toBeNull();
  expect(copies.map(({ topic }) => topic)).toContain("purchases");
  for (const { goneBy } of copies) expect(goneBy > appendedAt).toBe(true);
  await untilErased(rig, "gone", appendedAt);
  for (const below of ["", "/explanation"]) {
    const response = await rig.call(`/v1/customers/gone${below}`);
    expect(response.status).toBe(410);
    expect(response.headers.get("content-type")).toBe("application/problem+json");
    expect(problemBody.parse(await response.json())).toMatchObject({ code: "ERASED", erasedAt: appendedAt });
  }
  expect(await summary(rig)).toMatchObject({ customers: 1, byTier: { none: 0 } });
  expect((await rig.call("/v1/customers/stays")).status).toBe(200);

  await post(rig, [purchase("e-3", "gone", now - DAY_MS), purchase("e-4", "stays", now - DAY_MS)]);
  await untilAsync(async () => (await profileOf(rig, "stays")).purchases === 2);
  expect((await rig.call("/v1/customers/gone")).status).toBe(410);

  await post(rig, [purchase("e-5", "gone", Date.parse(appendedAt) + 1), purchase("e-6", "gone", now - 2 * DAY_MS)]);
  await untilAsync(async () => (await rig.call("/v1/customers/gone")).status === 200);
  expect(await profileOf(rig, "gone")).toMatchObject({ purchases: 1, x: 0 });
  expect((await rig.call("/v1/customers/gone/erasure")).status).toBe(200);
  expect(rig.lines.join("\n")).not.toMatch(/gone|stays/);
});

test("who was never seen can be erased: what comes of the time before is then suppressed, too", async () => {
  await using rig = await openRig({ withPipeline: true });
  const { appendedAt } = await erase(rig, "nobody");
  await untilErased(rig, "nobody", appendedAt);
  expect((await rig.call("/v1/customers/nobody")).status).toBe(410);
});

test("what can be no id is refused, and nothing is erased where there is no secret to keep it under", async () => {
  await using rig = await openRig({ withPipeline: true });
  for (const id of ["%00", "a%0Ab", "x".repeat(129)]) {
    const response = await rig.call(`/v1/customers/${id}`, { method: "DELETE" });
    expect([response.status, await codeOf(response)]).toEqual([400, "ID_INVALID"]);
  }
  await using without = await openRig();
  const response = await without.call("/v1/customers/c1", { method: "DELETE" });
  expect([response.status, await codeOf(response)]).toEqual([409, "ERASURE_KEY_MISSING"]);
  expect((await without.log.offsets(without.contracts.topics.customers, 0)).end).toBe(0);
});

function purchase(eventId: string, customerId: string, occurredAt: number): object {
  return { type: "purchase", eventId, customerId, occurredAt, kind: "PURCHASE", amountMinor: 2_500, currency: "EUR" };
}

async function post(rig: Rig, events: readonly object[]): Promise<void> {
  const headers = { "content-type": "application/json" };
  const response = await rig.call("/v1/events", { method: "POST", body: JSON.stringify({ events }), headers });
  expect(response.status).toBe(202);
}

async function erase(rig: Rig, id: string) {
  const response = await rig.call(`/v1/customers/${id}`, { method: "DELETE" });
  expect(response.status).toBe(202);
  return erasureBody.parse(await response.json());
}

async function untilErased(rig: Rig, id: string, appendedAt: string): Promise<void> {
  await untilAsync(async () => {
    const response = await rig.call(`/v1/customers/${id}/erasure`);
    return response.status === 200 && erasureBody.parse(await response.json()).appendedAt === appendedAt;
  });
}

async function summary(rig: Rig) {
  const response = await rig.call("/v1/summary");
  // Until the views have read what was there at the start.
  return response.status === 200 ? summaryBody.parse(await response.json()) : { customers: -1 };
}

async function profileOf(rig: Rig, id: string) {
  const response = await rig.call(`/v1/customers/${id}`);
  const body = (await response.json()) as { readonly profile?: { readonly purchases: number } };
  return body.profile ?? { purchases: 0 };
}

async function codeOf(response: Response): Promise<unknown> {
  return problemBody.parse(await response.json()).code;
}
