import { type Contracts, encodeInput, parseInputEvent, UnencodableRecord } from "@tidemark/contracts";
import type { Clock, EventLog } from "@tidemark/streams";
import { BatchBuilder } from "../batch-builder.ts";
import type { AcceptedBody } from "../bodies.ts";
import { Problem } from "../problem.ts";
import { ENTRIES_A_SLICE, type Entry, readEvents, readLines } from "./request-body.ts";

/** The body of a call that stores events, as it came. */
export interface EventsBody {
  readonly form: "ndjson" | "json";
  readonly bytes: Uint8Array;
}

/** Takes events in: reads, checks, encodes and appends them. In the thread of its caller, or in another (`connectIntake`). */
export interface EventIntake {
  /**
   * Resolves once everything accepted is durable, with one append. The bytes are its own from then on.
   * @throws Problem 400, 413, 422; LogUnavailable: nothing is known to be stored
   */
  take(body: EventsBody): Promise<AcceptedBody>;
}

export interface EventIntakeOptions {
  readonly log: EventLog;
  readonly contracts: Contracts;
  readonly clock: Clock;
  /** Of every topic keyed by customer. */
  readonly partitions: number;
  readonly clockMode: "wall" | "event";
}

export function createEventIntake(options: EventIntakeOptions): EventIntake {
  const { log, clock } = options;
  return {
    async take(body) {
      // Of bodies that have come together each waits for a pass of the event loop of its own, so that others wait for one, not for all.
      await clock.yield();
      const { batches, accepted, rejected } = await encodeEvents(entriesOf(body), options);
      if (accepted === 0 && rejected.length > 0) {
        throw new Problem(422, "ALL_REJECTED", "None of the events can be taken.", { members: { accepted, rejected } });
      }
      if (accepted > 0) await log.append(batches.build());
      return { accepted, rejected };
    },
  };
}

const EVENTS_MAX = 1000;

type Rejected = AcceptedBody["rejected"][number];

/** @throws Problem 400, 413 */
function entriesOf({ form, bytes }: EventsBody): Iterable<Entry> {
  const body = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length);
  return form === "ndjson" ? readLines(body, EVENTS_MAX) : readEvents(body, EVENTS_MAX);
}

interface Encoded {
  readonly batches: BatchBuilder;
  readonly accepted: number;
  readonly rejected: Rejected[];
}

async function encodeEvents(
  entries: Iterable<Entry>,
  { contracts, clock, clockMode, partitions }: EventIntakeOptions,
): Promise<Encoded> {
  const referenceAt = clockMode === "wall" ? clock.now() : null;
  const batches = new BatchBuilder(partitions);
  const rejected: Rejected[] = [];
  let index = 0;
  for (const entry of entries) {
    if (index > 0 && index % ENTRIES_A_SLICE === 0) await clock.yield();
    const refusal = addEvent(batches, contracts, entry, referenceAt);
    if (refusal !== null) rejected.push({ index, ...refusal });
    index++;
  }
  return { batches, accepted: index - rejected.length, rejected };
}

/** Puts an event into its batch, or says why not. */
function addEvent(
  batches: BatchBuilder,
  contracts: Contracts,
  entry: Entry,
  referenceAt: number | null,
): Omit<Rejected, "index"> | null {
  if (!entry.ok) return { code: entry.code, path: "", message: entry.message };
  const event = parseInputEvent(entry.json, { referenceAt });
  if (!event.ok) return { code: event.code, path: event.path, message: event.message };
  try {
    batches.add(contracts.topics[event.topic], event.record.customerId, encodeInput(contracts.codecs, event));
    return null;
  } catch (error) {
    if (!(error instanceof UnencodableRecord)) throw error;
    return { code: error.code, path: "", message: "a value cannot be stored exactly" };
  }
}
