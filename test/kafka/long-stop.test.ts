import { systemClock } from "@tidemark/clock";
import { openKafkaLog } from "@tidemark/log-kafka";
import { openLevelStore } from "@tidemark/store-level";
import * as streams from "@tidemark/streams";
import { type Clock, type RecordToAppend, type StateStore, Task, TASK_LIMITS, TurnGate } from "@tidemark/streams";
import { MemoryLevel } from "memory-level";
import { randomUUID } from "node:crypto";
import { inspect } from "node:util";
import { expect, test } from "vitest";
import { until } from "../integration/until.ts";
import { checkRun } from "../simulation/check.ts";
import {
  COUNTER_TASK_TOPICS,
  COUNTER_TOPICS,
  counterApplication,
  type CounterEvent,
  type CounterState,
  counterTopicSpecs,
  SILENCE_MS,
  SILENCES_MAX,
} from "../simulation/counter-application.ts";
import { PARTITION, PARTITIONS } from "../simulation/runtime.ts";
import { logWrapped } from "./log-wrapped.ts";
import { openTopicSpace } from "./topic-space.ts";

const { inputs: INPUTS } = COUNTER_TOPICS;
/** Of which each is heard of more often than it may be silent, while nobody listens. */
const KEYS = keysOf(5);
const STOP_MS = 4 * SILENCE_MS;

test("after a stop longer than a customer may be silent no silence is told that the records which wait in the log belie", async () => {
  await using space = await openTopicSpace();
  const clock = systemClock();
  const kafka = await openKafkaLog({
    brokers: space.brokers,
    clientId: "test",
    clock,
    replication: { factor: 1, insyncMin: 1 },
  });
  const log = logWrapped(kafka, { nameOf: (topic) => space.prefix + topic });
  await log.createTopics(counterTopicSpecs(PARTITIONS));
  const application = counterApplication("wall");
  const store = await openStore();

  async function run(condition: (task: Task<CounterState, CounterEvent>) => boolean): Promise<void> {
    const stop = new AbortController();
    const heard: unknown[] = [];
    const task = new Task({
      application,
      log,
      store,
      clock,
      mode: "wall",
      partition: PARTITION,
      partitions: PARTITIONS,
      writerId: "counter-0",
      owner: "test",
      topics: COUNTER_TASK_TOPICS,
      // So that the backlog comes in many small parts, between which time could overtake the next.
      limits: { ...TASK_LIMITS, fetchBytesMax: 300 },
      gate: new TurnGate(clock),
      timeScale: 1,
      bootId: "one-boot",
      token: randomUUID,
      confirmOwnership: () => Promise.resolve(),
      observer: {
        entered: (state) => void heard.push(state),
        recovering: (error) => void heard.push(error),
        turn: ignore,
        registryUnavailable: ignore,
        modelMissing: ignore,
        storeDropped: ignore,
      },
    });
    const running = task.run(stop.signal);
    running.catch(ignore);
    try {
      await until("the task has come so far", () => (condition(task) ? true : null));
    } catch (error) {
      const { status, lag } = task;
      throw new Error(inspect({ heard, status, lag }, { depth: 5 }), { cause: error });
    } finally {
      stop.abort();
      await running;
    }
  }

  let sent = 0;
  async function hear(): Promise<number> {
    const topic = INPUTS[(sent / KEYS.length) % INPUTS.length] ?? "";
    const records = KEYS.map((key) => event(key, (sent += 1)));
    const { appendedAt } = await log.append([{ topic, partition: PARTITION, records }]);
    return appendedAt;
  }

  let heardAt = await hear();
  await run((task) => task.status.counts.applied === sent);
  // Nobody listens, and everybody is heard of all the time.
  const stoppedAt = performance.now();
  for (let nextAt = stoppedAt; performance.now() - stoppedAt < STOP_MS;) {
    await until("it is time for the next", () => (performance.now() >= nextAt ? true : null));
    heardAt = await hear();
    nextAt = performance.now() + SILENCE_MS / 4;
  }
  const lastSilenceAt = heardAt + SILENCE_MS * SILENCES_MAX;
  await run((task) => task.status.counts.applied === sent && task.status.tickMs >= lastSilenceAt);

  // I5 among them: each silence at its time, none before a record that lay in the log.
  const turns = await checkRun({
    log,
    store,
    runtime: streams,
    application,
    models: [application.models.current],
    clock: patient(clock),
    mode: "wall",
    openStore,
  });
  expect(turns).toBeGreaterThan(1);
  await kafka.close();
}, 180_000);

/** What the checks wait for is counted in its milliseconds, and this broker is a real one. */
function patient(clock: Clock): Clock {
  return {
    now: () => clock.now(),
    monotonic: () => clock.monotonic(),
    sleep: (ms, signal) => clock.sleep(ms * PATIENCE, signal),
    yield: () => clock.yield(),
  };
}

const PATIENCE = 20;

function openStore(): Promise<StateStore> {
  return openLevelStore({ level: new MemoryLevel({ keyEncoding: "utf8", valueEncoding: "buffer" }) });
}

function ignore(): void {
  // What became of the task is seen in its log.
}

function keysOf(count: number): readonly string[] {
  const names = Array.from({ length: count * PARTITIONS * 4 }, (_, n) => `key-${n}`);
  return names.filter((key) => streams.partitionOf(Buffer.from(key), PARTITIONS) === PARTITION).slice(0, count);
}

function event(key: string, id: number): RecordToAppend {
  const value: CounterEvent = { id, at: id, amount: 1, kind: "add" };
  return { key: Buffer.from(key), value: Buffer.from(JSON.stringify(value)) };
}
