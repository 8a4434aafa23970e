import { type MessagePort, parentPort } from "node:worker_threads";
import { clockOfThread } from "@tidemark/clock";
import { openContracts, openRegistry } from "@tidemark/contracts";
import { createEventIntake, serveIntake } from "@tidemark/gateway/intake";
import { serveViews } from "@tidemark/gateway/views";
import { type EmbeddedLog, openEmbeddedLog, serveLog } from "@tidemark/log-embedded";
import { assert, carryError, type Clock } from "@tidemark/streams";
import type { FromLogThread, IntakeSetup, LogPlace, ToLogThread, ViewsSetup } from "./messages.ts";

// What the thread of the embedded log runs: the log, until it is told to close it. Like the main file of a process it alone makes a
// clock. It loads what it needs and no more: a start waits for it, and its code is held in memory once more.

assert(parentPort !== null, "this file is started as a thread");
const main = parentPort;
const send = (message: FromLogThread): void => main.postMessage(message, []);
let open: { readonly log: EmbeddedLog; readonly clock: Clock } | null = null;

main.on("message", (message: ToLogThread) => {
  switch (message.kind) {
    case "open":
      return void openLog(message.log);
    case "serve":
      return serveLog(opened().log, message.port);
    case "takeEvents":
      // What it throws ends the thread.
      return void intakeOf(message.intake).then((intake) => serveIntake(intake, message.port));
    case "followViews":
      return void followViews(message.views, message.port);
    default:
      // With the port gone nothing keeps the thread.
      return void opened()
        .log.close()
        .finally(() => main.close());
  }
});

async function openLog({ directory, clockScale }: LogPlace): Promise<void> {
  const clock = clockOfThread(clockScale);
  try {
    const log = await openEmbeddedLog({
      directory,
      clock,
      onProblem: (error) => send({ kind: "problem", error: carryError(error) }),
    });
    open = { log, clock };
    send({ kind: "opened" });
  } catch (error) {
    send({ kind: "failed", error: carryError(error) });
    main.close();
  }
}

async function intakeOf({ registry, topicPrefix: prefix, partitions, clockMode }: IntakeSetup) {
  const { log, clock } = opened();
  const contracts = await openContracts({ registry: await openRegistry(registry), prefix });
  return createEventIntake({ log, contracts, clock, partitions, clockMode });
}

async function followViews({ registry, topicPrefix: prefix, ...views }: ViewsSetup, port: MessagePort): Promise<void> {
  const { log, clock } = opened();
  const contracts = await openContracts({ registry: await openRegistry(registry), prefix });
  await serveViews({ ...views, log, contracts, clock }, port);
}

function opened() {
  assert(open !== null, "the log is opened before anything is asked of it");
  return open;
}
