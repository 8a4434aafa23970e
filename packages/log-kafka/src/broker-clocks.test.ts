import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { BrokerClocks } from "./broker-clocks.ts";

/** A broker's clock as it could be: ahead of our monotonic one by so much, and going so much faster or slower. */
const clock = fc.record({
  aheadMs: fc.double({ min: 1.7e12, max: 1.8e12, noNaN: true }),
  rate: fc.double({ min: -400e-6, max: 400e-6, noNaN: true }),
});
const answers = fc.array(
  fc.record({
    gapMs: fc.double({ min: 0, max: 5_000, noNaN: true }),
    lateMs: fc.double({ min: 0, max: 2_000, noNaN: true }),
  }),
  { minLength: 1, maxLength: 30 },
);

describe("the lower bounds of brokers' clocks", () => {
  it("are never above the clock, whatever answers came how late", () => {
    fc.assert(
      fc.property(clock, answers, fc.double({ min: 0, max: 60_000, noNaN: true }), ({ aheadMs, rate }, came, later) => {
        const clocks = new BrokerClocks();
        const shows = (at: number): number => at * (1 + rate) + aheadMs;
        let at = 0;
        for (const { gapMs, lateMs } of came) {
          at += gapMs;
          clocks.observe(1, Math.floor(shows(at)), at + lateMs);
          at += lateMs;
          expect(clocks.lowerBound(1, at)).toBeLessThanOrEqual(shows(at));
        }
        expect(clocks.lowerBound(1, at + later)).toBeLessThanOrEqual(shows(at + later));
      }),
    );
  });

  it("keep the best of the answers, and lose little of it as it ages", () => {
    const clocks = new BrokerClocks();
    clocks.observe(1, 1_000_000, 100);
    clocks.observe(1, 1_000_010, 160);
    expect(clocks.lowerBound(1, 200)).toBe(1_000_099);
    const day = 24 * 3_600_000;
    expect(clocks.lowerBound(1, 100 + day)).toBe(1_000_000 + day - 50);
  });

  it("know of a broker that stamped nothing yet what those say that did, with room for skew; of no broker nothing", () => {
    const clocks = new BrokerClocks();
    expect(clocks.lowerBound(2, 5)).toBe(-Infinity);
    clocks.observe(1, 1_000_000, 100);
    clocks.observe(3, 1_000_200, 100);
    expect(clocks.lowerBound(2, 100)).toBe(1_000_000 - 500);
  });

  it("know of every broker, with room for skew, what one of them stamped where no more is known", () => {
    const clocks = new BrokerClocks();
    clocks.observeSomeBroker(1_000_000, 100);
    clocks.observeSomeBroker(1_000_050, 5_100); // Its answer was long in coming.
    expect(clocks.lowerBound(2, 100)).toBe(1_000_000 - 500);
    clocks.observe(1, 1_000_000, 200);
    expect(clocks.lowerBound(1, 200)).toBe(1_000_000);
    expect(clocks.lowerBound(2, 200)).toBe(1_000_000 - 500);
  });
});
