import { expect, test } from "vitest";
import { openEvents } from "./event-reader.ts";
import { openRig } from "./rig.ts";

const DAY_MS = 86_400_000;

test("an alert of the pipeline reaches who listens, and so does its end, under the same id", async () => {
  await using rig = await openRig({ withPipeline: true });
  await using events = await openEvents(`${rig.url}/v1/streams/churn-alerts`);
  await events.next();
  const customerId = "complaining";
  const post = async (...sent: readonly object[]): Promise<void> => {
    const body = JSON.stringify({ events: sent.map((event) => ({ customerId, ...event })) });
    const headers = { "content-type": "application/json" };
    expect((await rig.call("/v1/events", { method: "POST", body, headers })).status).toBe(202);
  };
  const openedAt = Date.now() - 10 * DAY_MS;
  const complaint = { type: "complaint", complaintId: "k1" };
  await post(
    {
      type: "purchase",
      kind: "PURCHASE",
      eventId: "p1",
      occurredAt: openedAt - DAY_MS,
      amountMinor: 2_500,
      currency: "EUR",
    },
    { ...complaint, kind: "OPENED", eventId: "k1-opened", occurredAt: openedAt },
  );

  const raised = await events.nextEvent();
  expect(raised.event).toBe("churn-alert");
  const alert = JSON.parse(raised.data) as Record<string, unknown>;
  expect(alert).toMatchObject({ customerId, kind: "COMPLAINT_OVERDUE", state: "RAISED", cause: "EVENT", band: null });
  expect(alert).toMatchObject({ since: new Date(openedAt).toISOString(), value: { currency: "EUR" } });

  await post({ ...complaint, kind: "RESOLVED", eventId: "k1-resolved", occurredAt: Date.now() });
  const cleared = JSON.parse((await events.nextEvent()).data) as Record<string, unknown>;
  expect(cleared).toMatchObject({ alertId: alert["alertId"], kind: "COMPLAINT_OVERDUE", state: "CLEARED" });
});
