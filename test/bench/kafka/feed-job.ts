import { systemClock } from "@tidemark/clock";
import { Kafka, logLevel } from "kafkajs";
import type { JobContext } from "../job-context.ts";
import { openLoop } from "../open-loop.ts";
import { type EncodedEvent, EVENTS_WANTED, type EventsWanted, workloadEvents } from "./workload-events.ts";
import { type WorkloadTopics, workloadTopics } from "./workload-topics.ts";

export interface FeedInput {
  readonly broker: string;
  /** Prefix of the input topics. */
  readonly inputs: string;
  readonly eventsPerSecond: number;
  readonly wanted: Partial<EventsWanted>;
}

/** Sends at a steady rate, by a plain producer: no program that scores is measured with its own producer. */
export async function feedJob(
  { broker, inputs, eventsPerSecond, wanted }: FeedInput,
  { signal, ready }: JobContext,
): Promise<void> {
  const clock = systemClock();
  const topics = workloadTopics(inputs, inputs);
  const kafka = new Kafka({ brokers: [broker], clientId: "bench-feed", logLevel: logLevel.ERROR });
  const producer = kafka.producer({ createPartitioner: () => partitionOfMessage });
  await producer.connect();
  const all = { ...EVENTS_WANTED, ...wanted };
  const events = workloadEvents(all);
  const sends: Promise<unknown>[] = [];
  ready(null);
  const perSend = Math.max(1, Math.round((eventsPerSecond * SEND_MS) / 1_000));
  const calls = Math.ceil(all.events / perSend);
  await openLoop({ ratePerSecond: eventsPerSecond / perSend, count: calls, clock, signal }, () => {
    sends.push(producer.sendBatch({ acks: -1, topicMessages: messagesOf(topics, take(events, perSend)) }));
  });
  await Promise.all(sends);
  await producer.disconnect();
}

/** What is due within this goes in one request, as a producer with a short linger does it. */
const SEND_MS = 4;

/** Otherwise kafkajs's own partitioner would have its way. */
function partitionOfMessage({ message }: { readonly message: { readonly partition?: number } }): number {
  return message.partition ?? 0;
}

function take(events: Iterator<EncodedEvent>, count: number): EncodedEvent[] {
  const taken: EncodedEvent[] = [];
  while (taken.length < count) {
    const next = events.next();
    if (next.done === true) break;
    taken.push(next.value);
  }
  return taken;
}

interface TopicMessages {
  readonly topic: string;
  readonly messages: { readonly key: Buffer; readonly value: Buffer; readonly partition: number }[];
}

function messagesOf({ inputs }: WorkloadTopics, events: readonly EncodedEvent[]): TopicMessages[] {
  const byInput = Map.groupBy(events, ({ input }) => input);
  return [...byInput].map(([input, ofInput]) => ({
    topic: inputs[input],
    messages: ofInput.map(({ partition, record: { key, value } }) => ({
      key: Buffer.from(key),
      value: Buffer.from(value),
      partition,
    })),
  }));
}
