import { fastifySSE } from "@fastify/sse";
import type { FastifyReply } from "fastify";
import { z } from "zod";
import { TIERS } from "./bodies.ts";
import type { HttpServer } from "./http-server.ts";
import type { LiveStreams } from "./live-streams.ts";
import { Problem } from "./problem.ts";
import { parsePosition } from "./stream-position.ts";
import type { EventSink } from "./subscription.ts";
import type { StreamSource } from "./topic-tail.ts";

const query = z.object({
  tier: z.string().toLowerCase().pipe(z.enum(TIERS)).optional().describe("Only customers of this tier."),
  segment: z.string().min(1).max(256).optional().describe("Only customers of this segment."),
  last: z.coerce
    .number()
    .int()
    .min(1)
    .max(100)
    .optional()
    .describe(
      "Begins with so many of the newest events that there are, oldest first, then follows without a gap; of scores, one a customer. Fewer where they lie far back. Not where Last-Event-ID resumes.",
    ),
  perSecondMax: z.coerce
    .number()
    .int()
    .min(1)
    .max(1000)
    .optional()
    .describe(
      "For watching: at most so many events a second, the newest ones; the others are left out. Those of `last` are not counted.",
    ),
});

const headers = z.object({
  "last-event-id": z.string().optional().describe("Resumes right behind the event of this id."),
});

const STREAMS: Readonly<Record<string, StreamSource["event"]>> = {
  scores: "score",
  "tier-changes": "tier-change",
  "churn-alerts": "churn-alert",
};

/**
 * `GET /v1/streams/…`: server-sent events. @fastify/sse frames them and waits for the socket; it knows neither how to
 * drop, bound or share what waits for a slow client nor comments on a clock that is passed in, so queue, shared reader
 * and heartbeat are ours (`subscription.ts`).
 */
export async function addStreamsRoutes(
  server: HttpServer,
  { streams, partitions }: { readonly streams: LiveStreams; readonly partitions: number },
): Promise<void> {
  await server.register(fastifySSE, { heartbeatInterval: 0 });
  for (const [name, event] of Object.entries(STREAMS)) {
    server.get(
      `/v1/streams/${name}`,
      {
        schema: {
          tags: ["streams"],
          summary: `Server-sent events, "event: ${event}"`,
          querystring: query,
          headers,
          produces: ["text/event-stream"],
        },
        exposeHeadRoute: false,
        // "manual": a request that cannot be served is answered by a problem, whatever it accepts.
        sse: { kind: "manual", serializer: String },
      },
      async (request, reply) => {
        const lastId = request.headers["last-event-id"];
        const from = lastId === undefined ? null : parsePosition(lastId, partitions);
        if (lastId !== undefined && from === null) {
          throw new Problem(400, "LAST_EVENT_ID_INVALID", "Last-Event-ID must be an id of this stream, 0:123,1:98.");
        }
        const { tier = null, segment = null, last = 0, perSecondMax = null } = request.query;
        const asked = { event, from, newestMax: last, tier, segment, perSecondMax };
        // When the stream ends the connection does: otherwise it would idle on, and hold up the end of the server.
        void reply.header("connection", "close");
        await streams.serve(asked, sinkOf(reply), (client) => {
          reply.sse.onClose(() => client.stop());
          if (reply.raw.destroyed) client.stop();
        });
      },
    );
  }
}

function sinkOf(reply: FastifyReply): EventSink {
  return {
    send: (message) => reply.sse.send(message),
    comment: (text) => void reply.raw.write(`: ${text}\n\n`),
    cut: () => reply.raw.destroy(),
  };
}
