import { createHash } from "node:crypto";
import { existsSync } from "node:fs";
import { copyFile, mkdir, mkdtemp, readFile, rename, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { brokerProperties } from "./broker-settings.ts";
import { makeClassArchive } from "./class-archive.ts";
import { findJava, findMaven } from "./java.ts";
import { formatData, type KafkaPrograms, run } from "./kafka-program.ts";

/** Apache Kafka's own programs on this machine. */
export interface KafkaDistribution extends KafkaPrograms {
  /** What `StorageTool format` leaves in the data folder of any broker, all but `meta.properties`. */
  readonly bootstrapCheckpoint: string;
}

/**
 * The broker and tools of the version in `distribution/pom.xml`, fetched by Maven at the first call on a machine and
 * kept: in a folder named by the digest of what decides its content, which another version never touches.
 * @throws ProgramMissing where Java is not there, or Maven when it is to fetch; Error with their output where they fail
 */
export async function kafkaDistribution(): Promise<KafkaDistribution> {
  const { java, version } = await findJava();
  const folder = join(CACHE, await digest(version));
  const programs = programsIn(folder, java);
  if (!existsSync(folder)) await make(folder, java);
  // The archive knows the place of the jars: it cannot be made before they are there.
  if (!existsSync(programs.classArchive)) await inMakingFolder((making) => makeClassArchive(programs, making));
  return { ...programs, bootstrapCheckpoint: join(folder, CHECKPOINT) };
}

const POM = fileURLToPath(new URL("distribution/pom.xml", import.meta.url));
/** Git ignores it, as all of `node_modules`. */
const CACHE = fileURLToPath(new URL("../../node_modules/.cache/kafka", import.meta.url));
const CHECKPOINT = "bootstrap.checkpoint";
/** Raised when what is made from the jars changes. */
const LAYOUT = 2;

function programsIn(folder: string, java: string): KafkaPrograms {
  return { java, classPath: join(folder, "lib", "*"), classArchive: join(folder, "classes.jsa") };
}

/** @param javaVersion another Java cannot read the archive of classes */
async function digest(javaVersion: string): Promise<string> {
  const hash = createHash("sha256")
    .update(`${LAYOUT}\n${javaVersion}\n`)
    .update(await readFile(POM));
  return hash.digest("hex").slice(0, 16);
}

/** Makes it beside its place and renames, so that nobody sees a half of it; who is second throws its own away. */
async function make(folder: string, java: string): Promise<void> {
  const maven = await findMaven();
  await inMakingFolder(async (making) => {
    const pom = join(making, "pom.xml");
    await copyFile(POM, pom);
    const jars = `-DoutputDirectory=${join(making, "lib")}`;
    await run(maven, ["-q", "-B", "-f", pom, "dependency:copy-dependencies", jars]);
    await keepCheckpoint(making, java);
    try {
      await rename(making, folder);
    } catch (error) {
      if (!existsSync(folder)) throw error;
    }
  });
}

/** Formatting leaves the same for every broker without users of its own: it is done once, for it costs a start of Java. */
async function keepCheckpoint(making: string, java: string): Promise<void> {
  const [data, settings] = [join(making, "data"), join(making, "format.properties")];
  const node = { nodeId: 1, voters: "1@127.0.0.1:1", ports: { controller: 1, internal: 2, client: 3 } };
  await writeFile(settings, brokerProperties({ ...node, dataFolder: data, replicationFactor: 1, settings: {} }));
  await formatData(programsIn(making, java), settings, []);
  await rename(join(data, CHECKPOINT), join(making, CHECKPOINT));
  await rm(data, { recursive: true });
}

/** A folder beside those that are kept, gone at the end if it was not renamed. */
async function inMakingFolder(work: (making: string) => Promise<void>): Promise<void> {
  await mkdir(CACHE, { recursive: true });
  const making = await mkdtemp(join(CACHE, "making-"));
  try {
    await work(making);
  } finally {
    await rm(making, { recursive: true, force: true });
  }
}
