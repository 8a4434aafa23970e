import { LogUnavailable, revivedError } from "@tidemark/streams";
import type { NearEnd } from "@tidemark/thread-channel";
import type { AcceptedBody } from "../bodies.ts";
import { Problem } from "../problem.ts";
import type { EventIntake, EventsBody } from "./event-intake.ts";
import type { CarriedProblem, EventsTaken, TakeEvents } from "./intake-messages.ts";

/** The near end of the channel to an intake. */
export type IntakeEnd = NearEnd<TakeEvents, EventsTaken>;

/** The intake that `serveIntake` serves at the far end. The channel keeps no event loop alive: who waits for an answer has a connection open. */
export function connectIntake(near: IntakeEnd): EventIntake {
  const waiting = new Map<number, PromiseWithResolvers<AcceptedBody>>();
  let idLast = 0;
  let isClosed = false;

  near.listen((answer) => {
    const asked = waiting.get(answer.id);
    waiting.delete(answer.id);
    if ("accepted" in answer) asked?.resolve(answer.accepted);
    else asked?.reject("problem" in answer ? problemOf(answer.problem) : revivedError(answer.error));
  });
  void refuseOnceGone();

  return {
    take(body) {
      if (isClosed) return Promise.reject(gone());
      const id = (idLast += 1);
      const asked = Promise.withResolvers<AcceptedBody>();
      waiting.set(id, asked);
      const own = ownBody(body);
      near.send({ id, body: own }, [own.bytes.buffer]);
      return asked.promise;
    },
  };

  async function refuseOnceGone(): Promise<void> {
    await near.closed;
    isClosed = true;
    for (const { reject } of waiting.values()) reject(gone());
    waiting.clear();
  }
}

function gone(): LogUnavailable {
  return new LogUnavailable("the thread that stores events is gone");
}

function problemOf({ status, code, detail, members }: CarriedProblem): Problem {
  return new Problem(status, code, detail, { members });
}

/** Small bodies share their memory with others, which must not be given away with them. */
function ownBody({ form, bytes }: EventsBody): EventsBody & { readonly bytes: Uint8Array<ArrayBuffer> } {
  return { form, bytes: new Uint8Array(bytes) };
}
