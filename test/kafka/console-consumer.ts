import { execFile } from "node:child_process";
import { randomUUID } from "node:crypto";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { kafkaDistribution } from "./kafka-distribution.ts";
import { archiveArguments, programArguments, SHORT_LIVED } from "./kafka-program.ts";

/** A record as Kafka's own client sees it. */
export interface ConsoleRecord {
  readonly partition: number;
  readonly offset: number;
  /** ms. */
  readonly timestamp: number;
  readonly timestampType: "CreateTime" | "LogAppendTime";
  readonly key: Buffer | null;
  readonly value: Buffer | null;
}

export interface ConsoleOptions {
  readonly brokers: readonly string[];
  readonly topic: string;
  /** It ends after so many records … */
  readonly recordsMax: number;
  /** … or when none has come for so long; 3 s if absent, the first join of its group included. */
  readonly idleMsMax?: number;
  readonly isolation?: "read_committed" | "read_uncommitted";
}

/**
 * Reads a topic from its beginning with the console consumer that ships with Kafka: a witness that shares no code
 * with ours. It costs a start of Java, about a second.
 * @throws ProgramMissing; Error with what it printed where it fails
 */
export async function readByConsole(options: ConsoleOptions): Promise<readonly ConsoleRecord[]> {
  const programs = await kafkaDistribution();
  const folder = await mkdtemp(join(tmpdir(), "tidemark-console-"));
  const format = join(folder, "format.properties");
  // Kafka decodes it as it does a value, so that no character would be its alone.
  const nothing = `nothing-${randomUUID()}`;
  try {
    await writeFile(format, `${FORMAT}\nnull.literal=${nothing}\n`);
    const program = programArguments(programs, "org.apache.kafka.tools.consumer.ConsoleConsumer");
    const { stdout } = await promisify(execFile)(
      programs.java,
      [...SHORT_LIVED, ...archiveArguments(programs), ...program, ...consumerArguments(options, format)],
      { timeout: TIMEOUT_MS, maxBuffer: OUTPUT_BYTES_MAX },
    );
    return stdout
      .split(LINE_END)
      .slice(0, -1)
      .map((line) => recordOf(line, nothing));
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

const IDLE_MS_MAX = 3_000;
const TIMEOUT_MS = 120_000;
const OUTPUT_BYTES_MAX = 256 * 1024 * 1024;

/**
 * Bytes are printed as Latin-1, in which every byte is a character; what parts and ends them are characters that
 * Latin-1 lacks.
 */
const [LINE_END, FIELD_END] = ["\u0100", "\u0101"] as const;
const FORMAT = [
  "print.timestamp=true",
  "print.partition=true",
  "print.offset=true",
  "print.key=true",
  "print.value=true",
  String.raw`line.separator=\u0100`,
  String.raw`key.separator=\u0101`,
  ...["key", "value"].flatMap((part) => [
    `${part}.deserializer=org.apache.kafka.common.serialization.StringDeserializer`,
    `${part}.deserializer.deserializer.encoding=ISO-8859-1`,
  ]),
].join("\n");

function consumerArguments(options: ConsoleOptions, format: string): readonly string[] {
  const values = {
    "--bootstrap-server": options.brokers.join(","),
    "--topic": options.topic,
    "--isolation-level": options.isolation ?? "read_committed",
    "--max-messages": String(options.recordsMax),
    "--timeout-ms": String(options.idleMsMax ?? IDLE_MS_MAX),
    "--formatter-config": format,
  };
  return ["--from-beginning", ...Object.entries(values).flat()];
}

/** One line, `CreateTime:1690000000000 Partition:0 Offset:7 key value`, its fields parted by FIELD_END. */
function recordOf(line: string, nothing: string): ConsoleRecord {
  const [timestamp = "", partition = "", offset = "", key = "", value = ""] = line.split(FIELD_END);
  const [timestampType = "", ms = ""] = timestamp.split(":");
  return {
    partition: Number(partition.replace("Partition:", "")),
    offset: Number(offset.replace("Offset:", "")),
    timestamp: Number(ms),
    timestampType: timestampType === "LogAppendTime" ? "LogAppendTime" : "CreateTime",
    key: bytesOf(key, nothing),
    value: bytesOf(value, nothing),
  };
}

function bytesOf(field: string, nothing: string): Buffer | null {
  return field === nothing ? null : Buffer.from(field, "latin1");
}
