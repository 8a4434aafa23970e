import { type Contracts, openContracts, openRegistry, TOPIC_PREFIX_DEFAULT } from "@tidemark/contracts";
import type { KafkaLog } from "@tidemark/log-kafka";
import type { Artefact } from "@tidemark/scoring";
import { type Clock, LogUnavailable } from "@tidemark/streams";
import type { Logger } from "@tidemark/telemetry";
import type { KafkaSettings } from "./kafka-settings.ts";
import type { ModelPlace } from "./admit-artefact.ts";
import { readKeptModel } from "./kept-model.ts";
import { requireTopics } from "./required-topics.ts";
import type { Settings } from "./settings.ts";

/** What every process of an installation on Kafka opens first. */
export interface OnKafka {
  readonly log: KafkaLog;
  readonly contracts: Contracts;
  /** Of every topic keyed by customer. */
  readonly partitions: number;
  readonly topicPrefix: string;
  /** The one that is kept in the topic `models`; null = none. */
  readonly artefact: Artefact | null;
  close(): Promise<void>;
}

export interface LogOnKafkaOptions {
  readonly settings: Settings;
  readonly kafka: KafkaSettings;
  /** Names the process to the brokers. */
  readonly clientId: string;
  readonly clock: Clock;
  /** Told what the log meets and gets over, as a broker that cannot be reached; left out: nobody is. */
  readonly logger?: Logger;
}

export interface OnKafkaOptions extends LogOnKafkaOptions {
  readonly logger: Logger;
  /** Of the data directory, where there is one already; else what the settings say. */
  readonly place?: ModelPlace | null;
}

/**
 * Connects, checks the topics, registers the schemas, reads the model. All is open or, after a throw, nothing is.
 * @throws LogUnavailable, TopicMismatch, ModelUnusable, and the registry's errors
 */
export async function openOnKafka(options: OnKafkaOptions): Promise<OnKafka> {
  const { settings, kafka } = options;
  const topicPrefix = settings.TIDEMARK_TOPIC_PREFIX ?? TOPIC_PREFIX_DEFAULT;
  const log = await openLog(options);
  try {
    const partitions = await requireTopics(log, topicPrefix);
    const contracts = await openContracts({ registry: await openRegistry(kafka.registry), prefix: topicPrefix });
    const artefact = await readKeptModel({ log, contracts, place: options.place ?? placeOf(settings) });
    return { log, contracts, partitions, topicPrefix, artefact, close: async () => log.close() };
  } catch (error) {
    await log.close();
    throw error;
  }
}

/** What processes on Kafka count in, where no data directory says it. */
export function placeOf({ TIDEMARK_CURRENCY, TIDEMARK_TIME_ZONE }: Settings): ModelPlace {
  return { currency: TIDEMARK_CURRENCY ?? "EUR", timeZone: TIDEMARK_TIME_ZONE ?? "UTC" };
}

/** The consumer group that shares the partitions out. */
export function processorGroup(topicPrefix: string): string {
  return `${topicPrefix}processor`;
}

/** The log alone, whatever its topics are. @throws LogUnavailable */
export async function openLog(options: LogOnKafkaOptions): Promise<KafkaLog> {
  const { settings, kafka, clientId, clock, logger } = options;
  // Only where it is wanted: who has no cluster would load the client at each start, and in each thread.
  const { connectionParts, openKafkaLog } = await import("@tidemark/log-kafka");
  const factor = settings.TIDEMARK_REPLICATION;
  try {
    return await openKafkaLog({
      ...connectionParts(kafka.connection),
      clientId,
      clock,
      onProblem: (error) => logger?.warn("the log has a problem", { error }),
      onReachedAgain: (host) => logger?.info("a broker can be reached again", { host }),
      // One broker may be lost, and appends go on; with one or two brokers that cannot be had.
      replication: { factor, insyncMin: Math.max(1, factor - 1) },
    });
  } catch (error) {
    if (!(error instanceof LogUnavailable)) throw error;
    const hint =
      "see that brokers run where KAFKA_BROKERS says, and that they take TLS or plain text as KAFKA_SSL says";
    throw new LogUnavailable(`${error.message}: ${hint}`, { cause: error });
  }
}
