import { InvariantBroken, LogUnavailable, TopicMismatch } from "@tidemark/streams";

/** Why a member of a group cannot go on as it is. */
export interface GroupFailure {
  /** Joining again mends nothing: somebody has to. */
  readonly isFinal: boolean;
  readonly error: LogUnavailable | TopicMismatch | InvariantBroken;
}

/** The one place where what kafkajs's consumer failed with becomes a decision. */
export function groupFailure(cause: unknown, topic: string): GroupFailure {
  const { names, types, codes } = namesOf(cause);
  if (codes.has(new InvariantBroken().code) || BUGS.some((name) => names.has(name))) {
    return { isFinal: true, error: new InvariantBroken("the code of the group's member failed", { cause }) };
  }
  if (types.has("UNKNOWN_TOPIC_OR_PARTITION")) {
    return { isFinal: true, error: new TopicMismatch(`topic ${topic} is gone or was never created`, { cause }) };
  }
  const refusal = REFUSALS.find((type) => types.has(type));
  if (refusal !== undefined || names.has("KafkaJSSASLAuthenticationError")) {
    const why = refusal ?? "SASL_AUTHENTICATION_FAILED";
    return { isFinal: true, error: new LogUnavailable(`the broker does not admit this member: ${why}`, { cause }) };
  }
  return { isFinal: false, error: new LogUnavailable("the consumer group cannot be reached", { cause }) };
}

const BUGS = ["TypeError", "RangeError", "ReferenceError", "SyntaxError"];

/** Types of errors of the protocol that stay until somebody changes a setting or a right. */
const REFUSALS = [
  "GROUP_AUTHORIZATION_FAILED",
  "TOPIC_AUTHORIZATION_FAILED",
  "CLUSTER_AUTHORIZATION_FAILED",
  "SASL_AUTHENTICATION_FAILED",
  "UNSUPPORTED_SASL_MECHANISM",
  "ILLEGAL_SASL_STATE",
  // Another application is in the group of this name, or another way of sharing out.
  "INCONSISTENT_GROUP_PROTOCOL",
  "INVALID_GROUP_ID",
  "INVALID_SESSION_TIMEOUT",
  "GROUP_MAX_SIZE_REACHED",
];

/** kafkajs wraps an error in another, and that in a third. */
const CAUSES_MAX = 8;

function namesOf(thrown: unknown) {
  const found = { names: new Set<string>(), types: new Set<unknown>(), codes: new Set<unknown>() };
  let cause = thrown;
  for (let depth = 0; depth < CAUSES_MAX && cause instanceof Error; depth++) {
    found.names.add(cause.name);
    if ("type" in cause) found.types.add(cause.type);
    if ("code" in cause) found.codes.add(cause.code);
    ({ cause } = cause);
  }
  return found;
}
