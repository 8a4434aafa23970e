import { describe, expect, it } from "vitest";
import frames from "../fixtures/flexible-frames.json" with { type: "json" };
import { apiVersionsRequest } from "./api-versions-request.ts";
import type { BrokerRequest } from "./broker-request.ts";
import { renewingEndTxnRequest } from "./end-txn-request.ts";
import { addingProduceRequest } from "./produce-request.ts";

/** What Kafka's own client writes: see FlexibleFrames.java. */

async function written({ request }: BrokerRequest<unknown>): Promise<readonly [number, number, string]> {
  return [request.apiKey, request.apiVersion, (await request.encode()).buffer.toString("hex")];
}

function read<Answer>({ response }: BrokerRequest<Answer>, frame: string) {
  return response.decode(Buffer.from(frame, "hex"));
}

describe("a produce request that adds partitions", () => {
  it("is, byte for byte, the one of Kafka's client", async () => {
    const batches = [
      { topic: "scores", partition: 1, bytes: Buffer.alloc(1) },
      { topic: "scores", partition: 0, bytes: Buffer.alloc(200) },
      { topic: "journal", partition: 1, bytes: Buffer.alloc(300) },
    ];
    const request = addingProduceRequest({ transactionalId: "holder", timeoutMs: 5_000, batches });
    expect(await written(request)).toEqual([0, 12, frames.produceRequest]);
  });

  it("has an answer with the outcome of each partition, whatever else it tells of errors and leaders", async () => {
    const request = addingProduceRequest({ transactionalId: "holder", timeoutMs: 1, batches: [] });
    const [appended, elsewhere, far] = [
      { errorCode: 0, baseOffset: 70, logAppendTime: 1_700_000_000_123, logStartOffset: 3 },
      { errorCode: 6, baseOffset: -1, logAppendTime: -1, logStartOffset: -1 },
      { errorCode: 0, baseOffset: 2 ** 40, logAppendTime: -1, logStartOffset: 0 },
    ];
    expect(await read(request, frames.produceAnswer)).toEqual({
      clientSideThrottleTime: 250,
      partitions: [
        { topic: "scores", partition: 1, ...appended },
        { topic: "scores", partition: 0, ...elsewhere },
        { topic: "journal", partition: 1, ...far },
      ],
    });
  });
});

describe("a request for the end of a transaction, and another epoch", () => {
  const producer = { transactionalId: "holder", producerId: "4000", producerEpoch: 5 };
  const request = renewingEndTxnRequest(producer, "commit");

  it("is, byte for byte, the one of Kafka's client", async () => {
    expect(await written(request)).toEqual([26, 5, frames.endTxnRequest]);
    const [, , abort] = await written(renewingEndTxnRequest(producer, "abort"));
    expect(abort).toBe(frames.endTxnRequest.replace(/0100$/, "0000"));
  });

  it("has an answer that tells who the next one is of", async () => {
    const next = { producerId: "4000", producerEpoch: 6 };
    expect(await read(request, frames.endTxnAnswer)).toEqual({ clientSideThrottleTime: 250, errorCode: 0, next });
  });
});

describe("the question what a broker can do", () => {
  const request = apiVersionsRequest();

  it("is, byte for byte, the one of Kafka's client", async () => {
    expect(await written(request)).toEqual([18, 3, frames.apiVersionsRequest]);
  });

  it("is answered with the versions of each request, and the levels that the cluster has finalized", async () => {
    const answer = await read(request, frames.apiVersionsAnswer);
    expect(answer).toMatchObject({ clientSideThrottleTime: 250, errorCode: 0 });
    expect(answer.apiVersions).toEqual([
      { apiKey: 0, minVersion: 3, maxVersion: 13 },
      { apiKey: 26, minVersion: 0, maxVersion: 5 },
    ]);
    expect([...answer.features]).toEqual([
      ["group.version", 1],
      ["transaction.version", 2],
    ]);
  });

  it("is answered with no level by a broker that has not heard of them yet", async () => {
    const { apiVersions, features } = await read(request, frames.apiVersionsAnswerWithoutEpoch);
    expect([apiVersions.length, features.size]).toEqual([2, 0]);
  });

  it("is answered with an error alone by a broker that does not know it", async () => {
    const { errorCode, apiVersions } = await read(request, frames.apiVersionsRefusal);
    expect([errorCode, apiVersions.length]).toEqual([35, 0]);
  });
});
