import { spawn } from "node:child_process";
import { once } from "node:events";
import { rename, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { brokerProperties, HOST } from "./broker-settings.ts";
import { withFreePorts } from "./free-ports.ts";
import { formatData, type KafkaPrograms, programArguments, SHORT_LIVED } from "./kafka-program.ts";

/**
 * Runs a broker once, from its start until it is up, and keeps the classes that it loaded where `programs` says.
 * @param folder empty, for the files that this needs
 * @throws Error with what the broker printed
 */
export async function makeClassArchive(programs: KafkaPrograms, folder: string): Promise<void> {
  const making = join(folder, "classes.jsa");
  await withFreePorts(3, async ([controller = 0, internal = 0, client = 0]) => {
    const settings = join(folder, `broker-${controller}.properties`);
    const properties = brokerProperties({
      nodeId: 1,
      voters: `1@${HOST}:${controller}`,
      ports: { controller, internal, client },
      dataFolder: join(folder, `data-${controller}`),
      replicationFactor: 1,
      settings: {},
    });
    await writeFile(settings, properties);
    await formatData(programs, settings, []);
    await startAndStop(programs, making, settings);
  });
  await rename(making, programs.classArchive);
}

async function startAndStop(programs: KafkaPrograms, archive: string, settings: string): Promise<void> {
  const words = [...SHORT_LIVED, `-XX:ArchiveClassesAtExit=${archive}`, "-Xlog:cds=off", "-Xlog:cds+dynamic=off"];
  const child = spawn(programs.java, [...words, ...programArguments(programs, "kafka.Kafka"), settings], {
    stdio: ["ignore", "ignore", "pipe"],
    timeout: TIMEOUT_MS,
    killSignal: "SIGKILL",
  });
  const ended = once(child, "exit");
  let [printed, up] = ["", false];
  child.stderr.setEncoding("utf8").on("data", (text: string) => {
    printed += text;
    if (!up && printed.includes("Kafka Server started")) {
      up = true;
      child.kill("SIGTERM");
    }
  });
  await ended;
  if (!up) throw new Error(`the broker ended:\n${printed}`);
}

const TIMEOUT_MS = 300_000;
