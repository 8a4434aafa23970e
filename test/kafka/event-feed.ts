import { Kafka, logLevel } from "kafkajs";
import { setTimeout as pause } from "node:timers/promises";
import { Random } from "../simulation/random.ts";
import type { Installation } from "./installation.ts";
import { inputLoad } from "./oracle/input-load.ts";
import { keyPartitioner } from "./oracle/key-partitioner.ts";
import type { InputName } from "./oracle/run-records.ts";

/** Events that a plain kafkajs producer sends, batch by batch, as fast as it is allowed. */
export interface EventFeed extends AsyncDisposable {
  /** Records that the brokers have acknowledged. A batch whose answer was lost was sent again, and counts once. */
  readonly acknowledged: number;
  /** Sends so many more at its pace; resolves when they are acknowledged. @throws what sending ended with */
  send(records: number): Promise<void>;
}

export interface FeedOptions {
  /** host:port of each broker. */
  readonly brokers: readonly string[];
  readonly seed: number;
  readonly customers: number;
  readonly batchRecords: number;
  /** Between two batches, ms. */
  readonly everyMs: number;
}

export async function openFeed({ contracts, partitions }: Installation, options: FeedOptions): Promise<EventFeed> {
  const { batchRecords, everyMs } = options;
  const load = inputLoad(contracts, new Random(options.seed), Date.now(), options.customers);
  const retry = { initialRetryTime: 50, multiplier: 1.5, maxRetryTime: 1_000, retries: RETRIES };
  const kafka = new Kafka({ brokers: [...options.brokers], logLevel: logLevel.NOTHING, retry });
  const producer = kafka.producer();
  await producer.connect();
  const partitionOf = keyPartitioner(partitions);
  let acknowledged = 0;

  /** A request each partition: kafkajs loses the part of a larger one that goes to another leader than at its first try. */
  async function sendBatch(records: number): Promise<void> {
    const batch = Array.from({ length: records }, () => load.next());
    const byPlace = Map.groupBy(batch, ({ input, key }) => `${input}/${partitionOf(key)}`);
    const sends = [...byPlace].map(([place, messages]) => {
      const [input = "", partition = ""] = place.split("/");
      return producer.send({
        topic: contracts.topics[input as InputName],
        acks: -1,
        messages: messages.map(({ key, value }) => ({ key, value, partition: Number(partition) })),
      });
    });
    await Promise.all(sends);
  }

  return {
    get acknowledged() {
      return acknowledged;
    },
    async send(records) {
      for (let left = records; left > 0;) {
        const size = Math.min(left, batchRecords);
        await sendBatch(size);
        acknowledged += size;
        left -= size;
        await pause(everyMs);
      }
    },
    [Symbol.asyncDispose]: () => producer.disconnect(),
  };
}

/** A broker may be away for minutes on a busy machine. */
const RETRIES = 300;
