import { LogUnavailable, OffsetOutOfRange, type FetchOptions, type Position, type Slice } from "@tidemark/streams";
import type { BrokerClocks } from "./broker-clocks.ts";
import { BrokerPace } from "./broker-pace.ts";
import { isPassing, NoAnswer, OFFSET_OUT_OF_RANGE, requireNone, unavailable } from "./broker-errors.ts";
import type { Cluster } from "./cluster.ts";
import { committedRecords } from "./committed-records.ts";
import { Completeness } from "./completeness.ts";
import { firstNews } from "./first-news.ts";
import { placeOf } from "./place.ts";
import type { Answered } from "./gathered-fetches.ts";
import { Questions, type Question } from "./questions.ts";
import { Remainders } from "./remainders.ts";

/**
 * Answers fetches (R13): asks each leader, and makes slices of what it says. It owns no positions: each fetch says
 * where it reads on. A position that is out of range is an error of the whole fetch, never a jump (L7).
 */
export class FetchReader {
  readonly #cluster: Cluster;
  readonly #clocks: BrokerClocks;
  readonly #questions: Questions;
  readonly #completeness = new Completeness();
  readonly #pace = new BrokerPace();
  readonly #remainders: Remainders;
  /** Where the visible records of each partition ended when last told. */
  readonly #ends = new Map<string, number>();

  constructor(cluster: Cluster, clocks: BrokerClocks) {
    this.#cluster = cluster;
    this.#clocks = clocks;
    this.#questions = new Questions(cluster);
    this.#remainders = new Remainders(cluster.limits.remainderBytesMax);
  }

  /** @throws OffsetOutOfRange, LogUnavailable, TopicMismatch, LogCorrupted */
  async fetch(positions: readonly Position[], options: FetchOptions): Promise<readonly Slice[]> {
    const { clock, closing, limits } = this.#cluster;
    const { signal } = options;
    const deadline = clock.monotonic() + options.waitMsMax;
    const nothing = positions.map((position) => this.#nothing(position));
    const kept = positions.map(
      (position, index) => this.#remainders.take(position, position.offset) ?? (nothing[index] as Slice),
    );
    if (kept.some(hasMoved(positions))) return this.#within(kept, options);
    let failedSince: number | null = null;
    for (let stepMs = limits.retryMsMin; !signal.aborted && !closing.aborted;) {
      const waitMs = Math.max(0, Math.min(limits.pollMsMax, Math.floor(deadline - clock.monotonic())));
      try {
        const slices = await unless([signal, closing], this.#look(positions, options.bytesMaxPerPartition, waitMs));
        if (slices === null) break;
        failedSince = null;
        if (slices.some(hasMoved(positions)) || clock.monotonic() >= deadline) return this.#within(slices, options);
      } catch (error) {
        if (!isPassing(error)) throw error;
        failedSince ??= clock.monotonic();
        if (clock.monotonic() + stepMs - failedSince >= limits.readMsMax) {
          this.#cluster.gaveUp(error, positions);
          throw unavailable(error);
        }
        await clock.sleep(stepMs, closing);
        stepMs = Math.min(limits.retryMsMax, stepMs * 2);
        await Promise.allSettled([this.#cluster.refresh()]); // Where there is no answer, the next look finds out.
      }
    }
    if (closing.aborted) throw new LogUnavailable("the log is closed");
    return nothing;
  }

  /** One question to each leader, until all have answered or one has news: then the others' slices are empty. */
  async #look(positions: readonly Position[], bytesMax: number, waitMs: number): Promise<readonly Slice[]> {
    await this.#cluster.require(positions);
    const groups = new Map<number, Position[]>();
    for (const position of positions) {
      const leader = this.#cluster.leaderOf(position);
      const group = groups.get(leader);
      if (group === undefined) groups.set(leader, [position]);
      else group.push(position);
    }
    const looks = [...groups].map(([node, group]) => this.#lookAt(node, group, bytesMax, waitMs));
    const moved = ({ slices, group }: Looked): boolean => slices.some(hasMoved(group));
    const settled = await firstNews(looks, moved);
    const found = new Map<Position, Slice>();
    let failure: Error | null = null;
    for (const outcome of settled) {
      if (outcome?.status === "rejected") {
        failure = outcome.reason as Error;
        if (!isPassing(failure)) throw failure;
      } else if (outcome !== null) {
        this.#questions.take(outcome.value.question);
        for (const [index, position] of outcome.value.group.entries()) {
          found.set(position, outcome.value.slices[index] as Slice);
        }
      }
    }
    const slices = positions.map((position) => found.get(position) ?? this.#nothing(position));
    // News of some is not held up by the failure of others: these are asked again with the next fetch.
    if (failure !== null && !slices.some(hasMoved(positions))) throw failure;
    if (failure !== null) void Promise.allSettled([this.#cluster.refresh()]);
    return slices;
  }

  async #lookAt(node: number, group: readonly Position[], bytesMax: number, waitMs: number): Promise<Looked> {
    if (node < 0) throw new NoAnswer("a partition has no leader now", { sent: false });
    const question = await this.#questions.ask(node, {
      positions: group,
      bytesMax: Math.max(bytesMax, POSITION_BYTES_MIN),
      waitMs,
      caughtUp: group.every((position) => position.offset >= (this.#ends.get(placeOf(position)) ?? Infinity)),
    });
    const answers = await question.answers;
    const { sentAt, endsToldAt } = question;
    this.#pace.answered(node, (await endsToldAt) - sentAt, sentAt);
    const time = this.#clocks.lowerBound(node, sentAt - this.#pace.appendingMs(node, sentAt));
    const slices = group.map(async (position, index) =>
      this.#sliceOf(position, await this.#fed(node, position, answers[index] as Answered), time),
    );
    return { question, group, slices: await Promise.all(slices) };
  }

  /**
   * A broker sends the first batch whole only of the first position that has something; another position gets nothing
   * where its first batch is larger than what it may have. It is asked for alone then, so that none starves.
   */
  async #fed(node: number, position: Position, answered: Answered): Promise<Answered> {
    const { errorCode, recordSet, lastStableOffset } = answered.fetched;
    if (errorCode !== 0 || recordSet.length > 0 || lastStableOffset <= position.offset) return answered;
    const question = await this.#questions.ask(node, {
      positions: [position],
      bytesMax: POSITION_BYTES_MIN,
      waitMs: 0,
      caughtUp: false,
    });
    const [alone = answered] = await question.answers;
    this.#questions.take(question);
    return { ...alone, appendEnd: Number.POSITIVE_INFINITY }; // Asked later than the time that goes with the end.
  }

  async #sliceOf(position: Position, { fetched, appendEnd }: Answered, time: number): Promise<Slice> {
    const { topic, partition, offset } = position;
    if (fetched.errorCode === OFFSET_OUT_OF_RANGE) {
      throw new OffsetOutOfRange(`${topic}/${partition} does not hold offset ${offset}`);
    }
    requireNone(fetched.errorCode, "Fetch");
    const { records, offsetNext } = await committedRecords(position, fetched, Number.POSITIVE_INFINITY);
    const completeTo = this.#completeness.completeTo(position, records, offsetNext, { offset: appendEnd, time });
    const offsetEnd = Math.max(fetched.lastStableOffset, offsetNext);
    this.#ends.set(placeOf(position), offsetEnd);
    return { topic, partition, records, offsetNext, offsetEnd, completeTo };
  }

  #within(slices: readonly Slice[], { bytesMaxPerPartition }: FetchOptions): readonly Slice[] {
    return slices.map((slice) => this.#remainders.cut(slice, bytesMaxPerPartition));
  }

  /** Nothing new is known of the position. */
  #nothing({ topic, partition, offset }: Position): Slice {
    const completeTo = this.#completeness.promised({ topic, partition }, offset);
    const offsetEnd = Math.max(offset, this.#ends.get(placeOf({ topic, partition })) ?? 0);
    return { topic, partition, records: [], offsetNext: offset, offsetEnd, completeTo };
  }
}

interface Looked {
  readonly question: Question;
  readonly group: readonly Position[];
  readonly slices: readonly Slice[];
}

/** Less is not worth a request, bytes as stored. */
const POSITION_BYTES_MIN = 65_536;

/** Whether a slice, of the position at the same index, has records or has passed over a gap. */
function hasMoved(positions: readonly Position[]): (slice: Slice, index: number) => boolean {
  return ({ offsetNext }, index) => offsetNext !== positions[index]?.offset;
}

/** null where a signal aborts first: the work is left to end by itself. */
async function unless<T>(signals: readonly AbortSignal[], work: Promise<T>): Promise<T | null> {
  const { promise, resolve } = Promise.withResolvers<null>();
  const abort = (): void => resolve(null);
  for (const signal of signals) signal.addEventListener("abort", abort);
  try {
    return await Promise.race([work, promise]);
  } finally {
    for (const signal of signals) signal.removeEventListener("abort", abort);
    work.catch(() => undefined); // Where a signal was first, nobody wants its outcome.
  }
}
