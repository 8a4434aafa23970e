/** What is used of the connections and of the small requests of kafkajs 2.2.4: see kafkajs-internals.d.ts. */
declare module "kafkajs/src/network/connection.js" {
  import type { ConnectionOptions } from "node:tls";
  import type { ISocketFactory, SASLOptions } from "kafkajs";
  import type Encoder from "kafkajs/src/protocol/encoder.js";

  /** One socket to one broker. Requests are answered in the order in which they were sent. */
  class Connection {
    constructor(options: {
      readonly host: string;
      readonly port: number;
      readonly clientId: string;
      readonly ssl: ConnectionOptions | null;
      readonly sasl: SASLOptions | null;
      readonly socketFactory: ISocketFactory;
      readonly connectionTimeout: number;
      readonly requestTimeout: number;
      readonly enforceRequestTimeout: boolean;
      readonly logger: object;
    });
    readonly requestQueue: {
      readonly pending: readonly unknown[];
      scheduleCheckPendingRequests: () => void;
      /** @param ms for which nothing more is sent */
      maybeThrottle: (ms: number) => void;
    };
    isConnected(): boolean;
    connect(): Promise<boolean>;
    authenticate(): Promise<void>;
    setVersions(versions: Readonly<Record<number, { minVersion: number; maxVersion: number }>>): void;
    setSupportAuthenticationProtocol(supported: boolean): void;
    send<Answer>(protocol: {
      readonly request: {
        readonly apiKey: number;
        readonly apiVersion: number;
        readonly apiName: string;
        encode(): Promise<Encoder>;
      };
      readonly response: {
        decode(payload: Buffer): Promise<Answer & { readonly clientSideThrottleTime: number }>;
        parse(decoded: Answer): Promise<Answer>;
      };
      readonly requestTimeout: number;
    }): Promise<Answer>;
    disconnect(): Promise<boolean>;
  }
  export = Connection;
}

declare module "kafkajs/src/network/socketFactory.js" {
  import type { ISocketFactory } from "kafkajs";

  const createSocketFactory: () => ISocketFactory;
  export = createSocketFactory;
}

declare module "kafkajs/src/protocol/requests/index.js" {
  import type Encoder from "kafkajs/src/protocol/encoder.js";

  /** One version of one request: what `connection.send` takes. */
  type Protocol<Arguments, Decoded> = (args: Arguments) => {
    readonly request: {
      readonly apiKey: number;
      readonly apiVersion: number;
      readonly apiName: string;
      encode(): Promise<Encoder>;
    };
    readonly response: { decode(payload: Buffer): Promise<Decoded & { readonly clientSideThrottleTime: number }> };
  };
  interface Api<Arguments, Decoded> {
    protocol(options: { readonly version: number }): Protocol<Arguments, Decoded>;
  }
  interface TopicPartitions<Partition> {
    readonly topic: string;
    readonly partitions: readonly Partition[];
  }
  interface ProducerFields {
    readonly transactionalId: string;
    readonly producerId: string;
    readonly producerEpoch: number;
  }
  const requests: {
    readonly Metadata: Api<
      { readonly topics: readonly string[]; readonly allowAutoTopicCreation: boolean },
      {
        readonly brokers: readonly { readonly nodeId: number; readonly host: string; readonly port: number }[];
        readonly clusterId: string;
        readonly controllerId: number;
        readonly topicMetadata: readonly {
          readonly topicErrorCode: number;
          readonly topic: string;
          readonly isInternal: boolean;
          readonly partitionMetadata: readonly {
            readonly partitionErrorCode: number;
            readonly partitionId: number;
            readonly leader: number;
            readonly replicas: readonly number[];
          }[];
        }[];
      }
    >;
    readonly GroupCoordinator: Api<
      { readonly groupId: string; readonly coordinatorType: number },
      {
        readonly errorCode: number;
        readonly coordinator: { readonly nodeId: number; readonly host: string; readonly port: number };
      }
    >;
    readonly InitProducerId: Api<
      { readonly transactionalId: string | null; readonly transactionTimeout: number },
      { readonly errorCode: number; readonly producerId: string; readonly producerEpoch: number }
    >;
    readonly AddPartitionsToTxn: Api<
      ProducerFields & { readonly topics: readonly TopicPartitions<number>[] },
      {
        readonly errors: readonly {
          readonly topic: string;
          readonly partitionErrors: readonly { readonly partition: number; readonly errorCode: number }[];
        }[];
      }
    >;
    readonly EndTxn: Api<ProducerFields & { readonly transactionResult: boolean }, { readonly errorCode: number }>;
    readonly ListOffsets: Api<
      {
        readonly replicaId: number;
        readonly isolationLevel: number;
        readonly topics: readonly TopicPartitions<{ readonly partition: number; readonly timestamp: number }>[];
      },
      {
        readonly responses: readonly TopicPartitions<{
          readonly partition: number;
          readonly errorCode: number;
          readonly offset: string;
        }>[];
      }
    >;
    readonly CreateTopics: Api<
      {
        readonly topics: readonly {
          readonly topic: string;
          readonly numPartitions: number;
          readonly replicationFactor: number;
          readonly configEntries: readonly { readonly name: string; readonly value: string }[];
        }[];
        readonly validateOnly: boolean;
        readonly timeout: number;
      },
      { readonly topicErrors: readonly { readonly topic: string; readonly errorCode: number }[] }
    >;
    readonly DescribeConfigs: Api<
      {
        readonly resources: readonly {
          readonly type: number;
          readonly name: string;
          readonly configNames: readonly string[];
        }[];
      },
      {
        readonly resources: readonly {
          readonly errorCode: number;
          readonly resourceName: string;
          readonly configEntries: readonly { readonly configName: string; readonly configValue: string | null }[];
        }[];
      }
    >;
  };
  export { requests };
}
