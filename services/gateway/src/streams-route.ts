import { fastifySSE } from "@fastify/sse";
import type { FastifyReply } from "fastify";
import { z } from "zod";
import { problemBody, scoreEventBody, TIERS } from "./bodies.ts";
import { alertEventBody, tierChangeEventBody } from "./event-bodies.ts";
import { EVENT_EXAMPLES } from "./event-examples.ts";
import type { HttpServer } from "./http-server.ts";
import type { LiveStreams } from "./live-streams.ts";
import { Problem } from "./problem.ts";
import { parsePosition } from "./stream-position.ts";
import type { EventSink } from "./subscription.ts";

const query = z.object({
  tier: z
    .string()
    .toLowerCase()
    .pipe(z.enum(TIERS))
    .optional()
    // Upper case is understood as well, hence no enum by itself.
    .meta({ description: "Only customers of this tier.", enum: [...TIERS] }),
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

const STREAMS = {
  scores: { event: "score", body: scoreEventBody, about: "Each score as it is made" },
  "tier-changes": { event: "tier-change", body: tierChangeEventBody, about: "Each change of a tier, and why" },
  "churn-alerts": { event: "churn-alert", body: alertEventBody, about: "Each alert raised or cleared, and why" },
} as const;

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
  for (const [name, { event, body, about }] of Object.entries(STREAMS)) {
    server.get(
      `/v1/streams/${name}`,
      {
        schema: {
          tags: ["streams"],
          summary: about,
          description: `Server-sent events, \`event: ${event}\`. The \`id\` of each is the place behind it in every partition: sent as Last-Event-ID it resumes there, repeats and misses nothing. \`event: reset\` says that the log no longer holds that place. A comment comes every 15 s at the latest.`,
          querystring: query,
          headers,
          produces: ["text/event-stream"],
          response: {
            200: body.meta({ description: "`data` of each event.", examples: [EVENT_EXAMPLES[event]] }),
            503: problemBody,
          },
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
