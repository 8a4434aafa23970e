import { execFile } from "node:child_process";
import { join } from "node:path";
import { promisify } from "node:util";

/** Kafka 4 runs on Java 17 and newer. */
const JAVA_MAJOR_MIN = 17;
const TIMEOUT_MS = 30_000;

/** What to type where Java or Maven lacks. */
const INSTALL_LINES =
  "  Debian, Ubuntu: sudo apt-get install -y --no-install-recommends default-jdk-headless maven\n" +
  '  macOS:          brew install maven && export JAVA_HOME="$(brew --prefix openjdk)/libexec/openjdk.jdk/Contents/Home"';

/** A program that a real broker needs is not on this machine; the message has the line to type. */
class ProgramMissing extends Error {
  override readonly name = "ProgramMissing";
  constructor(program: string) {
    super(
      `${program} is needed to start a Kafka broker and was not found, neither by JAVA_HOME nor on the path. Install it:\n${INSTALL_LINES}\n` +
        "or set KAFKA_BROKERS to brokers that tests may write to.",
    );
  }
}

/** @returns the `java` to run, of JAVA_HOME or of the path. @throws ProgramMissing where there is none, or only an old one */
export async function findJava(): Promise<string> {
  const home = process.env["JAVA_HOME"];
  for (const java of [...(home === undefined || home === "" ? [] : [join(home, "bin", "java")]), "java"]) {
    const major = await javaMajor(java);
    if (major !== null && major >= JAVA_MAJOR_MIN) return java;
  }
  throw new ProgramMissing(`Java ${JAVA_MAJOR_MIN} or newer`);
}

/** @returns the `mvn` of the path. @throws ProgramMissing */
export async function findMaven(): Promise<string> {
  if ((await printed("mvn", ["-version"])) === null) throw new ProgramMissing("Maven (mvn)");
  return "mvn";
}

/** @returns null where it does not start */
async function javaMajor(java: string): Promise<number | null> {
  const version = /version "(\d+)/u.exec((await printed(java, ["-version"])) ?? "")?.[1];
  return version === undefined ? null : Number(version);
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
