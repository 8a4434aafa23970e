import { type ChildProcess, spawn } from "node:child_process";
import { createInterface } from "node:readline";
import { systemClock } from "@tidemark/clock";
import { type GroupLimits, type GroupMembership, joinGroup } from "@tidemark/log-kafka";
import { InvariantBroken, type StoreReport } from "@tidemark/streams";
import { Kafka, logLevel } from "kafkajs";
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from "vitest";
import { until } from "../integration/until.ts";
import { startBroker } from "./broker.ts";
import type { MemberLine, MemberSetup } from "./member-process.ts";
import { openTopicSpace, type TopicSpace, topicSpaceOn } from "./topic-space.ts";

const LONG = process.env["TIDEMARK_TEST_LONG"] === "1";
const PARTITIONS = 6;
/** As they are but for the session, so that the dead are missed soon. */
const LIMITS: Partial<GroupLimits> = { sessionMs: 3_000, rebalanceMs: 3_000 };

let space: TopicSpace;
let topic: string;
let groups = 0;
let groupId: string;
let problems: unknown[];
const members: GroupMembership[] = [];
const processes: MemberProcess[] = [];

beforeAll(async () => {
  space = await openTopicSpace();
  await space.createTopics([{ topic: "owned", numPartitions: PARTITIONS }]);
  topic = `${space.prefix}owned`;
});
beforeEach(() => {
  groups += 1;
  groupId = `${space.prefix}group-${groups}`;
  problems = [];
});
afterEach(async () => {
  for (const { child } of processes.splice(0)) child.kill("SIGKILL");
  await Promise.all(members.splice(0).map((member) => member.leave()));
});
afterAll(() => space[Symbol.asyncDispose]());

test("members share the partitions; who joins gets its share, and who leaves gives it back at once", async () => {
  const first = join();
  expect(first.current).toEqual({ generation: 0, partitions: [] });
  await owns(first, [0, 1, 2, 3, 4, 5]);
  const second = join();
  await until("both have half", () => Promise.resolve(second.current.partitions.length === 3 ? true : null));
  await until("the other half stays", () => Promise.resolve(first.current.partitions.length === 3 ? true : null));
  expect(new Set([...first.current.partitions, ...second.current.partitions])).toEqual(new Set([0, 1, 2, 3, 4, 5]));

  const leavingAt = performance.now();
  await second.leave();
  await owns(first, [0, 1, 2, 3, 4, 5]);
  expect(performance.now() - leavingAt).toBeLessThan(LIMITS.sessionMs ?? 0);
});

test("who comes again with its stores gets the partitions that it is the furthest with", async () => {
  const first = join([0, 1, 2, 3, 4, 5].map((partition) => store(partition, 100)));
  await owns(first, [0, 1, 2, 3, 4, 5]);
  const second = join([store(1, 90), store(2, 99), store(4, 98), store(5, 97)]);
  await owns(first, [0, 1, 3]);
  await owns(second, [2, 4, 5]);
  expect(second.current.partitions).toEqual([2, 4, 5]);
});

test("what newer code has worked on stays with newer code in a rolling upgrade", async () => {
  const upgraded = join(
    [0, 1, 2, 3].map((partition) => ({ ...store(partition, 10), readerVersionMin: 2 })),
    2,
  );
  await owns(upgraded, [0, 1, 2, 3, 4, 5]);
  const old = join([], 1);
  await owns(upgraded, [0, 1, 2, 3]);
  await owns(old, [4, 5]);
  expect(upgraded.current.partitions).toEqual([0, 1, 2, 3]);
});

test("a member that was killed is missed after its session, and its partitions are taken over", async () => {
  const first = join();
  await owns(first, [0, 1, 2, 3, 4, 5]);
  const doomed = await startMember();
  await doomed.owns(3);
  await until("three are left", () => Promise.resolve(first.current.partitions.length === 3 ? true : null));
  const killedAt = performance.now();
  doomed.child.kill("SIGKILL");
  await owns(first, [0, 1, 2, 3, 4, 5]);
  expect(performance.now() - killedAt).toBeGreaterThan(1_000);
});

test("a member that was stopped beyond its session is not confirmed in what it owned before it has joined anew", async () => {
  const sleeper = await startMember();
  await sleeper.owns(PARTITIONS);
  sleeper.child.kill("SIGSTOP");
  const other = join();
  await owns(other, [0, 1, 2, 3, 4, 5]);
  // What it owned stays with the one that has taken it over meanwhile, as far as shares go.
  sleeper.child.kill("SIGCONT");
  await sleeper.owns(3);
  await until("three are left", () => Promise.resolve(other.current.partitions.length === 3 ? true : null));
  const lines = sleeper.lines;
  const joinedAnew = lines.findLastIndex(({ kind }) => kind === "owned");
  const before = lines.slice(0, joinedAnew).findLast(({ kind }) => kind === "owned");
  expect(before?.partitions).toHaveLength(PARTITIONS);
  for (const { kind, partitions } of lines.slice(joinedAnew)) {
    if (kind === "confirmed") expect(lines[joinedAnew]?.partitions).toContain(partitions[0]);
  }
});

test("a partition is confirmed by a heartbeat that was sent after the question, and only to who owns it", async () => {
  const first = join();
  await owns(first, [0, 1, 2, 3, 4, 5]);
  const askedAt = performance.now();
  await first.confirm(0, never());
  expect(performance.now() - askedAt).toBeGreaterThan(400);

  const second = join();
  await until("they share", () => Promise.resolve(second.current.partitions.length === 3 ? true : null));
  await until("both know", () => Promise.resolve(first.current.partitions.length === 3 ? true : null));
  const lost = second.current.partitions[0] ?? -1;
  let isConfirmed = false;
  const stop = new AbortController();
  const askFor = async (): Promise<void> => {
    await first.confirm(lost, stop.signal);
    isConfirmed = true;
  };
  const asked = askFor();
  await first.confirm(first.current.partitions[0] ?? -1, never());
  await first.confirm(first.current.partitions[0] ?? -1, never());
  expect(isConfirmed).toBe(false);
  await second.leave();
  await asked;
  expect(first.current.partitions).toContain(lost);
  stop.abort();
  await first.confirm(99, stop.signal);
});

test("a group in which another application is ends the membership with the reason", async () => {
  const kafka = new Kafka({ brokers: [...space.brokers], logLevel: logLevel.NOTHING });
  const stranger = kafka.consumer({ groupId, heartbeatInterval: 200, maxWaitTimeInMs: 50 });
  await stranger.connect();
  await stranger.subscribe({ topics: [topic] });
  const joined = new Promise<void>((resolve) => stranger.on(stranger.events.GROUP_JOIN, () => resolve()));
  await stranger.run({ eachMessage: () => Promise.resolve() });
  await joined;
  await expect(join().next(0, never())).rejects.toMatchObject({
    code: "LOG_UNAVAILABLE",
    message: "the broker does not admit this member: INCONSISTENT_GROUP_PROTOCOL",
  });
  await stranger.disconnect();
});

test("a topic that is not there ends the membership", async () => {
  const member = joinGroup({ ...options(), topic: `${space.prefix}nowhere` });
  members.push(member);
  await expect(member.next(0, never())).rejects.toMatchObject({ code: "TOPIC_MISMATCH" });
});

test("a fault in what is told of stores ends the membership as the bug that it is", async () => {
  const member = joinGroup(options());
  members.push(member);
  member.reportStores(() => {
    throw new TypeError("a bug");
  });
  await expect(member.next(0, never())).rejects.toThrow(InvariantBroken);
});

test("who waits for the next word, or leaves before there was one, need not wait for a broker", async () => {
  const member = joinGroup({
    ...options(),
    brokers: ["127.0.0.1:1"],
    limits: { ...LIMITS, retries: 0, retryMsMin: 10 },
  });
  const stop = new AbortController();
  const word = member.next(0, stop.signal);
  await until("it has told of it", () => Promise.resolve(problems.length > 0 ? true : null));
  expect(problems[0]).toMatchObject({ code: "LOG_UNAVAILABLE", message: "the consumer group cannot be reached" });
  stop.abort();
  expect(await word).toEqual({ generation: 0, partitions: [] });
  await member.leave();
  await member.leave();
});

test.runIf(LONG)(
  "a member stays through a broker that is killed and comes again, and keeps what it owns meanwhile",
  async () => {
    await using broker = await startBroker();
    const own = await topicSpaceOn([broker.bootstrap]);
    await own.createTopics([{ topic: "owned", numPartitions: 2 }]);
    const member = joinGroup({
      ...options(),
      brokers: own.brokers,
      topic: `${own.prefix}owned`,
      groupId: `${own.prefix}g`,
    });
    members.push(member);
    const { generation } = await member.next(0, never());
    await broker.kill();
    await until("it has told of it", () => (problems.length > 0 ? true : null));
    expect(member.current).toEqual({ generation, partitions: [0, 1] });
    await broker.restart();
    await member.next(generation, never());
    await member.confirm(1, never());
    expect(member.current.partitions).toEqual([0, 1]);
    await member.leave();
    await own.admin.disconnect();
  },
  180_000,
);

function options() {
  return {
    brokers: space.brokers,
    clientId: "test",
    groupId,
    topic,
    clock: systemClock(),
    limits: LIMITS,
    onProblem: (error: unknown) => void problems.push(error),
  };
}

function join(stores: readonly StoreReport[] = [], readerVersion = 1): GroupMembership {
  const member = joinGroup({ ...options(), readerVersion });
  member.reportStores(() => stores);
  members.push(member);
  void member.next(0, never()).catch(() => undefined);
  return member;
}

function store(partition: number, offset: number): StoreReport {
  return { partition, offset, readerVersionMin: 0 };
}

async function owns(member: GroupMembership, partitions: readonly number[]): Promise<void> {
  await until(`a member owns ${partitions.join()}`, () =>
    Promise.resolve(member.current.partitions.join() === partitions.join() ? true : null),
  );
}

function never(): AbortSignal {
  return new AbortController().signal;
}

interface MemberProcess {
  readonly child: ChildProcess;
  readonly lines: MemberLine[];
  owns(count: number): Promise<void>;
}

/** A member in a process of its own. */
async function startMember(): Promise<MemberProcess> {
  const setup: MemberSetup = { brokers: space.brokers, groupId, topic, limits: LIMITS };
  const script = new URL("member-process.ts", import.meta.url).pathname;
  const child = spawn("node", [script, JSON.stringify(setup)], { stdio: ["ignore", "pipe", "inherit"] });
  const lines: MemberLine[] = [];
  createInterface({ input: child.stdout }).on("line", (line) => lines.push(JSON.parse(line) as MemberLine));
  const member: MemberProcess = {
    child,
    lines,
    owns: async (count) => {
      await until(`the process owns ${count}`, () => {
        const owned = lines.findLast(({ kind }) => kind === "owned");
        return Promise.resolve(owned?.partitions.length === count ? true : null);
      });
    },
  };
  processes.push(member);
  await until("the process has joined", () => Promise.resolve(lines.length > 0 ? true : null));
  return member;
}
