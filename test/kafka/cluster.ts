import type { Admin } from "kafkajs";
import { until } from "../integration/until.ts";
import { HEAP_MEGABYTES } from "./broker.ts";
import { type BrokerNode, openNode } from "./broker-node.ts";
import { answering } from "./broker-readiness.ts";
import { HOST } from "./broker-settings.ts";
import { electPreferredLeader } from "./elect-leader.ts";
import { withFreePorts } from "./free-ports.ts";
import { kafkaDistribution } from "./kafka-distribution.ts";

/** Brokers 1, 2 and 3, each a controller too: replication 3, of which 2 must have a record. They end with this process. */
export interface Cluster extends AsyncDisposable {
  /** host:port of each client listener. */
  readonly brokers: readonly string[];
  readonly nodes: readonly BrokerNode[];
  /** @throws Error for another number than 1, 2, 3 */
  node(nodeId: number): BrokerNode;
  /** Starts one that was stopped or killed on its ports and data; resolves when all that run are members again. */
  restart(nodeId: number): Promise<void>;
  /** Makes a broker the leader of a partition, which it follows and is in sync with; resolves when clients are told so. */
  moveLeader(admin: Admin, move: LeaderMove): Promise<void>;
}

export interface LeaderMove {
  readonly topic: string;
  readonly partition: number;
  readonly to: number;
}

/** @throws ProgramMissing; Error with the ends of the logs where they do not start. Three need about a gigabyte. */
export async function startCluster(settings: Readonly<Record<string, string | number>> = {}): Promise<Cluster> {
  const nodes = await withFreePorts(NODE_IDS.length * 3, (ports) => startNodes(ports, settings));

  function node(nodeId: number): BrokerNode {
    const found = nodes.find((candidate) => candidate.nodeId === nodeId);
    if (found === undefined) throw new Error(`the cluster has no broker ${nodeId}`);
    return found;
  }

  return {
    brokers: nodes.map(({ bootstrap }) => bootstrap),
    nodes,
    node,
    async restart(nodeId) {
      await node(nodeId).kill();
      node(nodeId).start();
      await answering(nodes.filter((each) => each.runs()));
    },
    async moveLeader(admin, { topic, partition, to }) {
      const others = NODE_IDS.filter((nodeId) => nodeId !== to);
      const partitionAssignment = [{ partition, replicas: [to, ...others] }];
      await admin.alterPartitionReassignments({ topics: [{ topic, partitionAssignment }] });
      await until(`broker ${to} as the leader`, async () => {
        const runs = nodes.find((each) => each.runs());
        if (runs !== undefined) await electPreferredLeader(runs.internal, topic, partition);
        return (await leaderOf(admin, topic, partition)) === to ? true : null;
      });
    },
    async [Symbol.asyncDispose]() {
      await Promise.all(nodes.map((each) => each.close()));
    },
  };
}

/** @returns the broker that leads the partition, −1 where none does */
export async function leaderOf(admin: Admin, topic: string, partition: number): Promise<number> {
  const { topics } = await admin.fetchTopicMetadata({ topics: [topic] });
  return topics[0]?.partitions.find(({ partitionId }) => partitionId === partition)?.leader ?? -1;
}

const NODE_IDS: readonly number[] = [1, 2, 3];

async function startNodes(
  ports: readonly number[],
  settings: Readonly<Record<string, string | number>>,
): Promise<readonly BrokerNode[]> {
  const distribution = await kafkaDistribution();
  const portOf = (index: number): number => ports[index] ?? 0;
  const voters = NODE_IDS.map((nodeId, index) => `${nodeId}@${HOST}:${portOf(index * 3)}`).join(",");
  const nodes: BrokerNode[] = [];
  try {
    for (const [index, nodeId] of NODE_IDS.entries()) {
      const own = {
        controller: portOf(index * 3),
        internal: portOf(index * 3 + 1),
        client: portOf(index * 3 + 2),
      };
      const node = await openNode(distribution, {
        nodeId,
        voters,
        ports: own,
        replicationFactor: NODE_IDS.length,
        // Leaders move when a test says so.
        settings: { "auto.leader.rebalance.enable": "false", ...settings },
        heapMegabytes: HEAP_MEGABYTES,
        compiler: "short",
        formatting: [],
      });
      nodes.push(node);
      node.start();
    }
    await answering(nodes);
    return nodes;
  } catch (error) {
    await Promise.all(nodes.map((node) => node.close()));
    throw error;
  }
}
