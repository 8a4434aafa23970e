import { parentPort } from "node:worker_threads";
import { clockOfThread } from "@tidemark/clock";
import { type Contracts, openContracts, openRegistry } from "@tidemark/contracts";
import { createEventIntake, serveIntake } from "@tidemark/gateway/intake";
import { serveViews } from "@tidemark/gateway/views";
import { type EmbeddedLog, openEmbeddedLog, serveLog } from "@tidemark/log-embedded";
import { assert, carryError, type Clock } from "@tidemark/streams";
import { joinChannel, type WayIn } from "@tidemark/thread-channel";
import type { FromLogThread, IntakeSetup, LogContents, LogPlace, ToLogThread, ViewsSetup } from "./messages.ts";

// What the thread of the embedded log runs: the log, until it is told to close it. Like the main file of a process it alone makes a
// clock. It loads what it needs and no more: a start waits for it, and its code is held in memory once more.

assert(parentPort !== null, "this file is started as a thread");
const main = parentPort;
const send = (message: FromLogThread): void => main.postMessage(message, []);
const contractsByName = new Map<string, Promise<Contracts>>();
let open: { readonly log: EmbeddedLog; readonly clock: Clock } | null = null;

main.on("message", (message: ToLogThread) => {
  switch (message.kind) {
    case "open":
      return void openLog(message.log);
    case "serve":
      return serveLog(opened().log, message.port);
    case "takeEvents":
      // What it throws ends the thread.
      return void takeEvents(message.intake, message.wayIn);
    case "followViews":
      return void followViews(message.views, message.wayIn);
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

async function takeEvents(intake: IntakeSetup, wayIn: WayIn): Promise<void> {
  const contracts = await contractsOf(intake);
  serveIntake(createEventIntake({ ...intake, ...opened(), contracts }), await joinChannel(wayIn));
}

async function followViews(views: ViewsSetup, wayIn: WayIn): Promise<void> {
  const contracts = await contractsOf(views);
  await serveViews({ ...views, ...opened(), contracts }, await joinChannel(wayIn));
}

/** One for all that are at work on the same contents: its codecs are compiled once. */
function contractsOf({ registry, topicPrefix }: LogContents): Promise<Contracts> {
  const name = JSON.stringify([registry, topicPrefix]);
  const known = contractsByName.get(name);
  if (known !== undefined) return known;
  const contracts = openRegistry(registry).then((found) => openContracts({ registry: found, prefix: topicPrefix }));
  contractsByName.set(name, contracts);
  return contracts;
}

function opened() {
  assert(open !== null, "the log is opened before anything is asked of it");
  return open;
}
