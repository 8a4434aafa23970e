import type { MessagePort } from "node:worker_threads";
import { connectLog } from "@tidemark/log-embedded";
import type { GroupLimits, KafkaConnection } from "@tidemark/log-kafka";
import { type Clock, type EventLog, fixedOwnership, type PartitionOwnership } from "@tidemark/streams";

/** A log and what is owned of it, as plain data that a thread can be started with; a port is transferred. */
export type LogDescription = SharedLog | KafkaDescription;

/** The log of another thread of this process: who shares it says, for good, what each owns. */
export interface SharedLog {
  readonly kind: "shared";
  readonly port: MessagePort;
  readonly owned: readonly number[];
}

/** On Kafka: each who opens it is a member of the group of its own, and the group says what is owned. */
export interface KafkaDescription {
  readonly kind: "kafka";
  readonly connection: KafkaConnection;
  readonly clientId: string;
  readonly groupId: string;
  readonly groupLimits?: Partial<GroupLimits>;
}

/** A log with what is owned of it. */
export interface OwnedLog {
  readonly log: EventLog;
  readonly ownership: PartitionOwnership;
  /** Gives up what is owned, then closes the log. What works on either is to be stopped before. */
  close(): Promise<void>;
}

export interface LogSurroundings {
  /** The topic whose partition numbers are shared out. */
  readonly topic: string;
  readonly clock: Clock;
  /** Told why a member of the group has to join again. */
  readonly onRejoin: (error: unknown) => void;
  /** Told what the log has met though it goes on. */
  readonly onProblem: (error: unknown) => void;
  /** A broker that could not be reached can, `host:port`. */
  readonly onReachedAgain: (broker: string) => void;
}

/** @throws LogUnavailable */
export async function openOwnedLog(description: LogDescription, surroundings: LogSurroundings): Promise<OwnedLog> {
  if (description.kind === "shared") {
    const log = connectLog(description.port);
    return { log, ownership: fixedOwnership(description.owned), close: () => log.close() };
  }
  // Only where it is wanted: a quarter of all that a thread would load at its start is the client.
  const { connectionParts, joinGroup, openKafkaLog } = await import("@tidemark/log-kafka");
  const { groupId, groupLimits, clientId } = description;
  const connection = { ...connectionParts(description.connection), clientId };
  const { topic, clock, onRejoin, onProblem, onReachedAgain } = surroundings;
  const log = await openKafkaLog({ ...connection, clock, onProblem, onReachedAgain });
  const limits = groupLimits === undefined ? {} : { limits: groupLimits };
  const membership = joinGroup({ ...connection, topic, clock, onProblem: onRejoin, ...limits, groupId });
  return {
    log,
    ownership: membership,
    async close() {
      await membership.leave();
      await log.close();
    },
  };
}
