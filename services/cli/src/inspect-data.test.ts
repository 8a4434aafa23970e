import { systemClock } from "@tidemark/clock";
import type { Contracts } from "@tidemark/contracts";
import { type EventLog, type LogRecord, stateKey } from "@tidemark/streams";
import { expect, test } from "vitest";
import { readChangelog } from "./inspect-data.ts";

test("a changelog is read to its end also where the log has nothing to give for a moment", async () => {
  const answers: (readonly string[])[] = [["a"], [], ["b", "c"]];
  const log: Pick<EventLog, "offsets" | "fetch"> = {
    offsets: () => Promise.resolve({ start: 0, end: 3 }),
    fetch([position]) {
      const { topic, partition, offset } = position ?? { topic: "", partition: 0, offset: 0 };
      const records = (answers.shift() ?? []).map((key, index): LogRecord => {
        return {
          offset: offset + index,
          appendedAt: 0,
          key: Buffer.from(stateKey(key)),
          value: Buffer.of(1),
          bytes: 2,
        };
      });
      const offsetNext = offset + records.length;
      return Promise.resolve([{ topic, partition, records, offsetNext, offsetEnd: 3, completeTo: 0 }]);
    },
  };
  const contracts = { topics: { processorState: "changelog" } } as Contracts;
  const keys: string[] = [];
  await readChangelog({ log: log as EventLog, contracts, clock: systemClock() }, 0, (key) => keys.push(key));
  expect(keys).toEqual(["a", "b", "c"]);
});
