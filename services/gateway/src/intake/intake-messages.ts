import type { CarriedError } from "@tidemark/streams";
import type { AcceptedBody } from "../bodies.ts";
import type { EventsBody } from "./event-intake.ts";

/** What goes over the channel to an intake in another thread: each is answered once. Its bytes are transferred. Ids are the asker's to give, each once. */
export interface TakeEvents {
  readonly id: number;
  readonly body: EventsBody;
}

export type EventsTaken =
  | { readonly id: number; readonly accepted: AcceptedBody }
  | { readonly id: number; readonly problem: CarriedProblem }
  | { readonly id: number; readonly error: CarriedError };

/** A Problem on its way to another thread. */
export interface CarriedProblem {
  readonly status: number;
  readonly code: string;
  readonly detail: string;
  readonly members: Readonly<Record<string, unknown>>;
}
