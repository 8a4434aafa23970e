// A door of its own: a thread that takes events in loads nothing of the HTTP interface.
export { connectIntake, type IntakeEnd } from "./connect-intake.ts";
export { createEventIntake } from "./event-intake.ts";
export type { EventIntake, EventIntakeOptions, EventsBody } from "./event-intake.ts";
export { ENTRIES_A_SLICE, readLines } from "./request-body.ts";
export type { Entry } from "./request-body.ts";
export { serveIntake } from "./serve-intake.ts";
