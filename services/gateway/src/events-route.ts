import { acceptedBody, type AcceptedBody, problemBody } from "./bodies.ts";
import { boundCalls } from "./calls-bound.ts";
import type { HttpServer } from "./http-server.ts";
import type { EventIntake, EventsBody } from "./intake/index.ts";
import { Problem } from "./problem.ts";

/** As many of the largest bodies are received and stored at one moment; smaller ones are received as they come. */
const BOUNDS = { bytesMax: 64 * 1024 * 1024, callsMax: 64 };

/** `POST /v1/events`: answers once everything accepted is durable. */
export function addEventsRoute(server: HttpServer, intake: EventIntake): void {
  const { onRequest, storing } = boundCalls(BOUNDS);

  server.post("/v1/events", { schema: SCHEMA, onRequest }, async (request, reply): Promise<AcceptedBody> => {
    const body = bodyOf(request.headers["content-type"], request.body);
    const accepted = await storing(() => intake.take(body));
    void reply.code(202);
    return accepted;
  });
}

const SCHEMA = {
  tags: ["events"],
  summary: "Stores events",
  description:
    "At most 1,000 events and 1 MiB. 202 means that all accepted events are durable; each rejected one has its reason, and its neighbours are taken. An event sent twice (same eventId) counts once.",
  response: {
    202: acceptedBody,
    400: problemBody,
    413: problemBody,
    415: problemBody,
    422: problemBody,
    503: problemBody,
  },
};

/** @throws Problem 400 */
function bodyOf(contentType: string | undefined, bytes: unknown): EventsBody {
  if (!Buffer.isBuffer(bytes)) throw new Problem(400, "BODY_MISSING", "The call needs a body.");
  return { form: contentType?.startsWith("application/x-ndjson") === true ? "ndjson" : "json", bytes };
}
