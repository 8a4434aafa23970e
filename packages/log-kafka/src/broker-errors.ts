import { CommitUnknown, LogUnavailable, TaskFenced } from "@tidemark/streams";

/**
 * The one place where what a broker answers, or does not answer, becomes a decision. Below it, requests fail with
 * {@link NoAnswer} or {@link Refused}; above it, with the coded errors of the port.
 */

/** No answer came: not reached, connection lost, or too slow. */
export class NoAnswer extends Error {
  /** Whether the broker may have carried the request out. */
  readonly sent: boolean;

  constructor(message: string, options: { readonly sent: boolean; readonly cause?: unknown }) {
    super(message, { cause: options.cause });
    this.sent = options.sent;
  }
}

/** The broker answered with an error code of Kafka's protocol. */
export class Refused extends Error {
  readonly errorCode: number;

  constructor(what: string, errorCode: number) {
    const hint = RIGHTS.has(errorCode) ? ": the user of KAFKA_SASL_* lacks a right, docs/kafka.md lists them" : "";
    super(`${what}: ${NAMES.get(errorCode) ?? "error"} (${errorCode})${hint}`);
    this.errorCode = errorCode;
  }
}

export const NONE = 0;
export const OFFSET_OUT_OF_RANGE = 1;
export const UNKNOWN_TOPIC_OR_PARTITION = 3;
export const TOPIC_ALREADY_EXISTS = 36;
export const DUPLICATE_SEQUENCE_NUMBER = 46;
export const INVALID_PRODUCER_EPOCH = 47;
export const CONCURRENT_TRANSACTIONS = 51;
export const TRANSACTIONAL_ID_NOT_FOUND = 105;

const NAMES = new Map([
  [OFFSET_OUT_OF_RANGE, "OFFSET_OUT_OF_RANGE"],
  [2, "CORRUPT_MESSAGE"],
  [UNKNOWN_TOPIC_OR_PARTITION, "UNKNOWN_TOPIC_OR_PARTITION"],
  [5, "LEADER_NOT_AVAILABLE"],
  [6, "NOT_LEADER_OR_FOLLOWER"],
  [7, "REQUEST_TIMED_OUT"],
  [10, "MESSAGE_TOO_LARGE"],
  [14, "COORDINATOR_LOAD_IN_PROGRESS"],
  [15, "COORDINATOR_NOT_AVAILABLE"],
  [16, "NOT_COORDINATOR"],
  [19, "NOT_ENOUGH_REPLICAS"],
  [20, "NOT_ENOUGH_REPLICAS_AFTER_APPEND"],
  [29, "TOPIC_AUTHORIZATION_FAILED"],
  [30, "GROUP_AUTHORIZATION_FAILED"],
  [31, "CLUSTER_AUTHORIZATION_FAILED"],
  [35, "UNSUPPORTED_VERSION"],
  [TOPIC_ALREADY_EXISTS, "TOPIC_ALREADY_EXISTS"],
  [38, "INVALID_REPLICATION_FACTOR"],
  [45, "OUT_OF_ORDER_SEQUENCE_NUMBER"],
  [DUPLICATE_SEQUENCE_NUMBER, "DUPLICATE_SEQUENCE_NUMBER"],
  [INVALID_PRODUCER_EPOCH, "INVALID_PRODUCER_EPOCH"],
  [48, "INVALID_TXN_STATE"],
  [49, "INVALID_PRODUCER_ID_MAPPING"],
  [50, "INVALID_TRANSACTION_TIMEOUT"],
  [CONCURRENT_TRANSACTIONS, "CONCURRENT_TRANSACTIONS"],
  [53, "TRANSACTIONAL_ID_AUTHORIZATION_FAILED"],
  [55, "OPERATION_NOT_ATTEMPTED"],
  [56, "KAFKA_STORAGE_ERROR"],
  [59, "UNKNOWN_PRODUCER_ID"],
  [90, "PRODUCER_FENCED"],
  [120, "TRANSACTION_ABORTABLE"],
]);

/** What is refused for want of a right. A task tries again all the same: the right may be given meanwhile. */
const RIGHTS = new Set([29, 30, 31, 53]);

/**
 * The same request may be answered in a moment, perhaps by another broker: a leader or coordinator has moved, is
 * loading, or waits for its replicas or for the transaction before; a topic is so new that this broker has not heard
 * of it.
 */
const PASSING = new Set([3, 5, 6, 7, 8, 9, 13, 14, 15, 16, 19, 20, 51, 55, 56, 74, 75, 78, 89]);

/**
 * This writer's epoch or sequence is not what the broker has: a newer writer has taken over, the broker has given up
 * the transaction or forgotten the producer. These are not told apart by every version, and the recovery is the same.
 */
const FENCED = new Set([45, 47, 48, 49, 59, 90, 120]);

export function isPassing(error: unknown): boolean {
  return error instanceof NoAnswer || (error instanceof Refused && PASSING.has(error.errorCode));
}

/** @throws Refused */
export function requireNone(errorCode: number, what: string): void {
  if (errorCode !== NONE) throw new Refused(what, errorCode);
}

/** What a writer throws while nothing can have been committed. Errors of the port pass as they are. */
export function notCommitted(error: unknown): unknown {
  if (error instanceof Refused && FENCED.has(error.errorCode)) {
    return new TaskFenced("the broker no longer takes this writer", { cause: error });
  }
  return unavailable(error);
}

/** What a writer throws once the broker may have committed. */
export function perhapsCommitted(error: unknown): unknown {
  return new CommitUnknown("whether the broker committed is not known", { cause: error });
}

/** Errors of requests as the port's; any other passes as it is. */
export function unavailable(error: unknown): unknown {
  if (!(error instanceof Refused) && !(error instanceof NoAnswer)) return error;
  return new LogUnavailable(error.message, { cause: error });
}
