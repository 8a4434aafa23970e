import type { Cluster } from "./cluster.ts";
import { fetchRequest, type FetchAnswer, type FetchToSend } from "./fetch-request.ts";
import type { Link } from "./link.ts";

/** A fetch request under way at one broker. */
export interface Poll {
  /** Monotonic ms just before the request was sent. */
  readonly sentAt: number;
  readonly answer: Promise<FetchAnswer>;
}

/**
 * The connections on which fetches wait at the brokers. A broker works through a connection's requests one by one, so
 * each waiting request has a connection of its own. A caller that no longer wants its answer leaves the request to
 * end by itself, which it does within `pollMsMax`.
 *
 * A connection is given to one request at a time. Where all that there may be are taken, a request waits for one:
 * none is held for longer than `pollMsMax` and the time an answer takes.
 */
export class Pollers {
  readonly #cluster: Cluster;
  readonly #nodes = new Map<number, NodePollers>();

  constructor(cluster: Cluster) {
    this.#cluster = cluster;
  }

  /** Sends a fetch to a broker, on a connection of its own; the answer rejects with NoAnswer. */
  async poll(node: number, fetch: FetchToSend): Promise<Poll> {
    const pollers = this.#of(node);
    const link = await this.#take(pollers);
    const sentAt = this.#cluster.clock.monotonic();
    const answer = link.send(node, fetchRequest(fetch));
    void this.#giveBack(pollers, link, answer);
    return { sentAt, answer };
  }

  async #giveBack(pollers: NodePollers, link: Link, answer: Promise<FetchAnswer>): Promise<void> {
    await Promise.allSettled([answer]);
    const next = pollers.waiting.shift();
    if (next === undefined) pollers.idle.push(link);
    else next(link);
  }

  async #take(pollers: NodePollers): Promise<Link> {
    const idle = pollers.idle.pop();
    if (idle !== undefined) return idle;
    if (pollers.opened >= this.#cluster.limits.fetchConnectionsMax) {
      const { promise, resolve } = Promise.withResolvers<Link>();
      pollers.waiting.push(resolve);
      return promise;
    }
    pollers.opened += 1;
    return this.#cluster.newLink();
  }

  #of(node: number): NodePollers {
    let pollers = this.#nodes.get(node);
    if (pollers === undefined) {
      pollers = { idle: [], opened: 0, waiting: [] };
      this.#nodes.set(node, pollers);
    }
    return pollers;
  }
}

interface NodePollers {
  readonly idle: Link[];
  opened: number;
  /** Who waits for a connection, first come first served. */
  readonly waiting: ((link: Link) => void)[];
}
