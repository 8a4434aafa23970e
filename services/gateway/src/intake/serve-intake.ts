import { carryError } from "@tidemark/streams";
import type { FarEnd } from "@tidemark/thread-channel";
import { Problem } from "../problem.ts";
import type { EventIntake } from "./event-intake.ts";
import type { EventsTaken, TakeEvents } from "./intake-messages.ts";

/**
 * Lets who connects the intake at the near end of a channel (`connectIntake`) use it. It holds no queue: how many bodies are under
 * way, they bound. The channel keeps no event loop alive.
 */
export function serveIntake(intake: EventIntake, far: FarEnd<EventsTaken, TakeEvents>): void {
  far.listen(({ id, body }) => {
    // Never rejects.
    void answerTo(id, intake.take(body)).then((answer) => far.send(answer));
  });
  far.unref();
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
