import { once } from "node:events";
import { setImmediate } from "node:timers/promises";
import { Worker, type MessagePort } from "node:worker_threads";
import type { EventLog, PartitionBatch, Slice } from "@tidemark/streams";
import {
  CommitUnknown,
  InvariantBroken,
  LogCorrupted,
  LogUnavailable,
  OffsetOutOfRange,
  TaskFenced,
  TopicMismatch,
  VersionTooNew,
} from "@tidemark/streams";
import { MemoryLevel } from "memory-level";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { connectLog } from "./connect-log.ts";
import { faultyLevel, type Fault, type FaultyLevel } from "./faulty-level.ts";
import type { LogCore } from "./log-core.ts";
import { ManualClock } from "./manual-clock.ts";
import { openEmbeddedLog, type EmbeddedLog } from "./open-embedded-log.ts";
import type { PortClient } from "./port-client.ts";
import { shareLog } from "./share-log.ts";

describe("a log shared with other threads", () => {
  let clock: ManualClock;
  let faulty: FaultyLevel;
  let log: EmbeddedLog;
  /** What sleeps while nobody fetches. */
  let sleepersIdle: number;
  const ports: MessagePort[] = [];

  beforeEach(async () => {
    clock = new ManualClock();
    faulty = faultyLevel(new MemoryLevel());
    log = await openEmbeddedLog({ level: faulty.level, clock });
    await log.createTopics([{ name: "events", partitions: 2, policy: { cleanup: "delete", retentionMs: 1_000_000 } }]);
    sleepersIdle = clock.sleepers;
  });
  afterEach(async () => {
    for (const port of ports.splice(0)) port.close();
    faulty.fault = () => "none";
    await log.close();
  });

  const share = (shared: EmbeddedLog = log): MessagePort => {
    const port = shareLog(shared);
    ports.push(port);
    return port;
  };

  /** A thread that has done its deed, and how it ends: that may come in the same turn of the event loop as its word. */
  const startClient = async (deed: PortClient["deed"]): Promise<{ client: Worker; exited: Promise<unknown[]> }> => {
    const port = shareLog(log);
    const workerData: PortClient = { port, deed };
    const client = new Worker(new URL("port-client.ts", import.meta.url), { workerData, transferList: [port] });
    const exited = once(client, "exit");
    await once(client, "message");
    return { client, exited };
  };

  /** Holds up writes until told how they end. */
  const holdUp = (): ((fault: Fault) => void) => {
    const { promise, resolve } = Promise.withResolvers<Fault>();
    faulty.fault = () => promise;
    return (fault) => {
      faulty.fault = () => "none";
      resolve(fault);
    };
  };

  const fetchWaiting = () => until(() => clock.sleepers === sleepersIdle + 1);

  describe("when a thread dies", () => {
    it("the fetch in which it waited is ended, and nothing is left of it", async () => {
      const { client } = await startClient("waits in a fetch");
      await fetchWaiting();
      await client.terminate();
      await until(() => clock.sleepers === sleepersIdle);
      expect((await log.append(one("after"))).offsetsBase).toEqual([0]);
    });

    it("its commit under way is written or not as if it lived, and its successor goes on from there", async () => {
      const goOn = holdUp();
      const { length } = faulty.writes;
      const { client } = await startClient("commits");
      await until(() => faulty.writes.length === length + 1);
      await client.terminate();
      const successor = connectLog(share()).openWriter("writer");
      goOn("none");
      expect((await (await successor).commit(one("of its successor"))).offsetsBase).toEqual([1]);
      expect(valuesOf(await fetchFrom(log, 0))).toEqual(["of a thread that died", "of its successor"]);
    });

    it("its commit that was not written leaves the log to be mended as any other", async () => {
      const goOn = holdUp();
      const { length } = faulty.writes;
      const { client } = await startClient("commits");
      await until(() => faulty.writes.length === length + 1);
      await client.terminate();
      goOn("not written");
      await until(() => !log.available);
      await until(() => {
        clock.advance(100);
        return log.available;
      });
      expect(await log.offsets("events", 0)).toEqual({ start: 0, end: 0 });
    });
  });

  it("a thread that waits for nothing ends by itself, though its port is open", async () => {
    const { exited } = await startClient("asks once");
    expect(await exited).toEqual([0]);
  });

  describe("when the port closes", () => {
    it("what is under way is in doubt, and what comes later is not done", async () => {
      const port = share();
      const connected = connectLog(port);
      const writer = await connected.openWriter("writer");
      const idle = await connected.openWriter("idle");
      const goOn = holdUp();
      const fetching = connected.fetch([{ topic: "events", partition: 1, offset: 0 }], waiting());
      await fetchWaiting();
      const { length } = faulty.writes;
      const underWay = [writer.commit(one("commit")), connected.append(one("append")), fetching];
      await until(() => faulty.writes.length === length + 1);
      port.close();
      const settled = await Promise.allSettled(underWay);
      expect(settled.map((each) => each.status === "rejected" && classOf(each.reason))).toEqual([
        CommitUnknown,
        LogUnavailable,
        LogUnavailable,
      ]);
      goOn("none");
      await expect(writer.commit(one("late"))).rejects.toThrow(TaskFenced);
      await expect(idle.commit(one("late"))).rejects.toThrow(LogUnavailable);
      await expect(connected.append(one("late"))).rejects.toThrow(LogUnavailable);
      await until(() => clock.sleepers === sleepersIdle);
      expect(valuesOf(await fetchFrom(log, 0))).not.toContain("late");
    });
  });

  describe("closing the connected log", () => {
    it("waits for what is being written, ends fetches, and leaves the log as it is", async () => {
      const connected = connectLog(share());
      const writer = await connected.openWriter("writer");
      const goOn = holdUp();
      const fetching = connected.fetch([{ topic: "events", partition: 1, offset: 0 }], waiting());
      const committing = writer.commit(one("commit"));
      const closing = connected.close();
      await expect(fetching).rejects.toThrow(LogUnavailable);
      await expect(connected.topics()).rejects.toThrow("the log is closed");
      goOn("none");
      expect((await committing).offsetsBase).toEqual([0]);
      await closing;
      await until(() => clock.sleepers === sleepersIdle);
      expect((await log.append(one("direct"))).offsetsBase).toEqual([1]);
    });

    it("may be done twice", async () => {
      const connected = connectLog(share());
      await connected.close();
      await expect(connected.close()).resolves.toBeUndefined();
    });
  });

  describe("a fetch that is cancelled", () => {
    it("answers with what there is, and waits no longer in the log", async () => {
      const connected = connectLog(share());
      const cancelling = new AbortController();
      const options = { ...waiting(), signal: cancelling.signal };
      const fetching = connected.fetch([{ topic: "events", partition: 0, offset: 0 }], options);
      await fetchWaiting();
      cancelling.abort();
      expect(await fetching).toMatchObject([{ records: [], offsetNext: 0 }]);
      expect(clock.sleepers).toBe(sleepersIdle);
    });

    it("before it began does not wait at all", async () => {
      const connected = connectLog(share());
      const options = { ...waiting(), signal: AbortSignal.abort() };
      expect(await connected.fetch([{ topic: "events", partition: 0, offset: 0 }], options)).toHaveLength(1);
    });

    it("does not disturb another of the same thread", async () => {
      const connected = connectLog(share());
      const cancelling = new AbortController();
      const position = { topic: "events", partition: 0, offset: 0 };
      const other = connected.fetch([position], waiting());
      const cancelled = connected.fetch([position], { ...waiting(), signal: cancelling.signal });
      await until(() => clock.sleepers === sleepersIdle + 2);
      cancelling.abort();
      await cancelled;
      await log.append(one("for the other"));
      expect((await other).map(valuesOf)).toEqual([["for the other"]]);
    });
  });

  describe("an error", () => {
    const caught = async (thrown: Error): Promise<unknown> => {
      const [offsets] = await Promise.allSettled([
        connectLog(share({ ...log, core: failing(thrown) })).offsets("events", 0),
      ]);
      return offsets.status === "rejected" && offsets.reason;
    };

    it.each([
      CommitUnknown,
      InvariantBroken,
      LogCorrupted,
      LogUnavailable,
      OffsetOutOfRange,
      TaskFenced,
      TopicMismatch,
      VersionTooNew,
    ])("arrives with its class, message and cause: %o", async (Class) => {
      const thrown = new Class("what to do about it", { cause: new RangeError("why") });
      const error = await caught(thrown);
      expect(classOf(error)).toBe(Class);
      expect(error).toMatchObject({ message: thrown.message, code: thrown.code, stack: thrown.stack });
      expect((error as Error).cause).toEqual(thrown.cause);
    });

    it("that nobody foresaw arrives as what it is", async () => {
      const thrown = new TypeError("cannot read properties of undefined");
      const error = await caught(thrown);
      expect(classOf(error)).toBe(TypeError);
      expect(error).toMatchObject({ message: thrown.message });
    });

    it("of two commits at once is a broken invariant in the thread that made them", async () => {
      const writer = await connectLog(share()).openWriter("writer");
      const first = writer.commit(one("first"));
      await expect(writer.commit(one("second"))).rejects.toThrow(InvariantBroken);
      await first;
    });

    it("in the making of a commit's bytes ends its writer", async () => {
      const writer = await connectLog(share()).openWriter("writer");
      await expect(writer.commit([{ topic: "events", partition: 0, records: [] }])).rejects.toThrow(InvariantBroken);
      await expect(writer.commit(one("after it"))).rejects.toThrow(TaskFenced);
    });
  });

  describe("what is given away", () => {
    it.each([20, 100_000])("is never the caller's own: the same records of %i bytes go twice", async (bytes) => {
      const connected = connectLog(share());
      const writer = await connected.openWriter("writer");
      const value = new Uint8Array(bytes).fill(7);
      const batches = [0, 1].map((partition) => ({
        topic: "events",
        partition,
        records: [{ key: value.subarray(0, 9), value }],
      }));
      await writer.commit(batches);
      await writer.commit(batches);
      await connected.append(batches);
      expect(value).toHaveLength(bytes);
      const options = { ...waiting(), bytesMaxPerPartition: 1_000_000 };
      const positions = [0, 1].map((partition) => ({ topic: "events", partition, offset: 0 }));
      for (const { records } of await connected.fetch(positions, options)) {
        expect(records).toHaveLength(3);
        for (const each of records) expect(Buffer.compare(each.value ?? Buffer.of(), value)).toBe(0);
      }
    });

    it("is never what others read: several threads and the log's own get the same batch", async () => {
      const { length } = faulty.writes;
      await Promise.all(["a", "b", "c"].map((value) => log.append(one(value.repeat(20_000)))));
      expect(faulty.writes).toHaveLength(length + 1);
      const expected = ["a", "b", "c"].map((value) => value.repeat(20_000));
      const readers = [connectLog(share()), connectLog(share()), log];
      for (let round = 0; round < 2; round += 1) {
        const slices = await Promise.all(readers.map((reader) => fetchFrom(reader, 0)));
        for (const slice of slices) expect(valuesOf(slice)).toEqual(expected);
      }
    });

    it("is no more of a batch than was asked for", async () => {
      await log.append([
        { topic: "events", partition: 0, records: Array.from({ length: 100 }, () => recordOf("x".repeat(100))) },
      ]);
      const { records } = await fetchFrom(connectLog(share()), 50, 1_000);
      expect(records.map(({ offset }) => offset)).toEqual([50, 51, 52, 53, 54, 55, 56, 57, 58, 59]);
      expect(records[0]?.value?.buffer.byteLength).toBeLessThan(1_100);
    });
  });
});

/** A core that fails whatever it is asked for. */
function failing(error: Error): LogCore {
  const fail = async (): Promise<never> => {
    throw error;
  };
  return {
    createTopics: fail,
    topics: fail,
    offsets: fail,
    fetch: fail,
    append: fail,
    openWriter: fail,
    commit: fail,
    close: fail,
  };
}

function recordOf(value: string) {
  return { key: null, value: Buffer.from(value) };
}

function one(value: string, partition = 0): PartitionBatch[] {
  return [{ topic: "events", partition, records: [recordOf(value)] }];
}

function waiting() {
  return { bytesMaxPerPartition: 1_000, waitMsMax: 3_600_000, signal: new AbortController().signal };
}

async function fetchFrom(log: EventLog, offset: number, bytesMaxPerPartition = 1_000_000): Promise<Slice> {
  const options = { bytesMaxPerPartition, waitMsMax: 0, signal: new AbortController().signal };
  const [slice] = await log.fetch([{ topic: "events", partition: 0, offset }], options);
  if (slice === undefined) throw new Error("a fetch of one position returned no slice");
  return slice;
}

function valuesOf({ records }: Slice): string[] {
  return records.map(({ value }) => Buffer.from(value ?? []).toString());
}

function classOf(error: unknown): unknown {
  return error instanceof Error ? error.constructor : undefined;
}

/** Turns of the event loop, which messages take, until it is so. */
async function until(condition: () => boolean): Promise<void> {
  for (let turns = 0; !condition(); turns += 1) {
    expect(turns).toBeLessThan(100_000);
    await setImmediate();
  }
}
