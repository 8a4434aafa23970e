import type { BrokerRequest } from "./broker-request.ts";
import { type EndTxnAnswer, renewingEndTxnRequest } from "./end-txn-request.ts";
import { addingProduceRequest, produceRequest } from "./produce-request.ts";
import { addPartitionsRequest, endTxnRequest, type ProducerIdentity } from "./small-requests.ts";

/**
 * How partitions come into a transaction, how batches go to them, and how it ends:
 *
 *  V1 (all brokers) The coordinator is asked to add the partitions before anything is produced. All transactions of a
 *     holder have one epoch, and their sequences rise through them.
 *  V2 (`transaction.version` 2, KIP-890: new clusters of Kafka 4) Produce adds them: the leader asks the coordinator. Each
 *     end raises the epoch and answers with it, or with epoch 0 of another producer id when there are no more; sequences
 *     begin at 0 again.
 *
 * What V2 does to a request that is lost, repeated or late:
 *
 *  - An end that is asked for again under the epoch that it ended is answered as the first was, with the epoch of the
 *    next transaction, until a newer holder raises the epoch once more: then it is refused, which after a lost answer is
 *    CommitUnknown, as the first may have committed. It is refused too (INVALID_TXN_STATE) where the broker aborted.
 *  - An end that comes late cannot end the next transaction, whose epoch is another. Under V1 it could.
 *  - A batch that comes after its transaction has ended is refused for its epoch: by the coordinator, and by each partition
 *    that the end is written into. Until it is, a partition knows the batch for one that it has, since an end is asked for
 *    only when every batch is there or refused (T3). So it begins no transaction. Its sequence, which the next transaction
 *    has again, is not taken for that one's, for brokers compare sequences within an epoch only: an end that did not change
 *    the epoch would lose records, hence {@link import("./producer-identity.ts").ProducerIdentity.next}.
 *  - A batch that was given up and comes before its transaction has ended may begin it. It ends like any other that nobody
 *    ends: by its timeout, or before the next holder is let in (T1).
 *  - To abort where no partition was added is allowed and raises the epoch. To commit there is refused (INVALID_TXN_STATE),
 *    and not asked for: each transaction has a batch, and each was answered as appended.
 *  - Where the transaction before is still being written into partitions, or another leader is just adding its own, the
 *    leader waits a little (`add.partitions.to.txn.retry.backoff.*`) and then answers CONCURRENT_TRANSACTIONS, which passes.
 */
export interface TransactionProtocol {
  /** Asked of the coordinator first; null: Produce adds the partitions. */
  readonly add: typeof addPartitionsRequest | null;
  /** Whether each transaction has an epoch of its own, by which those that have ended are known. */
  readonly ownEpochs: boolean;
  readonly produce: typeof produceRequest;
  readonly end: (producer: ProducerIdentity, result: "commit" | "abort") => BrokerRequest<EndTxnAnswer>;
}

const V1: TransactionProtocol = {
  add: addPartitionsRequest,
  ownEpochs: false,
  produce: produceRequest,
  end: endTxnRequest,
};
const V2: TransactionProtocol = {
  add: null,
  ownEpochs: true,
  produce: addingProduceRequest,
  end: renewingEndTxnRequest,
};

/**
 * Which one a holder speaks for as long as it is open.
 *
 * One broker's word is enough, also while brokers are upgraded: a level is finalized only when every broker has what it stands
 * for, and none that lacks it is let into the cluster afterwards. When the level is raised, a holder goes on with V1,
 * which brokers take at any level. When it is lowered, it goes on with V2: brokers go by the version of the request and not
 * by the level. Only a broker of an older version that joined after that does not know these requests: it ends the connection,
 * nothing is appended there, the commit is LogUnavailable, and who is opened next speaks V1.
 *
 * @param level of {@link TRANSACTION_VERSION}, as the coordinator said before it gave the holder its epoch
 */
export function transactionProtocol(level: number): TransactionProtocol {
  return level >= 2 ? V2 : V1;
}

/** The name of the feature. */
export const TRANSACTION_VERSION = "transaction.version";
