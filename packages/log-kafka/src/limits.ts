/** The bounds of the log. Above one, callers wait, work is split, or a call is LogUnavailable; nothing is dropped. */
export interface KafkaLogLimits {
  /** A connection that is not made within this, ms, counts as refused. */
  readonly connectMsMax: number;
  /** A question about brokers and leaders that is not answered within this, ms, is put to another broker. */
  readonly askMsMax: number;
  /** A request that is not answered within this, ms, counts as lost, and so does its connection. */
  readonly requestMsMax: number;
  /** For so long, ms, a broker's wish is followed that its connection send nothing for a while (KIP-219): it holds up itself what comes earlier. */
  readonly throttleMsMax: number;
  /** The broker gives up a transaction that is open for this long, ms (R12). */
  readonly transactionMsMax: number;
  /** A commit or an append is given up, ms, before the broker would; less than {@link transactionMsMax}. */
  readonly commitMsMax: number;
  /** How long the end of a transaction is asked for, ms, before its result counts as unknown. */
  readonly endMsMax: number;
  /** How long to wait for the transaction of an earlier writer to end, or for a coordinator, ms. */
  readonly openWriterMsMax: number;
  /** Reads and questions about topics that get no answer are LogUnavailable after this, ms. */
  readonly readMsMax: number;
  /** How long `offsets` waits for what was answered to become visible, ms. */
  readonly visibleMsMax: number;
  /** Between two tries of a request, ms, growing from the first to the second. */
  readonly retryMsMin: number;
  readonly retryMsMax: number;
  /** Longest wait on the broker in one fetch request, ms: as long an abandoned one holds a connection. */
  readonly pollMsMax: number;
  /**
   * Least time between two questions to a leader about partitions that were read to their end, ms. A little more than what
   * lies between two turns of a task, so that each finds what has come since the last.
   */
  readonly askIntervalMs: number;
  /** Connections for fetching to one broker; a fetch beyond waits for one. */
  readonly fetchConnectionsMax: number;
  /** Record sets of one fetch answer, bytes as stored. */
  readonly fetchBytesMax: number;
  /** Keys and values that came with fetches beyond what was asked for and are kept for the next ones. */
  readonly remainderBytesMax: number;
  /** Appends that wait for the one under way; more are LogUnavailable. */
  readonly appendsWaitingMax: number;
  /** Keys and values of the appends that go together. */
  readonly appendGroupBytesMax: number;
}

export const KAFKA_LOG_LIMITS: KafkaLogLimits = {
  connectMsMax: 1_500,
  askMsMax: 1_500,
  requestMsMax: 5_000,
  throttleMsMax: 30_000,
  transactionMsMax: 10_000,
  commitMsMax: 8_000,
  endMsMax: 5_000,
  openWriterMsMax: 20_000,
  readMsMax: 5_000,
  visibleMsMax: 2_000,
  retryMsMin: 2,
  retryMsMax: 250,
  pollMsMax: 500,
  askIntervalMs: 25,
  fetchConnectionsMax: 64,
  fetchBytesMax: 16_777_216,
  remainderBytesMax: 32_000_000,
  appendsWaitingMax: 10_000,
  appendGroupBytesMax: 4_000_000,
};
