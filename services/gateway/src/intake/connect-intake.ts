import type { MessagePort } from "node:worker_threads";
import { LogUnavailable, revivedError } from "@tidemark/streams";
import type { AcceptedBody } from "../bodies.ts";
import { Problem } from "../problem.ts";
import type { EventIntake, EventsBody } from "./event-intake.ts";
import type { CarriedProblem, EventsTaken, TakeEvents } from "./intake-messages.ts";

/** The intake that `serveIntake` serves at the other end of a port. The port keeps no event loop alive: who waits for an answer has a connection open. */
export function connectIntake(port: MessagePort): EventIntake {
  const waiting = new Map<number, PromiseWithResolvers<AcceptedBody>>();
  let idLast = 0;
  let isClosed = false;

  port.on("message", (answer: EventsTaken) => {
    const asked = waiting.get(answer.id);
    waiting.delete(answer.id);
    if ("accepted" in answer) asked?.resolve(answer.accepted);
    else asked?.reject("problem" in answer ? problemOf(answer.problem) : revivedError(answer.error));
  });
  port.on("close", () => {
    isClosed = true;
    for (const { reject } of waiting.values()) reject(gone());
    waiting.clear();
  });
  port.unref();

  return {
    take(body) {
      if (isClosed) return Promise.reject(gone());
      const id = (idLast += 1);
      const asked = Promise.withResolvers<AcceptedBody>();
      waiting.set(id, asked);
      const own = ownBody(body);
      const message: TakeEvents = { id, body: own };
      port.postMessage(message, [own.bytes.buffer]);
      return asked.promise;
    },
  };
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
