import { requireNone } from "./broker-errors.ts";
import type { Cluster } from "./cluster.ts";
import type { Run } from "./outgoing.ts";
import { placeOf } from "./place.ts";
import type { EncodedRun } from "./produce.ts";
import { encodeRecordBatch, sequenceAfter, type BatchCodec } from "./record-batch-encoder.ts";
import { initProducerIdRequest } from "./small-requests.ts";

/**
 * What a producer is to the brokers: its id, its epoch, and in each partition the sequence of its next record, which
 * must rise without a gap. A batch sent twice has the same sequence twice, and the broker appends it once.
 */
export class ProducerIdentity {
  readonly id: string;
  readonly epoch: number;
  readonly #sequences = new Map<string, number>();

  constructor(id: string, epoch: number) {
    this.id = id;
    this.epoch = epoch;
  }

  /** Of a producer that is idempotent and has no transactions; any broker gives one. @throws NoAnswer, Refused */
  static async idempotent(cluster: Cluster): Promise<ProducerIdentity> {
    const answer = await cluster.ask(initProducerIdRequest(null, cluster.limits.transactionMsMax));
    requireNone(answer.errorCode, "InitProducerId");
    return new ProducerIdentity(answer.producerId, answer.producerEpoch);
  }

  /** The identity with this id and epoch: sequences begin at 0 again where one of them is another, and only there. */
  next(id: string, epoch: number): ProducerIdentity {
    return id === this.id && epoch === this.epoch ? this : new ProducerIdentity(id, epoch);
  }

  /** Takes the next sequences for the runs: they are sent in this order, or the identity is of no further use. */
  encode(runs: readonly Run[], options: EncodeRunOptions): Promise<readonly EncodedRun[]> {
    return Promise.all(
      runs.map(async (run) => {
        const { bytes } = await encodeRecordBatch(run.records, {
          producer: {
            id: BigInt(this.id),
            epoch: this.epoch,
            sequenceFirst: this.#take(run),
            transactional: options.transactional,
          },
          createdAt: options.createdAt,
          codec: options.codec,
        });
        return { run, bytes };
      }),
    );
  }

  #take({ topic, partition, records }: Run): number {
    const key = placeOf({ topic, partition });
    const first = this.#sequences.get(key) ?? 0;
    this.#sequences.set(key, sequenceAfter(first, records.length));
    return first;
  }
}

export interface EncodeRunOptions {
  readonly transactional: boolean;
  readonly createdAt: number;
  readonly codec: BatchCodec;
}
