import { execFile } from "node:child_process";
import { existsSync } from "node:fs";
import { mkdir, mkdtemp, rename, rm } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { findJava, findMaven } from "../kafka/java.ts";

/** Apicurio Registry on this machine. */
export interface ApicurioDistribution {
  /** The `java` to run it with. */
  readonly java: string;
  /** For `java -jar`. */
  readonly jar: string;
}

/**
 * Fetched by Maven at the first call on a machine and kept.
 * @throws ProgramMissing where Java is not there, or Maven when it is to fetch; Error with Maven's output where that fails
 */
export async function apicurioDistribution(): Promise<ApicurioDistribution> {
  const { java } = await findJava();
  const folder = join(CACHE, VERSION);
  if (!existsSync(folder)) await make(folder);
  return { java, jar: join(folder, `apicurio-registry-app-${VERSION}-runner.jar`) };
}

/** The newest that runs on Java 17. */
const VERSION = "3.0.9";
/** Git ignores it, as all of `node_modules`. */
const CACHE = fileURLToPath(new URL("../../node_modules/.cache/apicurio", import.meta.url));
const TIMEOUT_MS = 600_000;
const OUTPUT_BYTES_MAX = 16 * 1024 * 1024;

/** Makes it beside its place and renames, so that nobody sees a half of it; who is second throws its own away. */
async function make(folder: string): Promise<void> {
  const maven = await findMaven();
  await mkdir(CACHE, { recursive: true });
  const making = await mkdtemp(join(CACHE, "making-"));
  try {
    await run(maven, [
      "-q",
      "-B",
      // Newer versions of the plugin look for a parent of the artifact that was never published.
      "org.apache.maven.plugins:maven-dependency-plugin:2.10:copy",
      `-Dartifact=io.apicurio:apicurio-registry-app:${VERSION}:tar.gz:all`,
      `-DoutputDirectory=${making}`,
    ]);
    const unpacked = join(making, "unpacked");
    await mkdir(unpacked);
    await run("tar", ["-xzf", join(making, `apicurio-registry-app-${VERSION}-all.tar.gz`), "-C", unpacked]);
    await rename(unpacked, folder);
  } catch (error) {
    if (!existsSync(folder)) throw error;
  } finally {
    await rm(making, { recursive: true, force: true });
  }
}

/** @throws Error with everything the program printed */
async function run(program: string, words: readonly string[]): Promise<void> {
  try {
    await promisify(execFile)(program, [...words], { timeout: TIMEOUT_MS, maxBuffer: OUTPUT_BYTES_MAX });
  } catch (error) {
    const { stdout = "", stderr = "" } = error as { stdout?: string; stderr?: string };
    throw new Error(`${program} failed, of which Apicurio Registry was wanted:\n${stdout}${stderr}`, { cause: error });
  }
}
