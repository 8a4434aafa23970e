import { openRig } from "./rig.ts";
const rig = await openRig();
const body = (n: number) =>
  JSON.stringify({
    events: Array.from({ length: 1000 }, (_, i) =>
      i % 100 < 85
        ? {
            type: "interaction",
            eventId: `e${n}-${i}`,
            customerId: `c${String((n * 7919 + i * 13) % 100000).padStart(8, "0")}`,
            occurredAt: Date.now() - i,
            kind: "VISIT",
            channel: "web",
          }
        : {
            type: "purchase",
            eventId: `e${n}-${i}`,
            customerId: `c${String((n * 7919 + i * 13) % 100000).padStart(8, "0")}`,
            occurredAt: Date.now() - i,
            kind: "PURCHASE",
            amountMinor: 1999,
            currency: "EUR",
            orderId: `o${i}`,
          },
    ),
  });
const bodies = Array.from({ length: 40 }, (_, n) => body(n));
for (let round = 0; round < 4; round++) {
  const c = process.cpuUsage();
  const t = performance.now();
  let next = 0;
  await Promise.all(
    Array.from({ length: 4 }, async () => {
      while (next < bodies.length) {
        const b = bodies[next++]!;
        const r = await rig.call("/v1/events", {
          method: "POST",
          body: b,
          headers: { "content-type": "application/json" },
        });
        await r.arrayBuffer();
        if (r.status !== 202) throw new Error(String(r.status));
      }
    }),
  );
  const u = process.cpuUsage(c);
  const ms = performance.now() - t;
  console.log(
    `${((40000 / ms) * 1000).toFixed(0)} events/s, cpu ${((u.user + u.system) / 40000).toFixed(2)} us/event (client included)`,
  );
}
await rig[Symbol.asyncDispose]();
