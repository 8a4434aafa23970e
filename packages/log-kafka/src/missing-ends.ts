import type { BrokerConnection } from "./broker-connection.ts";
import { INVALID_PRODUCER_EPOCH, NoAnswer, NONE, Refused, requireNone } from "./broker-errors.ts";
import type { Cluster } from "./cluster.ts";
import type { Link } from "./link.ts";
import { DESCRIBE_PRODUCERS, openTransactionsRequest } from "./open-transactions-request.ts";
import { placeOf, type TopicPartition } from "./place.ts";
import type { TransactionState } from "./transaction-state-request.ts";
import { type EndToWrite, writeEndsRequest } from "./write-ends-request.ts";

/** A transaction that is open in a partition although it has ended. */
export interface MissingEnd extends TopicPartition {
  readonly producerId: string;
  readonly producerEpoch: number;
  readonly coordinatorEpoch: number;
}

/**
 * Asks leaders where the end of a transaction is missing, once for each partition and connection: while a connection lasts its
 * broker has not been away, and brokers that lose ends have been. Under V2 each transaction has an epoch of its own, which tells
 * those that have ended from the one under way.
 */
export class MissingEnds {
  readonly #cluster: Cluster;
  readonly #link: Link;
  /** Over which connection it was said that nothing is open, by partition: of those that are written to. */
  readonly #sound = new Map<string, BrokerConnection>();

  constructor(cluster: Cluster, link: Link) {
    this.#cluster = cluster;
    this.#link = link;
  }

  /** @throws NoAnswer also where a partition has no leader now; Refused */
  in(places: readonly TopicPartition[], ended: EndedTransactions): Promise<readonly MissingEnd[]> {
    return this.#ofLeaders(places, (connection, group) => this.over(connection, group, ended));
  }

  /** @param connection to the leader of these partitions. @throws NoAnswer, Refused */
  async over(
    connection: BrokerConnection,
    places: readonly TopicPartition[],
    ended: EndedTransactions,
  ): Promise<readonly MissingEnd[]> {
    const unknown = places.filter((place) => this.#sound.get(placeOf(place)) !== connection);
    if (unknown.length === 0 || !connection.takes(DESCRIBE_PRODUCERS)) return [];
    const { partitions } = await connection.send(openTransactionsRequest(unknown));
    const missing: MissingEnd[] = [];
    for (const { topic, partition } of unknown) {
      const answer = partitions.find((each) => each.topic === topic && each.partition === partition);
      if (answer === undefined) throw new NoAnswer("DescribeProducers: a partition was not answered", { sent: true });
      requireNone(answer.errorCode, "DescribeProducers");
      const open = answer.open.find(({ producerId }) => producerId === ended.producerId);
      if (open === undefined) this.#sound.set(placeOf({ topic, partition }), connection);
      else if (open.producerEpoch < ended.beforeEpoch) missing.push({ ...open, topic, partition });
    }
    return missing;
  }

  /**
   * Writes them as the coordinator should have. One that has come meanwhile, or that another process writes too, changes nothing,
   * nor does a crash between two of them.
   * @throws NoAnswer, Refused
   */
  async write(ends: readonly EndToWrite[]): Promise<void> {
    await this.#ofLeaders(ends, async (connection, group) => {
      const { partitions } = await connection.send(writeEndsRequest(group));
      for (const { errorCode } of partitions) {
        if (errorCode !== NONE && errorCode !== INVALID_PRODUCER_EPOCH) throw new Refused("WriteTxnMarkers", errorCode);
      }
      return [];
    });
  }

  async #ofLeaders<Place extends TopicPartition, Found>(
    places: readonly Place[],
    ask: (connection: BrokerConnection, group: readonly Place[]) => Promise<readonly Found[]>,
  ): Promise<readonly Found[]> {
    const byLeader = Map.groupBy(places, (place) => this.#cluster.leaderOf(place));
    const asked = [...byLeader].map(async ([node, group]) => {
      if (node < 0) throw new NoAnswer("a partition has no leader now", { sent: false });
      return ask(await this.#link.connectionTo(node), group);
    });
    try {
      return (await Promise.all(asked)).flat();
    } catch (error) {
      await Promise.allSettled([...asked, this.#cluster.refresh()]); // Leaders may have moved.
      throw error;
    }
  }
}

/** All transactions of a producer of an earlier epoch than this. */
export interface EndedTransactions {
  readonly producerId: string;
  readonly beforeEpoch: number;
}

/** Whether the coordinator is just having ends written: which of them are missing is seen when it calls that complete. */
export function isEnding({ state }: TransactionState): boolean {
  return state === "PrepareCommit" || state === "PrepareAbort";
}

/**
 * How a transaction ended that is still open in a partition. A holder goes on only after a commit, so all were committed but the
 * last one, of which the coordinator says it.
 * @returns null where it does not say: it forgets when a new holder is let in
 */
export function endOf(epoch: number, { state, producerEpoch }: TransactionState): "commit" | "abort" | null {
  if (state === "CompleteAbort" && epoch === producerEpoch - 1) return "abort";
  return state === "Ongoing" || state === "CompleteCommit" || state === "CompleteAbort" ? "commit" : null;
}
