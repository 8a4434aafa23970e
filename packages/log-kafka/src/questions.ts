import type { Position } from "@tidemark/streams";
import { NoAnswer, NONE, requireNone } from "./broker-errors.ts";
import type { Cluster } from "./cluster.ts";
import type { FetchAnswer, FetchedPartition } from "./fetch-request.ts";
import type { Link } from "./link.ts";
import { placeOf } from "./place.ts";
import { Pollers } from "./pollers.ts";
import { listOffsetsRequest } from "./small-requests.ts";

/** What a leader said of one position, and where its partition's log ended when it was asked. */
export interface Answered {
  readonly fetched: FetchedPartition;
  /** Where the next record will go; Infinity where the leader did not say. */
  readonly appendEnd: number;
}

/** Asked of one leader about some positions. */
export interface Question {
  readonly key: string;
  /** Monotonic ms just before it was sent. */
  readonly sentAt: number;
  readonly waitMs: number;
  /** When the append ends were told, monotonic ms; rejects with the answers. */
  readonly endsToldAt: Promise<number>;
  /** One for each position, in order. Rejects with NoAnswer, Refused. */
  readonly answers: Promise<readonly Answered[]>;
}

/**
 * Asks leaders what is there. A question waits at the broker while there is nothing, and its asker may have gone on
 * by the time it is answered, when another leader had news first. Then who next asks the same takes it up, whether
 * it still waits or was answered with records meanwhile. So a leader that is quiet, or a little slower than the
 * others, is asked once and not anew with each of their answers.
 */
export class Questions {
  readonly #cluster: Cluster;
  readonly #pollers: Pollers;
  /** For the questions after the ends, which are answered at once. */
  readonly #link: Link;
  /** Those that wait, and at most {@link ANSWERED_MAX} that were answered with records nobody has taken yet. */
  readonly #asked = new Map<string, Question>();
  readonly #answered = new Set<Question>();

  constructor(cluster: Cluster) {
    this.#cluster = cluster;
    this.#pollers = new Pollers(cluster);
    this.#link = cluster.newLink();
  }

  /**
   * @param bytesMax for each position, as stored; a batch comes whole
   * @param waitMs how long the broker may wait for something to be there
   */
  async ask(node: number, positions: readonly Position[], bytesMax: number, waitMs: number): Promise<Question> {
    const key = `${node} ${bytesMax} ${positions.map((each) => `${placeOf(each)}@${each.offset}`).join(" ")}`;
    const asked = this.#asked.get(key);
    // Who hardly waits wants to know how things are now, and who waits less would be kept too long.
    const same = asked !== undefined && waitMs >= TAKE_UP_MS_MIN && asked.waitMs <= waitMs;
    if (asked !== undefined && (same || this.#answered.has(asked))) return asked;
    const wanted = positions.map((position) => ({ ...position, bytesMax }));
    const { fetchBytesMax } = this.#cluster.limits;
    const fetch = { positions: wanted, waitMsMax: waitMs, bytesMin: 1, bytesMax: fetchBytesMax };
    const { sentAt, answer } = await this.#pollers.poll(node, fetch);
    const appendEnds = this.#appendEnds(node, positions);
    const endsToldAt = appendEnds.then(() => this.#cluster.clock.monotonic());
    const question = { key, sentAt, waitMs, endsToldAt, answers: this.#join(positions, answer, appendEnds) };
    this.#asked.set(key, question);
    void this.#settle(question);
    return question;
  }

  /** Its asker has what it brought: it is not kept for another. */
  take(question: Question): void {
    this.#answered.delete(question);
    if (this.#asked.get(question.key) === question) this.#asked.delete(question.key);
  }

  async #settle(question: Question): Promise<void> {
    const [settled] = await Promise.allSettled([question.answers, question.endsToldAt]);
    if (this.#asked.get(question.key) !== question) return;
    const answers = settled.status === "fulfilled" ? settled.value : [];
    // An error that was kept would be told again and again.
    const whole = answers.every(({ fetched }) => fetched.errorCode === NONE);
    if (!whole || answers.every(({ fetched }) => fetched.recordSet.length === 0)) return this.take(question);
    this.#answered.add(question);
    for (const oldest of this.#answered) {
      if (this.#answered.size <= ANSWERED_MAX) break;
      this.take(oldest);
    }
  }

  async #join(
    positions: readonly Position[],
    answer: Promise<FetchAnswer>,
    appendEnds: Promise<ReadonlyMap<string, number>>,
  ): Promise<readonly Answered[]> {
    const [{ errorCode, partitions }, ends] = await Promise.all([answer, appendEnds]);
    requireNone(errorCode, "Fetch");
    const byPlace = new Map(partitions.map((each) => [placeOf(each), each]));
    return positions.map((position) => {
      const place = placeOf(position);
      const fetched = byPlace.get(place);
      if (fetched === undefined) throw new NoAnswer("Fetch: a position was not answered", { sent: true });
      return { fetched, appendEnd: ends.get(place) ?? Number.POSITIVE_INFINITY };
    });
  }

  async #appendEnds(node: number, positions: readonly Position[]): Promise<ReadonlyMap<string, number>> {
    const { responses } = await this.#link.send(node, listOffsetsRequest(positions, "append-end"));
    const ends = new Map<string, number>();
    for (const { topic, partitions } of responses) {
      for (const { partition, errorCode, offset } of partitions) {
        // Where the end is not told, nothing is promised by it.
        if (errorCode === NONE) ends.set(placeOf({ topic, partition }), Number(offset));
      }
    }
    return ends;
  }
}

const TAKE_UP_MS_MIN = 10;
/** Each holds the answer of one fetch. */
const ANSWERED_MAX = 8;
