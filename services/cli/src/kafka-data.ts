import { type KafkaSettings, modelOf, openOnKafka } from "@tidemark/installation";
import { lockDirectory } from "@tidemark/store-level";
import { TopicMismatch } from "@tidemark/streams";
import {
  checkInstallation,
  type Installation,
  makeDirectory,
  newInstallation,
  readInstallation,
  requireLog,
  writeInstallation,
} from "./data-directory.ts";
import { CommandFailed, exitCodes } from "./failure.ts";
import { NEVER_ENDS, type OpenData, type OpenDataOptions, removeLeftovers } from "./opened-data.ts";
import { removeServerAddress } from "./server-address.ts";

/**
 * Opens a data directory whose log is on Kafka, or makes one: it holds copies of what is in the log, and no more. All is
 * open or, after a throw, nothing is.
 * @throws DirectoryLocked, LogUnavailable, TopicMismatch, ModelUnusable, CommandFailed, and the registry's errors
 */
export async function openKafkaData(options: OpenDataOptions, kafka: KafkaSettings): Promise<OpenData> {
  const { directory, settings, clock, logger, clientId, ifMissing } = options;
  const known = await readInstallation(directory);
  if (known !== null) {
    requireLog(directory, known, "kafka");
    checkInstallation(directory, known, settings);
  }
  await using open = new AsyncDisposableStack();
  // Before anything is made here: what cannot reach its log leaves no trace.
  const onKafka = await openOnKafka({ settings, kafka, clientId, clock, logger, place: known });
  open.defer(async () => onKafka.close());
  await makeDirectory(directory);
  // What keeps other processes out: of the stores each is taken only when its partition comes.
  open.use(await lockDirectory(directory));
  const { log, contracts, partitions, artefact } = onKafka;
  const demo = ifMissing.make ? ifMissing.demo : null;
  const installation: Installation = known ?? {
    ...newInstallation(settings, clock.now(), demo),
    log: { kind: "kafka", cluster: log.clusterId },
    partitions,
  };
  requireSame(directory, installation, log.clusterId, partitions);
  if (known === null) await writeInstallation(directory, installation);
  await removeServerAddress(directory);
  await removeLeftovers(directory);
  const closing = open.move();
  let closed: Promise<void> | null = null;
  return {
    directory,
    installation,
    clock,
    clockScale: null,
    log,
    source: { kind: "kafka", kafka },
    registry: kafka.registry,
    contracts,
    model: modelOf(installation, settings, artefact),
    erasureSecret: settings.TIDEMARK_ERASURE_KEY ?? null,
    intake: null,
    followViews: null,
    ended: NEVER_ENDS,
    close: () => (closed ??= closing.disposeAsync()),
  };
}

/** The stores are copies of one cluster's topics: offsets of another mean something else. */
function requireSame(directory: string, { log, partitions }: Installation, cluster: string, found: number): void {
  if (log.kind === "kafka" && log.cluster !== cluster) {
    throw new CommandFailed(
      exitCodes.configuration,
      `${directory} belongs to another Kafka cluster: name another directory with --data-dir, or remove this one, which holds copies only`,
    );
  }
  if (partitions !== found) {
    throw new TopicMismatch(
      `the topics had ${partitions} partitions and have ${found} now: customers have moved between them, and nothing here can be right; use another TIDEMARK_TOPIC_PREFIX`,
    );
  }
}
