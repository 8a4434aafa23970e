/** The bounds of a member of a consumer group, ms. */
export interface GroupLimits {
  /** Between two heartbeats: how soon a member hears that partitions are shared out anew (R12). */
  readonly heartbeatMs: number;
  /** Without a heartbeat for so long a member counts as dead. */
  readonly sessionMs: number;
  /** How long the others wait for a member to join anew, before they share out without it. */
  readonly rebalanceMs: number;
  /** Between two looks whether a heartbeat is due. */
  readonly pollMs: number;
  /** How old what is known of the topic may be: so late a member hears that it was deleted or has more partitions. */
  readonly metadataMs: number;
  /** Of one attempt to join: so often a request is repeated, first after `retryMsMin`. */
  readonly retries: number;
  readonly retryMsMin: number;
  readonly retryMsMax: number;
  /** Wait after an attempt to join that failed, doubling up to the second. */
  readonly backoffMsMin: number;
  readonly backoffMsMax: number;
  readonly connectMsMax: number;
  readonly requestMsMax: number;
}

export const GROUP_LIMITS: GroupLimits = {
  heartbeatMs: 500,
  sessionMs: 10_000,
  rebalanceMs: 10_000,
  pollMs: 100,
  metadataMs: 30_000,
  retries: 4,
  retryMsMin: 100,
  retryMsMax: 1_000,
  backoffMsMin: 100,
  backoffMsMax: 5_000,
  connectMsMax: 5_000,
  requestMsMax: 10_000,
};
