import { openKafkaLog } from "@tidemark/log-kafka";
import { afterAll, beforeAll, expect, test } from "vitest";
import { systemClock } from "../conformance/system-clock.ts";
import { until } from "../integration/until.ts";
import { withFreePorts } from "./free-ports.ts";
import { openTopicSpace, type TopicSpace } from "./topic-space.ts";

let space: TopicSpace;
beforeAll(async () => {
  space = await openTopicSpace();
});
afterAll(() => space[Symbol.asyncDispose]());

test("each address that cannot be reached is told of at the start, though another one answers", async () => {
  const problems: string[] = [];
  const wrong = await withFreePorts(2, (ports) => Promise.resolve(ports.map((port) => `127.0.0.1:${port}`)));
  const log = await openKafkaLog({
    // The second is the first that is asked, and answers.
    brokers: [...wrong.slice(0, 1), ...space.brokers, ...wrong.slice(1)],
    clientId: "seeds",
    clock: systemClock,
    onProblem: (error) => problems.push(String(error)),
  });
  await until("news of both", () => (problems.length < wrong.length ? null : true));
  for (const address of wrong) {
    expect(problems).toContainEqual(expect.stringContaining(`broker ${address} cannot be reached`));
  }
  await log.close();
});
