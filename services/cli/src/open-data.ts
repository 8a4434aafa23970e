import { kafkaOf } from "@tidemark/installation";
import { openEmbeddedData } from "./embedded-data.ts";
import { openKafkaData } from "./kafka-data.ts";
import type { OpenData, OpenDataOptions } from "./opened-data.ts";

/**
 * Opens a data directory, or makes one. All is open or, after a throw, nothing is.
 * @throws DirectoryLocked, VersionTooNew, LogCorrupted, LogUnavailable, TopicMismatch, CommandFailed and other configuration errors
 */
export async function openData(options: OpenDataOptions): Promise<OpenData> {
  const kafka = await kafkaOf(options.settings);
  return kafka === null ? openEmbeddedData(options) : openKafkaData(options, kafka);
}
