import { LogDenied } from "@tidemark/streams";

/**
 * Whether brokers that did not let us in will not as long as the settings are what they are: told at the start only, since
 * while a process runs a broker that starts may refuse for a moment whom it knows a moment later.
 */
export function deniedOf(thrown: unknown): LogDenied | null {
  for (const error of chainOf(thrown)) {
    if (error.name === "KafkaJSSASLAuthenticationError") {
      return new LogDenied("the brokers refuse the user: look at KAFKA_SASL_*", { cause: thrown });
    }
    if (CERTIFICATE.test(error.message)) {
      return new LogDenied("no encrypted connection could be agreed on: look at KAFKA_SSL_*", { cause: thrown });
    }
  }
  return null;
}

/** kafkajs tells only in words what went wrong with a certificate, on either side. */
const CERTIFICATE = /certificate|handshake|wrong version number|tlsv1|ssl3/iu;
const CAUSES_MAX = 8;

function* chainOf(thrown: unknown): Generator<Error> {
  let error = thrown;
  for (let depth = 0; depth < CAUSES_MAX && error instanceof Error; depth += 1) {
    yield error;
    error = error.cause;
  }
}
