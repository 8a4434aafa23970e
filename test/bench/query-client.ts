import { Agent } from "node:http";
import { systemClock } from "@tidemark/clock";
import { callHttp } from "./http-call.ts";
import type { JobContext } from "./job-context.ts";
import { openLoop } from "./open-loop.ts";
import { preciseSleep } from "./precise-sleep.ts";
import { type Quantiles, quantilesOf } from "./quantiles.ts";
import { becomeUrgent } from "./urgent.ts";
import { customerId } from "./workload.ts";
import { seededFraction } from "./zipf.ts";

export interface QueryInput {
  readonly url: string;
  readonly ratePerSecond: number;
  /** All of them are known to the server; each is asked for equally often. */
  readonly customers: number;
  /** Asked but not measured, at the start. */
  readonly warmUpSeconds: number;
  /** null = until told to stop. */
  readonly seconds: number | null;
  /** Whether it is to wait for no core where that can be had. */
  readonly urgent: boolean;
}

export interface QueryFigures {
  /** From the time a query was due to the last byte of its answer. */
  readonly latencyMs: Quantiles;
  /** By how much this process itself was late in sending: part of the latency. */
  readonly sentLateMs: Quantiles;
  /** Answered with anything but 200, or not at all; warm-up included. */
  readonly failed: number;
  /** Whether it waited for no core. */
  readonly isUrgent: boolean;
}

const CONNECTIONS = 32;

/** `GET /v1/customers/{id}` at a steady rate. */
export async function queryJob(input: QueryInput, { signal }: JobContext): Promise<QueryFigures> {
  const { url, ratePerSecond, customers, warmUpSeconds, seconds, urgent } = input;
  const isUrgent = urgent && becomeUrgent();
  await using precise = preciseSleep();
  const { monotonic } = systemClock();
  const clock = { monotonic, sleep: precise.sleep };
  const agent = new Agent({ keepAlive: true, maxSockets: CONNECTIONS });
  const fraction = seededFraction(7);
  const warmUps = Math.ceil(warmUpSeconds * ratePerSecond);
  const latencies: number[] = [];
  const late: number[] = [];
  const underway = new Set<Promise<void>>();
  let failed = 0;
  const call = async (index: number, intendedAt: number): Promise<void> => {
    const sentAt = clock.monotonic();
    const answer = await callHttp(`${url}/v1/customers/${customerId(Math.floor(fraction() * customers))}`, { agent });
    if (answer.status !== 200) failed++;
    if (index < warmUps) return;
    latencies.push(clock.monotonic() - intendedAt);
    late.push(sentAt - intendedAt);
  };
  const count = seconds === null ? Number.POSITIVE_INFINITY : warmUps + Math.ceil(seconds * ratePerSecond);
  await openLoop({ ratePerSecond, count, clock, signal }, (index, intendedAt) => {
    const running: Promise<void> = call(index, intendedAt).finally(() => underway.delete(running));
    underway.add(running);
  });
  await Promise.all(underway);
  agent.destroy();
  return { latencyMs: quantilesOf(latencies), sentLateMs: quantilesOf(late), failed, isUrgent };
}

/** @throws Error if a query failed, or none was measured */
export function answered(figures: QueryFigures): QueryFigures {
  if (figures.failed > 0) throw new Error(`${figures.failed} queries were not answered with 200`);
  if (figures.latencyMs.count === 0) throw new Error("it was over before the first query was measured");
  return figures;
}
