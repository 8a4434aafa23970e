import { execFile } from "node:child_process";
import { join } from "node:path";
import { promisify } from "node:util";

/** Kafka 4 runs on Java 17 and newer. */
const JAVA_MAJOR_MIN = 17;
const TIMEOUT_MS = 30_000;

/** What to type where Java or Maven lacks. */
export const INSTALL_LINES =
  "  Debian, Ubuntu: sudo apt-get install -y --no-install-recommends default-jdk-headless maven\n" +
  '  macOS:          brew install maven && export JAVA_HOME="$(brew --prefix openjdk)/libexec/openjdk.jdk/Contents/Home"';

/** A program that a real broker needs is not on this machine; `INSTALL_LINES` bring it. */
export class ProgramMissing extends Error {
  override readonly name = "ProgramMissing";
  constructor(program: string) {
    super(`${program} is not on this machine, neither by JAVA_HOME nor on the path.`);
  }
}

export interface Java {
  /** The program, of JAVA_HOME or of the path. */
  readonly java: string;
  /** What it says of itself. */
  readonly version: string;
}

/** @throws ProgramMissing where there is none, or only an old one */
export async function findJava(): Promise<Java> {
  const home = process.env["JAVA_HOME"];
  for (const java of [...(home === undefined || home === "" ? [] : [join(home, "bin", "java")]), "java"]) {
    const version = (await printed(java, ["-version"])) ?? "";
    if (Number(/version "(\d+)/u.exec(version)?.[1] ?? 0) >= JAVA_MAJOR_MIN) return { java, version };
  }
  throw new ProgramMissing(`Java ${JAVA_MAJOR_MIN} or newer`);
}

/** @returns the `mvn` of the path. @throws ProgramMissing */
export async function findMaven(): Promise<string> {
  if ((await printed("mvn", ["-version"])) === null) throw new ProgramMissing("Maven (mvn)");
  return "mvn";
}

/** @returns standard output and error together; null where the program is not there or fails, as macOS's stand-in for Java does */
async function printed(program: string, words: readonly string[]): Promise<string | null> {
  try {
    const { stdout, stderr } = await promisify(execFile)(program, [...words], { timeout: TIMEOUT_MS });
    return stdout + stderr;
  } catch {
    return null;
  }
}
