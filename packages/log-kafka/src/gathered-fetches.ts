import { assert, type Position } from "@tidemark/streams";
import { NoAnswer, NONE, requireNone } from "./broker-errors.ts";
import type { Cluster } from "./cluster.ts";
import type { FetchAnswer, FetchedPartition, PositionToFetch } from "./fetch-request.ts";
import type { Link } from "./link.ts";
import { placeOf } from "./place.ts";
import { Pollers } from "./pollers.ts";
import { listOffsetsRequest } from "./small-requests.ts";

/** What is asked of one leader. */
export interface Wanted {
  readonly positions: readonly Position[];
  /** For each position, as stored; a batch comes whole. */
  readonly bytesMax: number;
  /** How long the broker may wait for something to be there. */
  readonly waitMs: number;
  /** Whether all positions were at the end when last told: then the question may wait for others to go along. */
  readonly caughtUp: boolean;
}

/** What a leader said of one position, and where its partition's log ended when it was asked. */
export interface Answered {
  readonly fetched: FetchedPartition;
  /** Where the next record will go; Infinity where the leader did not say. */
  readonly appendEnd: number;
}

/** What is under way for one asker. */
export interface Asking {
  /** Monotonic ms just before it was sent. */
  readonly sentAt: number;
  /** When the append ends were told, monotonic ms; rejects with the answers. */
  readonly endsToldAt: Promise<number>;
  /** One for each position, in order. Rejects with NoAnswer, Refused. */
  readonly answers: Promise<readonly Answered[]>;
}

/**
 * Puts what is asked of one leader at about the same time into one request: a write to a socket costs more than all that is
 * done about one partition, and where records come one by one there would be a request for each.
 *
 *  G1 A leader is asked at most every `askIntervalMs` about positions that are at the end of what was told. So what
 *     arrives in between comes together; it would wait for the next turn anyway. A request has its moment from when it
 *     begins to be gathered: of two that wait, the later one's is the next.
 *  G2 About positions that have more to read it is asked at once.
 *  G3 All that a request asks is answered together, by the first news of any. Whoever it brings nothing asks again.
 *  G4 A partition is in a request once: who asks for one that is there from another offset on begins the next. So no
 *     more requests wait for their moment than there are offsets of a partition from which it is read at the same time.
 */
export class GatheredFetches {
  readonly #cluster: Cluster;
  readonly #pollers: Pollers;
  /** For the questions after the ends, which are answered at once. */
  readonly #link: Link;
  readonly #gathering = new Map<string, Gathering>();
  /** The next moment, at the earliest, at which each leader may be asked about positions at the end and no request has it. */
  readonly #notBefore = new Map<number, number>();

  constructor(cluster: Cluster) {
    this.#cluster = cluster;
    this.#pollers = new Pollers(cluster);
    this.#link = cluster.newLink();
  }

  ask(node: number, wanted: Wanted): Promise<Asking> {
    const key = `${node} ${wanted.caughtUp}`;
    let gathering = this.#gathering.get(key);
    if (gathering === undefined || wanted.positions.some((position) => isElsewhere(position, gathering?.positions))) {
      const asked: Wanted[] = [];
      const positions = new Map<string, PositionToFetch>();
      gathering = { asked, positions, sent: this.#sendSoon(node, key, asked, positions) };
      this.#gathering.set(key, gathering);
    }
    gathering.asked.push(wanted);
    for (const position of wanted.positions) {
      assert(!isElsewhere(position, gathering.positions), "a fetch names a partition once");
      const place = placeOf(position);
      const bytesMax = Math.max(wanted.bytesMax, gathering.positions.get(place)?.bytesMax ?? 0);
      gathering.positions.set(place, { ...position, bytesMax });
    }
    return forAsker(gathering.sent, wanted.positions);
  }

  async #sendSoon(
    node: number,
    key: string,
    asked: readonly Wanted[],
    byPlace: ReadonlyMap<string, PositionToFetch>,
  ): Promise<Sent> {
    const { clock, closing, limits } = this.#cluster;
    await Promise.resolve(); // The first asker is in by then.
    if (asked.every(({ caughtUp }) => caughtUp)) {
      const now = clock.monotonic();
      const moment = Math.max(now, this.#notBefore.get(node) ?? now);
      this.#notBefore.set(node, moment + limits.askIntervalMs);
      if (moment > now) await clock.sleep(moment - now, closing);
    }
    if (this.#gathering.get(key)?.asked === asked) this.#gathering.delete(key);
    const positions = [...byPlace.values()];
    const waitMsMax = Math.min(...asked.map(({ waitMs }) => waitMs));
    const { sentAt, answer } = await this.#pollers.poll(node, {
      positions,
      waitMsMax,
      bytesMin: 1,
      bytesMax: limits.fetchBytesMax,
    });
    const ends = this.#appendEnds(node, positions);
    const endsToldAt = ends.then(() => clock.monotonic());
    return { sentAt, endsToldAt, byPlace: join(answer, ends) };
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

function isElsewhere(position: Position, gathered: ReadonlyMap<string, Position> | undefined): boolean {
  const same = gathered?.get(placeOf(position));
  return same !== undefined && same.offset !== position.offset;
}

interface Gathering {
  readonly asked: Wanted[];
  /** What is asked, by place. */
  readonly positions: Map<string, PositionToFetch>;
  readonly sent: Promise<Sent>;
}

interface Sent {
  readonly sentAt: number;
  readonly endsToldAt: Promise<number>;
  readonly byPlace: Promise<ReadonlyMap<string, Answered>>;
}

async function join(
  answer: Promise<FetchAnswer>,
  appendEnds: Promise<ReadonlyMap<string, number>>,
): Promise<ReadonlyMap<string, Answered>> {
  const [{ errorCode, partitions }, ends] = await Promise.all([answer, appendEnds]);
  requireNone(errorCode, "Fetch");
  return new Map(
    partitions.map((fetched) => {
      const place = placeOf(fetched);
      return [place, { fetched, appendEnd: ends.get(place) ?? Number.POSITIVE_INFINITY }];
    }),
  );
}

async function forAsker(sent: Promise<Sent>, positions: readonly Position[]): Promise<Asking> {
  const { sentAt, endsToldAt, byPlace } = await sent;
  const answers = byPlace.then((answered) =>
    positions.map((position) => {
      const found = answered.get(placeOf(position));
      if (found === undefined) throw new NoAnswer("Fetch: a position was not answered", { sent: true });
      return found;
    }),
  );
  return { sentAt, endsToldAt, answers };
}
