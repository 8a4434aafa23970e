import { execFile } from "node:child_process";
import { createHash } from "node:crypto";
import { existsSync } from "node:fs";
import { copyFile, mkdir, mkdtemp, readFile, rename, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { brokerProperties } from "./broker-settings.ts";
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

/** Makes the data folder that a broker's properties name. @param words further arguments of Kafka's `StorageTool format` */
export async function formatData(
  { java, classPath }: Pick<KafkaDistribution, "java" | "classPath">,
  settings: string,
  words: readonly string[],
): Promise<void> {
  const program = [`-Dlog4j2.configurationFile=${LOGGING}`, "-XX:TieredStopAtLevel=1", "-cp", classPath];
  await run(java, [...program, "kafka.tools.StorageTool", "format", "-t", CLUSTER_ID, "-c", settings, ...words]);
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
    await keepCheckpoint(making, java);
    await rename(making, folder);
  } catch (error) {
    await rm(making, { recursive: true, force: true });
    if (!existsSync(folder)) throw error;
  }
}

/** What formatting leaves is the same for every broker without users of its own: it is made once, for it costs a start of Java. */
async function keepCheckpoint(making: string, java: string): Promise<void> {
  const [data, settings] = [join(making, "data"), join(making, "format.properties")];
  const listeners = { nodeId: 1, voters: "1@127.0.0.1:1", ports: { controller: 1, internal: 2, client: 3 } };
  await writeFile(settings, brokerProperties({ ...listeners, dataFolder: data, replicationFactor: 1, settings: {} }));
  await formatData({ java, classPath: join(making, "lib", "*") }, settings, []);
  await rename(join(data, CHECKPOINT), join(making, CHECKPOINT));
  await rm(data, { recursive: true });
}

/** @throws Error with everything the program printed */
async function run(program: string, words: readonly string[]): Promise<void> {
  try {
    await promisify(execFile)(program, [...words], { timeout: TIMEOUT_MS, maxBuffer: OUTPUT_BYTES_MAX });
  } catch (error) {
    const { stdout = "", stderr = "" } = error as { stdout?: string; stderr?: string };
    throw new Error(`${program} failed:\n${stdout}${stderr}`, {
      cause: error,
    });
  }
}
