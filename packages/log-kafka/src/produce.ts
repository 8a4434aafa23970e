import { LogUnavailable, TopicMismatch } from "@tidemark/streams";
import type { BrokerClocks } from "./broker-clocks.ts";
import { DUPLICATE_SEQUENCE_NUMBER, isPassing, NoAnswer, NONE, Refused } from "./broker-errors.ts";
import type { BrokerConnection } from "./broker-connection.ts";
import type { Cluster } from "./cluster.ts";
import type { Link } from "./link.ts";
import type { Landed, Run } from "./outgoing.ts";
import type { TopicPartition } from "./place.ts";
import type { ProducedPartition, produceRequest } from "./produce-request.ts";
import type { Patience } from "./retry.ts";

/** A run with its sequence fixed: however often it is sent, the broker appends it once. */
export interface EncodedRun {
  readonly run: Run;
  readonly bytes: Buffer;
}

export interface Sender {
  readonly cluster: Cluster;
  readonly link: Link;
  readonly clocks: BrokerClocks;
  /** null: not part of a transaction. */
  readonly transactionalId: string | null;
  /** In which version of Produce batches are sent. */
  readonly request: typeof produceRequest;
  /** Asked before batches go over a connection; what it throws is the outcome of these. */
  readonly admit?: (connection: BrokerConnection, places: readonly TopicPartition[]) => Promise<void>;
}

/**
 * Appends the runs, at most one for each partition, each at the leader of its partition. What a leader cannot take now
 * is sent again, in the same bytes. Nothing is sent again, or given up, before every broker has answered (R11): so no
 * batch is on its way when its outcome is judged, and one that did arrive is answered from the broker's memory of
 * sequences rather than appended twice.
 *
 * Every answer tells of the time, also one to a batch that was sent again: where nothing else is appended it is all that
 * is known of the brokers' clocks, and without it no time would ever pass for who reads (L6).
 *
 * @returns for each run where it landed, or why it did not: `Refused`, TopicMismatch, or LogUnavailable when the time was over
 */
export async function produce(
  sender: Sender,
  runs: readonly EncodedRun[],
  patience: Patience,
): Promise<ReadonlyMap<Run, Landed | Error>> {
  const { cluster } = sender;
  const outcomes = new Map<Run, Landed | Error>();
  const askedBefore = new Map<Run, number>();
  let pending = runs;
  for (let stepMs = patience.stepMsMin; ; stepMs = Math.min(patience.stepMsMax, stepMs * 2)) {
    const groups = byLeader(cluster, pending);
    const settled = await Promise.all(groups.map(([node, group]) => produceAt(sender, node, group, askedBefore)));
    for (const [run, outcome] of settled.flat()) outcomes.set(run, outcome);
    pending = runs.filter(({ run }) => isPassing(outcomes.get(run)));
    if (pending.length === 0) return outcomes;
    for (const [node, group] of groups) noteAsked(node, group, askedBefore);
    if (patience.signal.aborted || patience.clock.monotonic() + stepMs >= patience.deadline) break;
    await patience.clock.sleep(stepMs, patience.signal);
    await Promise.allSettled([cluster.refresh()]); // If there is no answer, the next round finds out.
  }
  for (const { run } of pending) {
    const cause = outcomes.get(run);
    const message = cause instanceof Error ? cause.message : "no answer";
    outcomes.set(run, new LogUnavailable(`given up: ${message}`, { cause }));
  }
  return outcomes;
}

/** −1 gathers the runs whose leader is not known. */
function byLeader(cluster: Cluster, runs: readonly EncodedRun[]): readonly (readonly [number, EncodedRun[]])[] {
  const groups = new Map<number, EncodedRun[]>();
  for (const each of runs) {
    const leader = cluster.leaderOf(each.run);
    const group = groups.get(leader);
    if (group === undefined) groups.set(leader, [each]);
    else group.push(each);
  }
  return [...groups];
}

/** Of more nodes than one that were asked for the same run. */
const SEVERAL = -2;

function noteAsked(node: number, group: readonly EncodedRun[], askedBefore: Map<Run, number>): void {
  if (node < 0) return;
  for (const { run } of group) {
    const before = askedBefore.get(run) ?? node;
    askedBefore.set(run, before === node ? node : SEVERAL);
  }
}

/** @param askedBefore the node that was asked before for a run, or {@link SEVERAL}; nothing where none was */
async function produceAt(
  { cluster, link, clocks, transactionalId, request: requestOf, admit }: Sender,
  node: number,
  group: readonly EncodedRun[],
  askedBefore: ReadonlyMap<Run, number>,
): Promise<readonly (readonly [Run, Landed | Error])[]> {
  if (node < 0) return group.map(({ run }) => [run, new NoAnswer("a partition has no leader now", { sent: false })]);
  const batches = group.map(({ run: { topic, partition }, bytes }) => ({ topic, partition, bytes }));
  const request = requestOf({ transactionalId, timeoutMs: cluster.limits.requestMsMax, batches });
  let answered: readonly ProducedPartition[];
  try {
    const connection = await link.connectionTo(node);
    await admit?.(connection, batches);
    answered = (await connection.send(request)).partitions;
  } catch (error) {
    return group.map(({ run }) => [run, error instanceof Error ? error : new Error("no answer", { cause: error })]);
  }
  const receivedAt = cluster.clock.monotonic();
  return group.map(({ run }) => {
    const answer = answered.find(({ topic, partition }) => topic === run.topic && partition === run.partition);
    if (answer === undefined) return [run, new NoAnswer("Produce: a batch was not answered", { sent: true })];
    const { errorCode, baseOffset, logAppendTime } = answer;
    if (errorCode !== NONE) return [run, new Refused("Produce", errorCode)];
    if (baseOffset < 0) return [run, new Refused("Produce", DUPLICATE_SEQUENCE_NUMBER)];
    if (logAppendTime < 0) return [run, new TopicMismatch(`topic ${run.topic} does not have LogAppendTime (R2)`)];
    // The answer to a repeated batch may carry the time at which another broker, the leader before, appended it.
    if ((askedBefore.get(run) ?? node) === node) clocks.observe(node, logAppendTime, receivedAt);
    else clocks.observeSomeBroker(logAppendTime, receivedAt);
    return [run, { baseOffset, appendedAt: logAppendTime }];
  });
}
