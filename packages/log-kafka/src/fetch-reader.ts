import {
  LogUnavailable,
  OffsetOutOfRange,
  type FetchOptions,
  type LogRecord,
  type Position,
  type Slice,
} from "@tidemark/streams";
import type { BrokerClocks } from "./broker-clocks.ts";
import { isPassing, NoAnswer, NONE, OFFSET_OUT_OF_RANGE, requireNone, unavailable } from "./broker-errors.ts";
import type { Cluster } from "./cluster.ts";
import { committedRecords } from "./committed-records.ts";
import type { FetchedPartition } from "./fetch-request.ts";
import type { Link } from "./link.ts";
import { PartitionMemory } from "./partition-memory.ts";
import { Pollers } from "./pollers.ts";
import { listOffsetsRequest } from "./small-requests.ts";

/**
 * Answers fetches (R13). It owns no positions: each fetch says where it reads on.
 *
 * What a slice promises of the future (L6) is this. With every fetch the leader is asked for the append end of each
 * partition: where the next record will go, those included that the replicas do not have yet or whose transaction is
 * open. Records at or past that end were stamped after the question was sent, by the leader's clock, of which
 * `BrokerClocks` has a lower bound at that moment. So where the slice has reached that end, it is complete to this
 * bound. The last stable offset alone would not do, nor the high watermark: below the append end lie records with times
 * long past that are not visible yet.
 *
 *  F1 Where the append end was not reached, a slice is complete to its last record's append time (L3), or to what was
 *     promised before for an offset at or before its `offsetNext`; with neither, to −Infinity.
 *  F2 What is promised of a partition's end never falls.
 *  F3 A position that is out of range is an error of the whole fetch, never a jump (L7).
 */
export class FetchReader {
  readonly #cluster: Cluster;
  readonly #clocks: BrokerClocks;
  readonly #pollers: Pollers;
  readonly #memory = new PartitionMemory();
  /** For the questions after the append ends, which are answered at once. */
  readonly #link: Link;

  constructor(cluster: Cluster, clocks: BrokerClocks) {
    this.#cluster = cluster;
    this.#clocks = clocks;
    this.#pollers = new Pollers(cluster);
    this.#link = cluster.newLink();
  }

  /** @throws OffsetOutOfRange, LogUnavailable, TopicMismatch, LogCorrupted */
  async fetch(positions: readonly Position[], options: FetchOptions): Promise<readonly Slice[]> {
    const { clock, closing, limits } = this.#cluster;
    const unwanted = AbortSignal.any([options.signal, closing]);
    const deadline = clock.monotonic() + options.waitMsMax;
    let slices = positions.map((position) => this.#nothing(position));
    let failedSince: number | null = null;
    for (let stepMs = limits.retryMsMin; ;) {
      const waitMs = Math.max(0, Math.min(limits.pollMsMax, deadline - clock.monotonic()));
      try {
        const looked = await unless(unwanted, this.#look(slices, options.bytesMaxPerPartition, waitMs));
        if (closing.aborted) throw new LogUnavailable("the log is closed");
        if (looked === null) return slices;
        slices = [...looked];
        failedSince = null;
        stepMs = limits.retryMsMin;
      } catch (error) {
        if (!isPassing(error)) throw error;
        failedSince ??= clock.monotonic();
        if (clock.monotonic() + stepMs - failedSince >= limits.readMsMax) throw unavailable(error);
        await clock.sleep(stepMs, unwanted);
        if (unwanted.aborted) continue;
        stepMs = Math.min(limits.retryMsMax, stepMs * 2);
        await Promise.allSettled([this.#cluster.refresh()]); // Where there is no answer, the next look finds out.
        continue;
      }
      const moved = slices.some(({ offsetNext }, index) => offsetNext !== positions[index]?.offset);
      if (moved || clock.monotonic() >= deadline) return slices;
    }
  }

  /** One question to each leader, all of them settled. Where a slice has no records the next one starts at its end. */
  async #look(wanted: readonly Slice[], bytesMax: number, waitMs: number): Promise<readonly Slice[]> {
    await this.#cluster.require(wanted);
    const groups = new Map<number, Slice[]>();
    for (const slice of wanted) {
      const leader = this.#cluster.leaderOf(slice);
      const group = groups.get(leader);
      if (group === undefined) groups.set(leader, [slice]);
      else group.push(slice);
    }
    const settled = await Promise.allSettled(
      [...groups].map(([node, group]) => this.#lookAt(node, group, bytesMax, waitMs)),
    );
    const found = new Map<Slice, Slice>();
    for (const outcome of settled) {
      if (outcome.status === "rejected") throw outcome.reason;
      for (const [slice, next] of outcome.value) found.set(slice, next);
    }
    return wanted.map((slice) => found.get(slice) ?? slice);
  }

  async #lookAt(
    node: number,
    group: readonly Slice[],
    bytesMax: number,
    waitMsMax: number,
  ): Promise<readonly (readonly [Slice, Slice])[]> {
    if (node < 0) throw new NoAnswer("a partition has no leader now", { sent: false });
    const positions = group.map(({ topic, partition, offsetNext }) => ({
      topic,
      partition,
      offset: offsetNext,
      bytesMax: Math.max(bytesMax, POSITION_BYTES_MIN),
    }));
    const { fetchBytesMax } = this.#cluster.limits;
    const poll = await this.#pollers.poll(node, { positions, waitMsMax, bytesMin: 1, bytesMax: fetchBytesMax });
    const [ends, answer] = await Promise.all([this.#appendEnds(node, group), poll.answer]);
    requireNone(answer.errorCode, "Fetch");
    const time = this.#clocks.lowerBound(node, poll.sentAt);
    return Promise.all(
      group.map(async (slice) => {
        const fetched = answer.partitions.find(
          ({ topic, partition }) => topic === slice.topic && partition === slice.partition,
        );
        if (fetched === undefined) throw new NoAnswer("Fetch: a position was not answered", { sent: true });
        const end = { offset: ends.get(placeOf(slice)) ?? Number.POSITIVE_INFINITY, time };
        return [slice, await this.#sliceOf(slice, fetched, bytesMax, end)] as const;
      }),
    );
  }

  async #sliceOf(wanted: Slice, fetched: FetchedPartition, bytesMax: number, appendEnd: Complete): Promise<Slice> {
    const { topic, partition } = wanted;
    const offset = wanted.offsetNext;
    if (fetched.errorCode === OFFSET_OUT_OF_RANGE) {
      throw new OffsetOutOfRange(`${topic}/${partition} does not hold offset ${offset}`);
    }
    requireNone(fetched.errorCode, "Fetch");
    const { records, offsetNext } = await committedRecords({ topic, partition, offset }, fetched, bytesMax);
    const seen = this.#memory.of(wanted);
    seen.offsetEnd = Math.max(seen.offsetEnd, fetched.lastStableOffset);
    const offsetEnd = Math.max(fetched.lastStableOffset, offsetNext);
    return {
      topic,
      partition,
      records,
      offsetNext,
      offsetEnd,
      completeTo: this.#completeTo(wanted, records, offsetNext, appendEnd),
    };
  }

  /** F1, F2. */
  #completeTo(place: Slice, records: readonly LogRecord[], offsetNext: number, appendEnd: Complete): number {
    const seen = this.#memory.of(place);
    const last = records.at(-1)?.appendedAt ?? Number.NEGATIVE_INFINITY;
    if (offsetNext >= appendEnd.offset) {
      const time = Math.max(last, appendEnd.time, seen.complete.time);
      seen.complete = { offset: offsetNext, time };
      return time;
    }
    return offsetNext >= seen.complete.offset ? Math.max(last, seen.complete.time) : last;
  }

  async #appendEnds(node: number, group: readonly Slice[]): Promise<ReadonlyMap<string, number>> {
    const { responses } = await this.#link.send(node, listOffsetsRequest(group, "append-end"));
    const ends = new Map<string, number>();
    for (const { topic, partitions } of responses) {
      for (const { partition, errorCode, offset } of partitions) {
        // Where the end is not told, nothing is promised by it.
        if (errorCode === NONE) ends.set(placeOf({ topic, partition }), Number(offset));
      }
    }
    return ends;
  }

  #nothing({ topic, partition, offset }: Position): Slice {
    const seen = this.#memory.of({ topic, partition });
    return {
      topic,
      partition,
      records: [],
      offsetNext: offset,
      offsetEnd: Math.max(seen.offsetEnd, offset),
      completeTo: offset >= seen.complete.offset ? seen.complete.time : Number.NEGATIVE_INFINITY,
    };
  }
}

interface Complete {
  readonly offset: number;
  readonly time: number;
}

/** Less is not worth a request, bytes as stored. */
const POSITION_BYTES_MIN = 65_536;

function placeOf({ topic, partition }: { readonly topic: string; readonly partition: number }): string {
  return `${topic}/${partition}`;
}

/** null where the signal aborts first: the work is left to end by itself. */
async function unless<T>(signal: AbortSignal, work: Promise<T>): Promise<T | null> {
  if (signal.aborted) {
    work.catch(() => undefined); // Nobody wants its outcome.
    return null;
  }
  const { promise, resolve } = Promise.withResolvers<null>();
  const abort = (): void => resolve(null);
  signal.addEventListener("abort", abort);
  try {
    return await Promise.race([work, promise]);
  } finally {
    signal.removeEventListener("abort", abort);
    work.catch(() => undefined); // Where the signal was first, nobody wants its outcome.
  }
}
