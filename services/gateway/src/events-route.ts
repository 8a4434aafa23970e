import { type Contracts, type InputEvent, parseInputEvent, UnencodableRecord } from "@tidemark/contracts";
import type { Clock, EventLog } from "@tidemark/streams";
import { acceptedBody, type AcceptedBody, problemBody } from "./bodies.ts";
import { BatchBuilder } from "./batch-builder.ts";
import type { HttpServer } from "./http-server.ts";
import { Problem } from "./problem.ts";
import { ENTRIES_A_SLICE, type Entry, readEvents, readLines } from "./request-body.ts";

const EVENTS_MAX = 1000;
/** Requests being stored at one moment, each at most a body large; beyond it senders are told to wait. */
const REQUESTS_MAX = 64;

export interface EventsRouteOptions {
  readonly log: EventLog;
  readonly contracts: Contracts;
  readonly clock: Clock;
  readonly partitions: number;
  readonly clockMode: "wall" | "event";
}

/** `POST /v1/events`: answers once everything accepted is durable, with one append. */
export function addEventsRoute(server: HttpServer, options: EventsRouteOptions): void {
  const { log, clock } = options;
  let underway = 0;

  server.post("/v1/events", { schema: SCHEMA }, async (request, reply): Promise<AcceptedBody> => {
    if (underway >= REQUESTS_MAX) {
      throw new Problem(503, "BUSY", "Too many requests are being stored.", { retryAfterSeconds: 1 });
    }
    underway++;
    try {
      // Of bodies that have come together each waits for a pass of the event loop of its own, so that a query waits for one, not for all.
      await clock.yield();
      const entries = entriesOf(request.headers["content-type"], request.body);
      const { batches, accepted, rejected } = await encodeEvents(entries, options);
      if (accepted === 0 && rejected.length > 0) {
        throw new Problem(422, "ALL_REJECTED", "None of the events can be taken.", { members: { accepted, rejected } });
      }
      if (accepted > 0) await log.append(batches.build());
      void reply.code(202);
      return { accepted, rejected };
    } finally {
      underway--;
    }
  });
}

const SCHEMA = {
  tags: ["events"],
  summary: "Stores events",
  description:
    "At most 1,000 events and 1 MiB. 202 means that all accepted events are durable; each rejected one has its reason, and its neighbours are taken. An event sent twice (same eventId) counts once.",
  response: { 202: acceptedBody, 400: problemBody, 413: problemBody, 422: problemBody, 503: problemBody },
};

type Rejected = AcceptedBody["rejected"][number];

/** @throws Problem 400, 413, 415 */
function entriesOf(contentType: string | undefined, body: unknown): Iterable<Entry> {
  if (!Buffer.isBuffer(body)) throw new Problem(400, "BODY_MISSING", "The call needs a body.");
  return contentType?.startsWith("application/x-ndjson") === true
    ? readLines(body, EVENTS_MAX)
    : readEvents(body, EVENTS_MAX);
}

interface Encoded {
  readonly batches: BatchBuilder;
  readonly accepted: number;
  readonly rejected: Rejected[];
}

async function encodeEvents(
  entries: Iterable<Entry>,
  { contracts, clock, clockMode, partitions }: EventsRouteOptions,
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
    batches.add(contracts.topics[event.topic], event.record.customerId, encodeInput(contracts, event));
    return null;
  } catch (error) {
    if (!(error instanceof UnencodableRecord)) throw error;
    return { code: error.code, path: "", message: "a value cannot be stored exactly" };
  }
}

function encodeInput({ codecs }: Contracts, event: InputEvent): Uint8Array {
  switch (event.topic) {
    case "purchases":
      return codecs.purchases.encode(event.record);
    case "interactions":
      return codecs.interactions.encode(event.record);
    case "complaints":
      return codecs.complaints.encode(event.record);
    case "customers":
      return codecs.customers.encode(event.record);
  }
  return event satisfies never;
}
