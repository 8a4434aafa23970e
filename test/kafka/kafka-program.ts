import { execFile } from "node:child_process";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";

/** What Kafka's programs run on. */
export interface KafkaPrograms {
  readonly java: string;
  /** For `java -cp`. */
  readonly classPath: string;
  /** Classes as the virtual machine keeps them, which halves what a start costs; it goes without where they do not fit. */
  readonly classArchive: string;
}

/** The virtual machine for a program that is to start quickly rather than to run long. */
export const SHORT_LIVED: readonly string[] = ["-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1", "-XX:-UsePerfData"];
export const CLUSTER_ID = "tidemarkTestClusterAAA";

const LOGGING = fileURLToPath(new URL("distribution/log4j2.properties", import.meta.url));
const TIMEOUT_MS = 600_000;
const OUTPUT_BYTES_MAX = 16 * 1024 * 1024;

/** @returns the arguments of `java` that come between those of the virtual machine and those of the program */
export function programArguments({ classPath }: KafkaPrograms, mainClass: string): readonly string[] {
  return [`-Dlog4j2.configurationFile=${LOGGING}`, "-cp", classPath, mainClass];
}

/** The class archive, to be read. */
export function archiveArguments({ classArchive }: KafkaPrograms): readonly string[] {
  return [`-XX:SharedArchiveFile=${classArchive}`, "-Xlog:cds=off", "-Xlog:cds+dynamic=off"];
}

/** Makes the data folder that a broker's properties name. @param words further arguments of Kafka's `StorageTool format` */
export async function formatData(programs: KafkaPrograms, settings: string, words: readonly string[]): Promise<void> {
  const program = programArguments(programs, "kafka.tools.StorageTool");
  const format = ["format", "-t", CLUSTER_ID, "-c", settings, ...words];
  await run(programs.java, [...SHORT_LIVED, ...archiveArguments(programs), ...program, ...format]);
}

/** @throws Error with everything the program printed */
export async function run(program: string, words: readonly string[]): Promise<string> {
  try {
    const ran = await promisify(execFile)(program, [...words], { timeout: TIMEOUT_MS, maxBuffer: OUTPUT_BYTES_MAX });
    return ran.stdout;
  } catch (error) {
    const { stdout = "", stderr = "" } = error as { stdout?: string; stderr?: string };
    throw new Error(`${program} failed:\n${stdout}${stderr}`, { cause: error });
  }
}
