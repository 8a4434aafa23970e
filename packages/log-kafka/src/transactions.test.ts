import { CommitUnknown, TaskFenced } from "@tidemark/streams";
import Decoder from "kafkajs/src/protocol/decoder.js";
import Encoder from "kafkajs/src/protocol/encoder.js";
import { describe, expect, test } from "vitest";
import { BATCH_AT } from "./batch-layout.ts";
import { BrokerClocks } from "./broker-clocks.ts";
import { flexibleDecoder, NO_TAGS, readStructures } from "./flexible.ts";
import { planOutgoing } from "./outgoing.ts";
import { openScriptedCluster, type Script, type ScriptedCluster } from "./scripted-cluster.ts";
import { Transactions } from "./transactions.ts";

const API = {
  produce: 0,
  initProducerId: 22,
  addPartitions: 24,
  endTxn: 26,
  describeProducers: 61,
  describeTransactions: 65,
};
const LOOKING = [API.describeProducers, API.describeTransactions];
const TRANSACTIONAL_ID_NOT_FOUND = 105;
const CONCURRENT_TRANSACTIONS = 51;
const NOT_COORDINATOR = 16;
const INVALID_TXN_STATE = 48;
const PRODUCER_FENCED = 90;
const ID = "holder";
const TOPIC = "events";
const PRODUCER = 4_000n;

/** What the scripted brokers were asked in transactions of version 2. */
class Asked {
  /** Producer id, epoch and sequence of each batch. */
  readonly batches: (readonly [bigint, number, number])[] = [];
  /** Producer id and epoch of each end. */
  readonly ends: (readonly [bigint, number])[] = [];

  appends(errorCode = 0): Script[number] {
    return (request) => {
      const batch = batchIn(request);
      const epoch = batch.readInt16BE(BATCH_AT.producerEpoch);
      this.batches.push([batch.readBigInt64BE(BATCH_AT.producerId), epoch, batch.readInt32BE(BATCH_AT.baseSequence)]);
      return produced(errorCode);
    };
  }

  end(answer: Encoder | null): Script[number] {
    return (request) => {
      const decoder = flexibleDecoder(bodyOf(request));
      decoder.readUVarIntString();
      this.ends.push([BigInt(decoder.readInt64().toString()), decoder.readInt16()]);
      return answer;
    };
  }
}

describe("transactions of version 2", () => {
  test("ask for an end whose answer was lost again under the epoch that it ends, and go on with the next, from sequence 0", async () => {
    const asked = new Asked();
    const ends = [asked.end(null), asked.end(ended(0, PRODUCER, 6)), asked.end(ended(0, PRODUCER, 7))];
    await using scripted = await open({ [API.produce]: [asked.appends()], [API.endTxn]: ends });
    const transactions = await Transactions.open(scripted.context, ID, []);
    await commit(transactions, 3);
    await commit(transactions, 2);
    expect(asked.ends).toEqual([
      [PRODUCER, 5],
      [PRODUCER, 5],
      [PRODUCER, 6],
    ]);
    expect(asked.batches).toEqual([
      [PRODUCER, 5, 0],
      [PRODUCER, 6, 0],
    ]);
  });

  test("ask nobody to add partitions", async () => {
    const asked = new Asked();
    await using scripted = await open({
      [API.produce]: [asked.appends()],
      [API.endTxn]: [asked.end(ended(0, PRODUCER, 6))],
    });
    await commit(await Transactions.open(scripted.context, ID, []), 1);
    expect(scripted.asked).toEqual([API.initProducerId, API.produce, API.endTxn]);
  });

  test("go on with another producer when the epochs of one are used up", async () => {
    const asked = new Asked();
    const ends = [asked.end(ended(0, PRODUCER + 1n, 0)), asked.end(ended(0, PRODUCER + 1n, 1))];
    await using scripted = await open({ [API.produce]: [asked.appends()], [API.endTxn]: ends }, { epoch: 32_766 });
    const transactions = await Transactions.open(scripted.context, ID, []);
    await commit(transactions, 3);
    await commit(transactions, 2);
    expect(asked.batches).toEqual([
      [PRODUCER, 32_766, 0],
      [PRODUCER + 1n, 0, 0],
    ]);
    expect(asked.ends).toEqual([
      [PRODUCER, 32_766],
      [PRODUCER + 1n, 0],
    ]);
  });

  test("would take no batch for one of the transaction before, even if an end did not change the epoch", async () => {
    const asked = new Asked();
    const ends = [asked.end(ended(0, PRODUCER, 5))];
    await using scripted = await open({ [API.produce]: [asked.appends()], [API.endTxn]: ends });
    const transactions = await Transactions.open(scripted.context, ID, []);
    await commit(transactions, 3);
    await commit(transactions, 2);
    expect(asked.batches).toEqual([
      [PRODUCER, 5, 0],
      [PRODUCER, 5, 3],
    ]);
  });

  test("send a batch again that comes while the transaction before is being completed", async () => {
    const asked = new Asked();
    const produce = [asked.appends(CONCURRENT_TRANSACTIONS), asked.appends()];
    await using scripted = await open({
      [API.produce]: produce,
      [API.endTxn]: [asked.end(ended(0, PRODUCER, 6))],
    });
    await commit(await Transactions.open(scripted.context, ID, []), 1);
    expect(asked.batches).toEqual([
      [PRODUCER, 5, 0],
      [PRODUCER, 5, 0],
    ]);
  });

  test("are unknown where an end was sent and is not answered, or is refused only when it is asked for again", async () => {
    const asked = new Asked();
    const refused = [PRODUCER_FENCED, INVALID_TXN_STATE].map((code) => asked.end(ended(code, -1n, -1)));
    for (const end of [null, ...refused]) {
      const ends = end === null ? [asked.end(null)] : [asked.end(null), end];
      await using scripted = await open({ [API.produce]: [asked.appends()], [API.endTxn]: ends });
      const transactions = await Transactions.open(scripted.context, ID, []);
      await expect(commit(transactions, 1)).rejects.toThrow(CommitUnknown);
    }
    const unsure = [asked.end(ended(NOT_COORDINATOR, -1n, -1)), refused[0] ?? null];
    await using scripted = await open({ [API.produce]: [asked.appends()], [API.endTxn]: unsure });
    await expect(commit(await Transactions.open(scripted.context, ID, []), 1)).rejects.toThrow(CommitUnknown);
  });

  test("are fenced, and were not committed, where the first answer to an end is a refusal", async () => {
    const asked = new Asked();
    for (const code of [PRODUCER_FENCED, INVALID_TXN_STATE]) {
      const ends = [asked.end(ended(CONCURRENT_TRANSACTIONS, -1n, -1)), asked.end(ended(code, -1n, -1))];
      await using scripted = await open({ [API.produce]: [asked.appends()], [API.endTxn]: ends });
      await expect(commit(await Transactions.open(scripted.context, ID, []), 1)).rejects.toThrow(TaskFenced);
    }
  });
});

describe("where brokers may have lost an end", () => {
  test("a holder waits where the end of the transaction before is just being written", async () => {
    const asked = new Asked();
    const scripts = {
      [API.describeTransactions]: [
        () => stateOf("", 0, TRANSACTIONAL_ID_NOT_FOUND),
        () => stateOf("PrepareCommit", 5),
        () => stateOf("CompleteCommit", 5),
      ],
      [API.describeProducers]: [() => openIn(4), () => openIn(4), () => openIn(null)],
      [API.produce]: [asked.appends()],
      [API.endTxn]: [asked.end(ended(0, PRODUCER, 6))],
    };
    await using scripted = await open(scripts, { apis: LOOKING });
    await commit(await Transactions.open(scripted.context, ID, []), 1);
    expect(asked.batches).toEqual([[PRODUCER, 5, 0]]);
    const opening = [API.describeTransactions, API.initProducerId];
    const looking = [API.describeProducers, API.describeTransactions];
    expect(scripted.asked).toEqual([
      ...opening,
      ...looking,
      ...looking,
      API.describeProducers,
      API.produce,
      API.endTxn,
    ]);
  });

  test("nobody is let in by an answer that another holder has overtaken", async () => {
    const scripts = {
      [API.describeTransactions]: [() => stateOf("CompleteCommit", 3), () => stateOf("Empty", 5)],
      [API.initProducerId]: [() => letIn(5), () => letIn(6)],
    };
    await using scripted = await open(scripts, { apis: LOOKING });
    await Transactions.open(scripted.context, ID, []);
    const each = [API.describeTransactions, API.initProducerId];
    expect(scripted.asked).toEqual([...each, ...each]);
  });
});

test("transactions of version 1 ask the coordinator to add partitions, and keep their epoch", async () => {
  const added = () => new Encoder().writeInt32(0).writeInt32(0);
  const scripts = {
    [API.addPartitions]: [added],
    [API.produce]: [() => producedOfVersion7()],
    [API.endTxn]: [() => new Encoder().writeInt32(0).writeInt16(0)],
  };
  await using scripted = await open(scripts, { level: 1 });
  const transactions = await Transactions.open(scripted.context, ID, []);
  await commit(transactions, 1);
  await commit(transactions, 1);
  const each = [API.addPartitions, API.produce, API.endTxn];
  expect(scripted.asked).toEqual([API.initProducerId, ...each, ...each]);
});

async function open(
  scripts: Readonly<Record<number, Script>>,
  { level = 2, epoch = 5, apis = [] as readonly number[] } = {},
) {
  const scripted: ScriptedCluster = await openScriptedCluster({
    topic: TOPIC,
    partitions: 1,
    features: { "transaction.version": level },
    apis,
    limits: { requestMsMax: 100, endMsMax: 300 },
    scripts: {
      [API.initProducerId]: [() => letIn(epoch)],
      ...scripts,
    },
  });
  return {
    ...scripted,
    context: {
      cluster: scripted.cluster,
      clocks: new BrokerClocks(),
      codec: "none" as const,
      onProblem: () => {},
    },
  };
}

function commit(transactions: Transactions, records: number) {
  const value = { key: null, value: Buffer.from("v") };
  const batch = { topic: TOPIC, partition: 0, records: Array.from({ length: records }, () => value) };
  return transactions.transact(planOutgoing([batch]), () => "commit");
}

/** What comes after the client's name in the header. */
function bodyOf(request: Buffer): Buffer {
  const decoder = new Decoder(request.subarray(8));
  decoder.readString();
  return decoder.buffer.subarray(decoder.offset);
}

/** The batch of a Produce request of version 12. */
function batchIn(request: Buffer): Buffer {
  const decoder = flexibleDecoder(bodyOf(request));
  expect([decoder.readUVarIntString(), decoder.readInt16()]).toEqual([ID, -1]);
  decoder.readInt32();
  const batches = readStructures(decoder, () => {
    expect(decoder.readUVarIntString()).toBe(TOPIC);
    return readStructures(decoder, () => {
      decoder.readInt32();
      const start = decoder.readUVarInt() - 1 + decoder.offset;
      const batch = decoder.buffer.subarray(decoder.offset, start);
      decoder.offset = start;
      return batch;
    });
  });
  return batches.flat()[0] ?? Buffer.alloc(0);
}

/** Answers one partition, in version 12. */
function produced(errorCode: number): Encoder {
  const encoder = new Encoder().writeUVarInt(NO_TAGS).writeUVarInt(2).writeUVarIntString(TOPIC).writeUVarInt(2);
  return outcome(encoder, errorCode)
    .writeUVarInt(1) // no record was refused
    .writeUVarIntString(null)
    .writeUVarInt(NO_TAGS)
    .writeUVarInt(NO_TAGS)
    .writeInt32(0)
    .writeUVarInt(NO_TAGS);
}

function producedOfVersion7(): Encoder {
  return outcome(new Encoder().writeInt32(1).writeString(TOPIC).writeInt32(1), 0).writeInt32(0);
}

function outcome(encoder: Encoder, errorCode: number): Encoder {
  const appended = errorCode === 0;
  encoder
    .writeInt32(0)
    .writeInt16(errorCode)
    .writeInt64(appended ? 7 : -1);
  return encoder.writeInt64(appended ? 1_700_000_000_000 : -1).writeInt64(0);
}

function letIn(epoch: number): Encoder {
  return new Encoder().writeInt32(0).writeInt16(0).writeInt64(PRODUCER).writeInt16(epoch);
}

/** Answers about the one id. */
function stateOf(state: string, epoch: number, errorCode = 0): Encoder {
  const encoder = new Encoder().writeUVarInt(NO_TAGS).writeInt32(0).writeUVarInt(2).writeInt16(errorCode);
  encoder.writeUVarIntString(ID).writeUVarIntString(state).writeInt32(10_000).writeInt64(0);
  encoder.writeInt64(PRODUCER).writeInt16(epoch).writeUVarInt(1); // no topics
  return encoder.writeUVarInt(NO_TAGS).writeUVarInt(NO_TAGS);
}

/** Answers about the one partition. @param epoch of the transaction that is open there; null: none is */
function openIn(epoch: number | null): Encoder {
  const encoder = new Encoder().writeUVarInt(NO_TAGS).writeInt32(0).writeUVarInt(2).writeUVarIntString(TOPIC);
  encoder.writeUVarInt(2).writeInt32(0).writeInt16(0).writeUVarIntString(null);
  encoder
    .writeUVarInt(2)
    .writeInt64(PRODUCER)
    .writeInt32(epoch ?? 4)
    .writeInt32(0)
    .writeInt64(0)
    .writeInt32(-1);
  encoder.writeInt64(epoch === null ? -1 : 7);
  return encoder.writeUVarInt(NO_TAGS).writeUVarInt(NO_TAGS).writeUVarInt(NO_TAGS).writeUVarInt(NO_TAGS);
}

function ended(errorCode: number, producerId: bigint, epoch: number): Encoder {
  const encoder = new Encoder().writeUVarInt(NO_TAGS).writeInt32(0).writeInt16(errorCode);
  return encoder.writeInt64(producerId).writeInt16(epoch).writeUVarInt(NO_TAGS);
}
