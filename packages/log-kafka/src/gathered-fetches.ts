import type { Position } from "@tidemark/streams";
import { NoAnswer, NONE, requireNone } from "./broker-errors.ts";
import type { Cluster } from "./cluster.ts";
import type { FetchAnswer, FetchedPartition } from "./fetch-request.ts";
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
 *     arrives in between comes together; it would wait for the next turn anyway.
 *  G2 About positions that have more to read it is asked at once.
 *  G3 All that a request asks is answered together, by the first news of any. Whoever it brings nothing asks again.
 *  G4 A partition is in a request once: who asks for one that is already there begins the next.
 */
export class GatheredFetches {
  readonly #cluster: Cluster;
  readonly #pollers: Pollers;
  /** For the questions after the ends, which are answered at once. */
  readonly #link: Link;
  readonly #gathering = new Map<string, Gathering>();
  /** When each leader is asked next about positions at the end, at the earliest. */
  readonly #notBefore = new Map<number, number>();

  constructor(cluster: Cluster) {
    this.#cluster = cluster;
    this.#pollers = new Pollers(cluster);
    this.#link = cluster.newLink();
  }

  ask(node: number, wanted: Wanted): Promise<Asking> {
    const key = `${node} ${wanted.caughtUp}`;
    const places = wanted.positions.map(placeOf);
    let gathering = this.#gathering.get(key);
    if (gathering === undefined || places.some((place) => gathering?.places.has(place))) {
      const asked: Wanted[] = [];
      gathering = { asked, places: new Set(), sent: this.#sendSoon(node, key, asked) };
      this.#gathering.set(key, gathering);
    }
    gathering.asked.push(wanted);
    for (const place of places) gathering.places.add(place);
    return forAsker(gathering.sent, wanted.positions);
  }

  async #sendSoon(node: number, key: string, asked: readonly Wanted[]): Promise<Sent> {
    const { clock, closing, limits } = this.#cluster;
    await Promise.resolve(); // The first asker is in by then.
    if (asked.every(({ caughtUp }) => caughtUp)) {
      const restMs = (this.#notBefore.get(node) ?? 0) - clock.monotonic();
      if (restMs > 0) await clock.sleep(restMs, closing);
      this.#notBefore.set(node, clock.monotonic() + limits.askIntervalMs);
    }
    if (this.#gathering.get(key)?.asked === asked) this.#gathering.delete(key);
    const positions = asked.flatMap((each) =>
      each.positions.map((position) => ({ ...position, bytesMax: each.bytesMax })),
    );
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

interface Gathering {
  readonly asked: Wanted[];
  readonly places: Set<string>;
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
