import { execFile } from "node:child_process";
import { createHash } from "node:crypto";
import { existsSync } from "node:fs";
import { copyFile, mkdir, mkdtemp, readFile, rename, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { findJava, findMaven } from "./java.ts";

/** Apache Kafka's own jars on this machine. */
export interface KafkaDistribution {
  /** The `java` to run them with. */
  readonly java: string;
  /** For `java -cp`. */
  readonly classPath: string;
  /** What `StorageTool format` leaves in a data folder of node 1, all but `meta.properties`. */
  readonly bootstrapCheckpoint: string;
}

/**
 * The broker and tools of the version in `distribution/pom.xml`, fetched by Maven at the first call on a machine and
 * kept: in a folder named by the digest of what decides its content, which another version never touches.
 * @throws ProgramMissing where Java is not there, or Maven when it is to fetch; Error with Maven's output where that fails
 */
export async function kafkaDistribution(): Promise<KafkaDistribution> {
  const java = await findJava();
  const folder = join(CACHE, await digest());
  if (!existsSync(folder)) await make(folder, java);
  return { java, classPath: join(folder, "lib", "*"), bootstrapCheckpoint: join(folder, CHECKPOINT) };
}

/** For Kafka's programs: their log goes to standard output. */
export const LOGGING = fileURLToPath(new URL("distribution/log4j2.properties", import.meta.url));
export const CLUSTER_ID = "tidemarkTestClusterAAA";

const POM = fileURLToPath(new URL("distribution/pom.xml", import.meta.url));
/** Git ignores it, as all of `node_modules`. */
const CACHE = fileURLToPath(new URL("../../node_modules/.cache/kafka", import.meta.url));
const CHECKPOINT = "bootstrap.checkpoint";
/** Raised when `make` changes. */
const LAYOUT = 1;
const TIMEOUT_MS = 600_000;
const OUTPUT_BYTES_MAX = 16 * 1024 * 1024;

async function digest(): Promise<string> {
  const hash = createHash("sha256").update(`${LAYOUT}\n`);
  return hash
    .update(await readFile(POM))
    .digest("hex")
    .slice(0, 16);
}

/** Makes it beside its place and renames, so that nobody sees a half of it; who is second throws its own away. */
async function make(folder: string, java: string): Promise<void> {
  const maven = await findMaven();
  await mkdir(CACHE, { recursive: true });
  const making = await mkdtemp(join(CACHE, "making-"));
  try {
    await copyFile(POM, join(making, "pom.xml"));
    const lib = join(making, "lib");
    await run(maven, [
      "-q",
      "-B",
      "-f",
      join(making, "pom.xml"),
      "dependency:copy-dependencies",
      `-DoutputDirectory=${lib}`,
    ]);
    await format(making, java);
    await rename(making, folder);
  } catch (error) {
    await rm(making, { recursive: true, force: true });
    if (!existsSync(folder)) throw error;
  }
}

/** Formatting costs a start of Java; what it makes is the same for every broker, so it is made once. */
async function format(making: string, java: string): Promise<void> {
  const [data, settings] = [join(making, "data"), join(making, "format.properties")];
  await writeFile(
    settings,
    [
      "process.roles=broker,controller",
      "node.id=1",
      "controller.quorum.voters=1@127.0.0.1:1",
      "controller.listener.names=CONTROLLER",
      "listeners=CONTROLLER://127.0.0.1:1,INTERNAL://127.0.0.1:2",
      "inter.broker.listener.name=INTERNAL",
      "listener.security.protocol.map=CONTROLLER:PLAINTEXT,INTERNAL:PLAINTEXT",
      `log.dirs=${data}`,
    ].join("\n"),
  );
  const classPath = join(making, "lib", "*");
  const logging = `-Dlog4j2.configurationFile=${LOGGING}`;
  await run(java, [logging, "-cp", classPath, "kafka.tools.StorageTool", "format", "-t", CLUSTER_ID, "-c", settings]);
  await rename(join(data, CHECKPOINT), join(making, CHECKPOINT));
  await rm(data, { recursive: true });
}

/** @throws Error with everything the program printed */
async function run(program: string, words: readonly string[]): Promise<void> {
  try {
    await promisify(execFile)(program, [...words], { timeout: TIMEOUT_MS, maxBuffer: OUTPUT_BYTES_MAX });
  } catch (error) {
    const { stdout = "", stderr = "" } = error as { stdout?: string; stderr?: string };
    throw new Error(`${program} failed, of which Apache Kafka's jars were wanted:\n${stdout}${stderr}`, {
      cause: error,
    });
  }
}
