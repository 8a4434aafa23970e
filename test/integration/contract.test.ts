import { expect, test } from "vitest";
import { openSandbox } from "./sandbox.ts";

const DAY_MS = 86_400_000;

test(
  "a customer with a contract and no purchase is told by it: as it runs, in the words of the customer record, once it ran out and once it was ended",
  { timeout: 120_000 },
  async () => {
    await using sandbox = await openSandbox();
    const server = await sandbox.start([], { environment: { TIDEMARK_CURRENCY: "USD" } });
    const now = Date.now();
    const subscribed = (customerId: string) => ({
      type: "interaction",
      eventId: `${customerId}-1`,
      customerId,
      occurredAt: now - 200 * DAY_MS,
      kind: "SUBSCRIBE",
      termDays: 365,
      amountMinor: 120_000,
      currency: "USD",
    });
    const ended = { ...subscribed("left"), eventId: "left-2", kind: "UNSUBSCRIBE", occurredAt: now - 10 * DAY_MS };
    const record = { type: "customer", eventId: "crm-1", customerId: "crm", occurredAt: now - DAY_MS };
    const events = [
      subscribed("runs"),
      subscribed("left"),
      { ...ended, termDays: null, amountMinor: null, currency: null },
      { ...record, contractEndsAt: now + 40 * DAY_MS },
      { type: "interaction", eventId: "v", customerId: "visitor", occurredAt: now - DAY_MS, kind: "VISIT" },
    ];
    const sent = await fetch(`${server.url}/v1/events`, {
      method: "POST",
      headers: { "content-type": "application/json" },
      body: JSON.stringify({ events }),
    });
    expect(await sent.json()).toEqual({ accepted: 5, rejected: [] });
    await expect
      .poll(async () => (await fetch(`${server.url}/v1/customers/visitor`)).status, { timeout: 20_000 })
      .toBe(200);

    const told = async (id: string, inDays = 0): Promise<string> => {
      const at = String(now + inDays * DAY_MS + 60_000);
      const { code, stdout, stderr } = await sandbox.run(["explain", id, "--at", at, "--url", server.url]);
      expect([code, stderr]).toEqual([0, ""]);
      return stdout;
    };
    const [runs, left, crm] = [await told("runs"), await told("left"), await told("crm")];
    expect(runs).toMatch(
      /: active, tier platinum\.[\s\S]*Probability that the contract ends in the next 90 days: 0\.0 %, because\n.*contract to be renewed in 164 days/,
    );
    expect(await told("runs", 100)).toMatch(/contract ends in the next 90 days: 37\.\d %, because/);
    expect(await told("runs", 166)).toMatch(
      /: slipping, [\s\S]*Counts as gone until a contract or a purchase comes \(churn 100\.0 %\), because\n.*ran out 1 day ago and was not renewed/,
    );
    expect(left).toMatch(/: lost, [\s\S]*the customer ended the contract 10 days ago/);
    expect(crm).toMatch(
      /: active, [\s\S]*price is not known[\s\S]*contract ends in the next 90 days: 37\.\d %, because\n.*in 39 days, says the customer record/,
    );
    expect(await told("visitor")).toContain("No purchase and no contract, so no value and no risk.");
    for (const text of [runs, left, crm]) expect(text).not.toMatch(/no purchase/i);
    expect((await server.stop()).code).toBe(0);
  },
);
