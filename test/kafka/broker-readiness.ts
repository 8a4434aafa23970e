import { readFile } from "node:fs/promises";
import { type Admin, Kafka, logLevel } from "kafkajs";
import { until } from "../integration/until.ts";
import type { BrokerNode } from "./broker-node.ts";
import { logOf } from "./broker-process.ts";

/**
 * Waits until every node is a member of the cluster and its coordinators of groups and transactions answer, which on
 * a new broker makes the topics that they keep: a client that comes sooner is told to try again.
 * @throws Error with the end of a node's log, where one ended or they did not answer in time
 */
export async function answering(nodes: readonly BrokerNode[]): Promise<void> {
  const [first] = nodes;
  if (first === undefined) return;
  const kafka = new Kafka({
    brokers: nodes.map((node) => node.internal),
    logLevel: logLevel.NOTHING,
    retry: { retries: 0 },
  });
  const admin = kafka.admin();
  try {
    await until("membership", () => settled(nodes, () => areMembers(admin, nodes)), READY_MS_MAX);
    await until("the coordinators", () => settled(nodes, () => haveCoordinators(kafka, admin)), READY_MS_MAX);
  } catch (error) {
    const logs = await Promise.all(nodes.map(endOfLog));
    throw new Error(`${String(error)}; the end of the log:\n${logs.join("\n")}`, { cause: error });
  } finally {
    await admin.disconnect();
  }
}

const READY_MS_MAX = 120_000;
const LOG_LINES_SHOWN = 40;

/** A refusal means that it is not so far yet; a process that ended never will be. */
async function settled(nodes: readonly BrokerNode[], ask: () => Promise<boolean>): Promise<true | null> {
  for (const node of nodes) if (!node.runs()) throw new Error(`broker ${node.nodeId} ended`);
  try {
    return (await ask()) ? true : null;
  } catch {
    return null;
  }
}

async function areMembers(admin: Admin, nodes: readonly BrokerNode[]): Promise<boolean> {
  await admin.connect();
  const { brokers } = await admin.describeCluster();
  return nodes.every(({ nodeId }) => brokers.some((broker) => broker.nodeId === nodeId));
}

async function haveCoordinators(kafka: Kafka, admin: Admin): Promise<boolean> {
  await admin.describeGroups([...GROUPS]);
  const producer = kafka.producer({
    transactionalId: "readiness",
    idempotent: true,
    maxInFlightRequests: 1,
    // An idempotent producer of kafkajs refuses to have none.
    retry: { initialRetryTime: 20, retries: 5 },
  });
  try {
    await producer.connect();
    await (await producer.transaction()).abort();
  } finally {
    await producer.disconnect();
  }
  return true;
}

/** By Java's hash of their names they lie in four partitions of the offsets, which is all that a broker under test has. */
const GROUPS = ["a", "b", "c", "d"];

async function endOfLog(node: BrokerNode): Promise<string> {
  const lines = (await readFile(logOf(node.directory), "utf8")).trimEnd().split("\n");
  return lines.slice(-LOG_LINES_SHOWN).join("\n");
}
