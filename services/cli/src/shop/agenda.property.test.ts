import fc from "fast-check";
import { expect, it } from "vitest";
import { createAgenda } from "./agenda.ts";

it("an agenda gives back what was noted by time, and in the order of noting where times are equal", () => {
  fc.assert(
    fc.property(fc.array(fc.option(fc.integer({ min: 0, max: 9 }), { nil: null })), (steps) => {
      const agenda = createAgenda();
      let noted: { at: number; index: number }[] = [];
      const check = (): void => {
        noted = noted.toSorted((a, b) => a.at - b.at || a.index - b.index);
        const next = agenda.next();
        let done: number | null = null;
        next?.action(next.at);
        done = taken;
        expect(done).toBe(noted.shift()?.index ?? null);
        taken = null;
      };
      let taken: number | null = null;
      steps.forEach((at, index) => {
        if (at === null) {
          check();
          return;
        }
        noted.push({ at, index });
        agenda.note(at, () => {
          taken = index;
        });
      });
      while (noted.length > 0) check();
      expect(agenda.next()).toBeNull();
    }),
  );
});
