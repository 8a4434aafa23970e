import { Agent } from "node:http";
import { systemClock } from "@tidemark/clock";
import { callHttp } from "./http-call.ts";
import type { JobContext } from "./job-context.ts";
import { openLoop } from "./open-loop.ts";
import { type GeneratedEvent, generate, WORKLOAD } from "./workload.ts";

export interface FeedInput {
  readonly url: string;
  readonly eventsPerSecond: number;
  readonly seconds: number;
  readonly customers: number;
  /** Another one for each feed of a directory: it is part of the events' ids. */
  readonly seed: number;
  /** Whether all are made before it is ready and the first is posted: making them takes half of its time, from the cores that are measured. */
  readonly ahead: boolean;
}

export interface FeedFigures {
  readonly accepted: number;
  readonly rejected: number;
  /** Calls that were answered with anything but 202, or not at all. */
  readonly callsFailed: number;
  readonly seconds: number;
}

/** Events in a call: what a busy shop's server gathers in some tens of milliseconds. */
const EVENTS_A_CALL = 100;
const CONNECTIONS = 16;

/** Posts the mix of the workload to a running server, as of now, at a steady rate. */
export async function feedJob(input: FeedInput, { signal, ready }: JobContext): Promise<FeedFigures> {
  const { url, eventsPerSecond, seconds, customers, seed, ahead } = input;
  const count = Math.ceil((eventsPerSecond * seconds) / EVENTS_A_CALL);
  const events = generate({
    ...WORKLOAD,
    events: count * EVENTS_A_CALL,
    customers,
    seed,
    startAt: Date.now(),
    spanDays: seconds / 86_400,
  });
  const agent = new Agent({ keepAlive: true, maxSockets: CONNECTIONS });
  const underway = new Set<Promise<void>>();
  const sum = { accepted: 0, rejected: 0, callsFailed: 0 };
  const nextBody = (): Buffer => {
    let body = "";
    for (let i = 0; i < EVENTS_A_CALL; i++) {
      const next = events.next();
      if (next.done !== true) body += `${jsonOf(next.value)}\n`;
    }
    return Buffer.from(body);
  };
  const made = Array.from({ length: ahead ? count : 0 }, nextBody);
  const call = async (body: Buffer): Promise<void> => {
    const answer = await callHttp(`${url}/v1/events`, { agent, ndjson: body });
    if (answer.status !== 202) sum.callsFailed++;
    else {
      const { accepted, rejected } = JSON.parse(answer.body) as { accepted: number; rejected: unknown[] };
      sum.accepted += accepted;
      sum.rejected += rejected.length;
    }
  };
  ready(null);
  const startedAt = performance.now();
  await openLoop({ ratePerSecond: eventsPerSecond / EVENTS_A_CALL, count, clock: systemClock(), signal }, (index) => {
    const running: Promise<void> = call(made[index] ?? nextBody()).finally(() => underway.delete(running));
    underway.add(running);
  });
  await Promise.all(underway);
  agent.destroy();
  return { ...sum, seconds: (performance.now() - startedAt) / 1_000 };
}

/** @throws Error if a call failed or an event was refused: what was measured meanwhile is of less than was meant */
export function takenPerSecond({ accepted, rejected, callsFailed, seconds }: FeedFigures): number {
  if (callsFailed + rejected > 0) {
    throw new Error(`the server did not take everything: ${callsFailed} calls failed, ${rejected} events were refused`);
  }
  return accepted / seconds;
}

const TYPES = { purchases: "purchase", interactions: "interaction", complaints: "complaint" } as const;

/** As a sender writes it: without what it does not know. */
function jsonOf({ topic, record }: GeneratedEvent): string {
  const known: Record<string, unknown> = { type: TYPES[topic] };
  for (const [name, value] of Object.entries(record)) if (value !== null) known[name] = value;
  return JSON.stringify(known);
}
