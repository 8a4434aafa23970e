import type Encoder from "kafkajs/src/protocol/encoder.js";

/** A request as `connection.send` of kafkajs takes it: how it is written, and how its answer is read. */
export interface BrokerRequest<Answer> {
  readonly request: {
    readonly apiKey: number;
    readonly apiVersion: number;
    /** kafkajs logs what `parse` returns at its level DEBUG, but not for the name "Fetch". */
    readonly apiName: string;
    encode(): Promise<Encoder>;
  };
  readonly response: {
    /** @returns with `clientSideThrottleTime`, ms, during which the connection sends nothing more */
    decode(payload: Buffer): Promise<Answer & { readonly clientSideThrottleTime: number }>;
    parse(decoded: Answer): Promise<Answer>;
  };
  /** ms; kafkajs takes the greater of this and the connection's. */
  readonly requestTimeout: number;
}
