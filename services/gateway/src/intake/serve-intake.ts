import type { MessagePort } from "node:worker_threads";
import { carryError } from "@tidemark/streams";
import { Problem } from "../problem.ts";
import type { EventIntake } from "./event-intake.ts";
import type { EventsTaken, TakeEvents } from "./intake-messages.ts";

/**
 * Lets who connects the intake at the other end of a port (`connectIntake`) use it. It holds no queue: how many bodies are under
 * way, they bound. The port keeps no event loop alive.
 */
export function serveIntake(intake: EventIntake, port: MessagePort): void {
  port.on("message", ({ id, body }: TakeEvents) => {
    // Never rejects.
    void answerTo(id, intake.take(body)).then((answer) => port.postMessage(answer, []));
  });
  port.unref();
}

async function answerTo(id: number, taking: ReturnType<EventIntake["take"]>): Promise<EventsTaken> {
  try {
    return { id, accepted: await taking };
  } catch (error) {
    if (!(error instanceof Problem)) return { id, error: carryError(error) };
    const { status, code, message: detail, members } = error;
    return { id, problem: { status, code, detail, members } };
  }
}
