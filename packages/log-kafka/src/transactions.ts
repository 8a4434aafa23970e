import { LogUnavailable } from "@tidemark/streams";
import type { BrokerClocks } from "./broker-clocks.ts";
import type { BrokerConnection } from "./broker-connection.ts";
import {
  CONCURRENT_TRANSACTIONS,
  isPassing,
  NoAnswer,
  NONE,
  notCommitted,
  perhapsCommitted,
  Refused,
  requireNone,
  TRANSACTIONAL_ID_NOT_FOUND,
  unavailable,
} from "./broker-errors.ts";
import type { BrokerRequest } from "./broker-request.ts";
import type { Cluster } from "./cluster.ts";
import type { Link } from "./link.ts";
import { endOf, isEnding, MissingEnds } from "./missing-ends.ts";
import type { Landed, Outgoing, Run } from "./outgoing.ts";
import type { TopicPartition } from "./place.ts";
import { produce, type EncodedRun } from "./produce.ts";
import { ProducerIdentity } from "./producer-identity.ts";
import type { BatchCodec } from "./record-batch-encoder.ts";
import { retry, type Patience } from "./retry.ts";
import { initProducerIdRequest } from "./small-requests.ts";
import { TRANSACTION_VERSION, transactionProtocol, type TransactionProtocol } from "./transaction-protocol.ts";
import { DESCRIBE_TRANSACTIONS, type TransactionState, transactionStateRequest } from "./transaction-state-request.ts";

/**
 * One holder of a transactional id: transactions one after the other, each on connections of its own.
 *
 *   opened ─▶ idle ─▶ adding ─▶ producing ─▶ ending ─▶ idle
 *                       └──────────┴────────────┴────▶ spent (any failure)
 *
 * Where {@link TransactionProtocol} is V2, nothing is asked for in `adding`, and each `idle` has an epoch of its own.
 *
 *  T1 Opening one fences all earlier ones of the id and ends their pending transaction: it resolves once the
 *     coordinator has written that end into every partition, so nothing of theirs appears afterwards (L5).
 *  T2 Everything is encoded before the transaction begins: nothing that can fail on our side lies within.
 *  T3 The commit is asked for only when every batch was answered as appended. After a failure what is open is ended by
 *     the broker: by its timeout, or at once by the next holder of the id; and where every request was answered, so
 *     that none is on its way, it is asked once to abort, so that readers need not wait for that.
 *  T4 Before the end was asked for, nothing can have been committed, and the failure says so; after it, {@link
 *     Transactions.transact} says CommitUnknown unless the coordinator answered that it did not.
 *  T5 A holder goes on only after a commit: who aborted opens the next one.
 *
 * A crash between any two steps is harmless, for a transaction whose commit the coordinator has not written into its
 * log is aborted by T1 or the timeout, and one that it has written is completed by the coordinator alone. What becomes of
 * requests that are late or come twice is told at {@link TransactionProtocol}.
 *
 * Coordinators of Kafka 4.3.0 to 4.4.0 do not always complete it (KAFKA-20734, docs/kafka.md): into a partition that has no
 * leader at that moment they write no end, and there the transaction stays open until the next one of its producer ends, and
 * ends as that does. Under V2 this is made good:
 *
 *  E1 Before a holder is let in, it looks for transactions that have ended and are open in a partition of its id, and writes the
 *     ends as the coordinator says that they were ({@link endOf}). It is let in when none is missing, and nothing has happened at
 *     the coordinator since it said so. It says the same to whoever asks after a crash between any of these.
 *  E2 Before the first batch goes to a partition over a connection, its leader is asked too ({@link MissingEnds}). Where an end is
 *     missing nothing is produced, the holder is spent, and the next one finds it by E1.
 *
 * Left over: a holder that was let in without E1, by other software, makes the coordinator forget how the last transaction ended;
 * where its end is missing, opening says so until an operator writes it. And an end that was lost with the last epoch of a
 * producer id stays missing, for the next transaction is of another producer.
 */
export class Transactions {
  readonly #context: TransactionsContext;
  readonly #link: Link;
  readonly #id: string;
  readonly #protocol: TransactionProtocol;
  readonly #missingEnds: MissingEnds;
  #identity: ProducerIdentity;
  #coordinator: number | null;

  /**
   * @param places all partitions that transactions of this id are about
   * @throws LogUnavailable, TopicMismatch
   */
  static async open(
    context: TransactionsContext,
    id: string,
    places: readonly TopicPartition[],
  ): Promise<Transactions> {
    const { cluster } = context;
    const { openWriterMsMax, transactionMsMax } = cluster.limits;
    const link = cluster.newLink();
    const missingEnds = new MissingEnds(cluster, link);
    try {
      await cluster.require(places);
      return await retry(cluster.patience(openWriterMsMax), async () => {
        const coordinator = await cluster.coordinatorOf(id);
        const protocol = transactionProtocol(await link.featureLevel(coordinator, TRANSACTION_VERSION));
        const before = protocol.ownEpochs ? await stateOf(link, coordinator, id) : null;
        if (before !== null) await writeMissing(context, missingEnds, places, before); // E1
        // A request that was lost and is asked for again fences its own first go, if that arrived, and no one else.
        const answer = await link.send(coordinator, initProducerIdRequest(id, transactionMsMax));
        requireNone(answer.errorCode, "InitProducerId");
        const identity = new ProducerIdentity(answer.producerId, answer.producerEpoch);
        if (before !== null && !follows(identity, before)) {
          throw new NoAnswer("another holder was let in meanwhile", { sent: true });
        }
        return new Transactions(context, { link, missingEnds, id, protocol, identity, coordinator });
      });
    } catch (error) {
      cluster.closeLink(link);
      throw unavailable(error);
    }
  }

  private constructor(context: TransactionsContext, parts: TransactionsParts) {
    this.#context = context;
    this.#link = parts.link;
    this.#missingEnds = parts.missingEnds;
    this.#id = parts.id;
    this.#protocol = parts.protocol;
    this.#identity = parts.identity;
    this.#coordinator = parts.coordinator;
  }

  /**
   * One transaction. After any throw the holder is spent.
   * @param verdict looks at where everything landed, before it is committed or aborted
   * @throws TaskFenced, LogUnavailable, TopicMismatch: not committed; CommitUnknown
   */
  async transact(
    outgoing: Outgoing,
    verdict: (landed: ReadonlyMap<Run, Landed>) => "commit" | "abort",
  ): Promise<{ readonly landed: ReadonlyMap<Run, Landed>; readonly result: "commit" | "abort" }> {
    const { cluster, codec } = this.#context;
    const rounds: (readonly EncodedRun[])[] = [];
    const options = { transactional: true, createdAt: cluster.clock.now(), codec };
    for (const runs of outgoing.rounds) rounds.push(await this.#identity.encode(runs, options)); // T2
    const landed = new Map<Run, Landed>();
    const patience = cluster.patience(cluster.limits.commitMsMax);
    const places = outgoing.rounds[0] ?? []; // Every partition has a run in the first round.
    try {
      await cluster.require(places);
      await this.#add(places, patience);
      for (const round of rounds) await this.#produce(round, landed, patience);
    } catch (error) {
      cluster.gaveUp(error, places);
      if (error instanceof Refused && !isPassing(error)) await Promise.allSettled([this.#askCoordinatorToEnd("abort")]); // T3
      throw notCommitted(error); // T4
    }
    const result = verdict(landed);
    await this.#end(result);
    return { landed, result };
  }

  close(): void {
    this.#context.cluster.closeLink(this.#link);
  }

  /** Asked for again after no answer: adding what is there already changes nothing. */
  async #add(places: readonly Run[], patience: Patience): Promise<void> {
    const request = this.#protocol.add?.(this.#fields, places);
    if (request === undefined) return;
    await retry(patience, async () => {
      const { errors } = await this.#askCoordinator(request);
      const codes = errors.flatMap(({ partitionErrors }) => partitionErrors.map(({ errorCode }) => errorCode));
      // One partition that is refused makes the others OPERATION_NOT_ATTEMPTED, which passes by itself: look past it.
      const refusals = codes.filter((code) => code !== NONE).map((code) => new Refused("AddPartitionsToTxn", code));
      const refusal = refusals.find((each) => !isPassing(each)) ?? refusals[0];
      if (refusal !== undefined) this.#heed(refusal);
    });
  }

  async #produce(round: readonly EncodedRun[], landed: Map<Run, Landed>, patience: Patience): Promise<void> {
    const { cluster, clocks } = this.#context;
    const sender = {
      cluster,
      clocks,
      link: this.#link,
      transactionalId: this.#id,
      request: this.#protocol.produce,
      admit: (connection: BrokerConnection, places: readonly TopicPartition[]) => this.#admit(connection, places),
    };
    const outcomes = await produce(sender, round, patience);
    let failure: Error | null = null;
    for (const [run, outcome] of outcomes) {
      // LogUnavailable says that a request may still be on its way: that counts (T3).
      if (!(outcome instanceof Error)) landed.set(run, outcome);
      else if (failure === null || outcome instanceof LogUnavailable) failure = outcome;
    }
    if (failure !== null) throw failure;
  }

  /**
   * Asks for the end until it is answered. The coordinator answers a repeated request for the same end, of the same
   * epoch, like the first: it either remembers that it committed, or commits now. So a lost answer is asked for
   * again, and `NONE` is the truth whichever request it answers.
   *
   * A refusal is the truth only if no request before it may have been carried out. The first answer FENCED says that
   * the coordinator had already given the transaction to another epoch: nothing was committed. The same answer to a
   * repeated request may mean that the first one committed and a newer writer came after. It is also unknown after
   * an answer of a coordinator that was not sure of its own log (COORDINATOR_NOT_AVAILABLE, NOT_COORDINATOR: what it
   * wrote may survive it). CONCURRENT_TRANSACTIONS alone tells that this request was not taken up.
   */
  async #end(result: "commit" | "abort"): Promise<void> {
    const { cluster } = this.#context;
    let perhaps = false;
    try {
      await retry(cluster.patience(cluster.limits.endMsMax), async () => {
        await this.#findCoordinator();
        try {
          await this.#askCoordinatorToEnd(result);
        } catch (error) {
          perhaps ||= mayHaveEnded(error);
          throw error;
        }
      });
    } catch (error) {
      if (perhaps && result === "commit") throw perhapsCommitted(error);
      throw notCommitted(error);
    }
  }

  async #askCoordinatorToEnd(result: "commit" | "abort"): Promise<void> {
    const { errorCode, next } = await this.#askCoordinator(this.#protocol.end(this.#fields, result));
    if (errorCode !== NONE) this.#heed(new Refused("EndTxn", errorCode));
    if (next !== undefined) this.#identity = this.#identity.next(next.producerId, next.producerEpoch);
  }

  /** E2. @throws NoAnswer, Refused, LogUnavailable */
  async #admit(connection: BrokerConnection, places: readonly TopicPartition[]): Promise<void> {
    if (!this.#protocol.ownEpochs) return;
    const { id, epoch } = this.#identity;
    const isMissing = async (): Promise<boolean> => {
      const missing = await this.#missingEnds.over(connection, places, { producerId: id, beforeEpoch: epoch });
      return missing.length > 0;
    };
    if (!(await isMissing())) return;
    const state = await stateOf(this.#link, await this.#findCoordinator(), this.#id);
    if (state !== null && isEnding(state)) throw new NoAnswer(BEING_ENDED, { sent: false });
    if (await isMissing()) throw new LogUnavailable(`brokers have lost the end of a transaction, ${SEE}`);
  }

  async #findCoordinator(): Promise<number> {
    this.#coordinator ??= await this.#context.cluster.coordinatorOf(this.#id);
    return this.#coordinator;
  }

  async #askCoordinator<Answer>(request: BrokerRequest<Answer>): Promise<Answer> {
    const coordinator = await this.#findCoordinator();
    try {
      return await this.#link.send(coordinator, request);
    } catch (error) {
      this.#coordinator = null;
      throw error;
    }
  }

  /** A coordinator that cannot answer now may have moved. @throws Refused */
  #heed(refusal: Refused): never {
    if (isPassing(refusal) && refusal.errorCode !== CONCURRENT_TRANSACTIONS) this.#coordinator = null;
    throw refusal;
  }

  get #fields() {
    return { transactionalId: this.#id, producerId: this.#identity.id, producerEpoch: this.#identity.epoch };
  }
}

export interface TransactionsContext {
  readonly cluster: Cluster;
  readonly clocks: BrokerClocks;
  readonly codec: BatchCodec;
  /** Told of ends that brokers had lost, when they are written. */
  readonly onProblem: (error: unknown) => void;
}

interface TransactionsParts {
  readonly link: Link;
  readonly missingEnds: MissingEnds;
  readonly id: string;
  readonly protocol: TransactionProtocol;
  readonly identity: ProducerIdentity;
  readonly coordinator: number;
}

const BEING_ENDED = "the transaction before is being ended";
const SEE = 'see "Versions of Kafka" in docs/kafka.md';

/** @returns null where the coordinator does not know the id, or is too old to say. @throws NoAnswer, Refused */
async function stateOf(link: Link, coordinator: number, id: string): Promise<TransactionState | null> {
  const connection = await link.connectionTo(coordinator);
  if (!connection.takes(DESCRIBE_TRANSACTIONS)) return null;
  const state = await connection.send(transactionStateRequest(id));
  if (state.errorCode === TRANSACTIONAL_ID_NOT_FOUND) return null;
  requireNone(state.errorCode, "DescribeTransactions");
  return state;
}

/** E1. @throws NoAnswer once any were written: it is looked at anew; Refused; LogUnavailable where nobody knows how they ended */
async function writeMissing(
  { onProblem }: TransactionsContext,
  missingEnds: MissingEnds,
  places: readonly TopicPartition[],
  state: TransactionState,
): Promise<void> {
  if (isEnding(state)) throw new NoAnswer(BEING_ENDED, { sent: false });
  const { producerId, producerEpoch: beforeEpoch } = state;
  const missing = await missingEnds.in(places, { producerId, beforeEpoch });
  if (missing.length === 0) return;
  const ends = missing.map((each) => {
    const result = endOf(each.producerEpoch, state);
    if (result !== null) return { ...each, result, coordinatorEpoch: Math.max(0, each.coordinatorEpoch) };
    throw new LogUnavailable(
      `a transaction is open in ${each.topic}-${each.partition}, and how it ended is not known, ${SEE}`,
    );
  });
  await missingEnds.write(ends);
  onProblem(new LogUnavailable(`brokers had lost the end of a transaction in ${ends.length} partitions, ${SEE}`));
  throw new NoAnswer("whether these ends are written is looked at once more", { sent: false });
}

/** Whether nothing has happened between. */
function follows({ id, epoch }: ProducerIdentity, before: TransactionState): boolean {
  // The epochs of one producer id may have been used up.
  return id !== before.producerId || epoch === before.producerEpoch + 1;
}

/** Whether the coordinator may have taken an end up that it did not answer with `NONE`. */
function mayHaveEnded(error: unknown): boolean {
  if (error instanceof NoAnswer) return error.sent;
  return error instanceof Refused && isPassing(error) && error.errorCode !== CONCURRENT_TRANSACTIONS;
}
