import { isTime, parseInputEvent, parseInstant } from "@tidemark/contracts";
import type { Model } from "@tidemark/scoring";
import type { Clock } from "@tidemark/streams";
import { z } from "zod";
import { importBody, type ImportBody, importRulesBody, type ImportRulesBody, problemBody } from "./bodies.ts";
import { boundCalls } from "./calls-bound.ts";
import type { HttpServer } from "./http-server.ts";
import { ImportConflict, type ImportItem, type ImportTarget } from "./import-target.ts";
import { Problem } from "./problem.ts";
import { ENTRIES_A_SLICE, type Entry, readLines } from "./intake/index.ts";

/** A chunk is a few segments large, so that a file of millions of rows takes hundreds of calls, not thousands. */
const IMPORT_BYTES_MAX = 8 * 1024 * 1024;
const IMPORT_ITEMS_MAX = 20_000;
/** Chunks are stored one after the other, so that more of them at one moment would only wait, each some times as large as its body. */
const BOUNDS = { bytesMax: 8 * IMPORT_BYTES_MAX, callsMax: 8 };

const params = z.object({
  digest: z
    .string()
    .regex(/^[0-9a-f]{64}$/)
    .describe("SHA-256 of the file's content, lower-case hexadecimal."),
});
const query = z.object({
  from: z.coerce.number().int().min(0).describe("Items of the file before this chunk."),
  complete: z.enum(["true", "false"]).default("false").describe("Whether the file ends with this chunk."),
});

export interface ImportsRouteOptions {
  readonly target: ImportTarget;
  readonly clock: Clock;
  readonly clockMode: "wall" | "event";
  /** Says currency and time zone. */
  readonly model: Model;
}

/**
 * `GET` and `POST /v1/imports/{digest}`: files, exactly once, in chunks that an interruption may cut anywhere; and `GET /v1/imports`, since
 * who sends a file makes the items of its rows: by other rules than those of here nothing of it would be scored.
 */
export function addImportsRoutes(server: HttpServer, options: ImportsRouteOptions): void {
  const { target, clockMode, model } = options;
  const { currency, timeZone } = model.artefact;
  const { onRequest, storing } = boundCalls(BOUNDS);
  server.get(
    "/v1/imports",
    {
      schema: {
        tags: ["imports"],
        summary: "By which rules the rows of a file become items here; they never change",
        response: { 200: importRulesBody },
      },
    },
    async (): Promise<ImportRulesBody> => ({ currency, timeZone, clock: clockMode }),
  );
  server.get(
    "/v1/imports/:digest",
    {
      schema: {
        tags: ["imports"],
        summary: "How far the import of a file is",
        params,
        response: { 200: importBody, 400: problemBody, 503: problemBody },
      },
    },
    async (request): Promise<ImportBody> => target.progress(request.params.digest),
  );
  server.post(
    "/v1/imports/:digest",
    {
      bodyLimit: IMPORT_BYTES_MAX,
      onRequest,
      schema: {
        tags: ["imports"],
        summary: "The next chunk of a file",
        description:
          'NDJSON of items in the order of the file: `{"type":"purchase", …}` as in POST /v1/events, and in clock mode event `{"type":"tick","at":…}`. All items are stored or, from some item on, none; 409 tells where to go on.',
        params,
        querystring: query,
        response: {
          200: importBody,
          400: problemBody,
          409: problemBody,
          413: problemBody,
          415: problemBody,
          422: problemBody,
          503: problemBody,
        },
      },
    },
    async (request): Promise<ImportBody> => {
      const { digest } = request.params;
      const { from, complete } = request.query;
      return storing(async () => {
        const items = await itemsOf(request.headers["content-type"], request.body, options);
        try {
          await target.append({ digest, from, items, complete: complete === "true" });
        } catch (error) {
          if (!(error instanceof ImportConflict)) throw error;
          const { itemsDone, complete: isComplete } = error.status;
          throw new Problem(409, error.code, "The chunk does not begin where the import stands.", {
            members: { itemsDone, complete: isComplete },
          });
        }
        return { itemsDone: from + items.length, complete: complete === "true" };
      });
    },
  );
}

/** All items, or nothing is taken. @throws Problem 400, 413, 415, 422 */
async function itemsOf(
  contentType: string | undefined,
  body: unknown,
  { clock, clockMode }: ImportsRouteOptions,
): Promise<ImportItem[]> {
  if (contentType?.startsWith("application/x-ndjson") !== true) {
    throw new Problem(415, "MEDIA_TYPE_UNSUPPORTED", "Send application/x-ndjson.");
  }
  // A file may end with nothing left to send but that it is complete.
  if (!Buffer.isBuffer(body)) return [];
  // As in POST /v1/events.
  await clock.yield();
  // In mode event the processor measures times by the ticks.
  const referenceAt = clockMode === "wall" ? clock.now() : null;
  const items: ImportItem[] = [];
  for (const entry of readLines(body, IMPORT_ITEMS_MAX)) {
    if (items.length > 0 && items.length % ENTRIES_A_SLICE === 0) await clock.yield();
    items.push(itemOf(entry, items.length, referenceAt));
  }
  return items;
}

function itemOf(entry: Entry, index: number, referenceAt: number | null): ImportItem {
  const refuse = (code: string, path: string, message: string): Problem =>
    new Problem(422, "ITEM_INVALID", "An item cannot be taken; nothing of the chunk was stored.", {
      members: { rejected: [{ index, code, path, message }] },
    });
  if (!entry.ok) throw refuse(entry.code, "", entry.message);
  const tick = tickOf(entry.json);
  if (tick !== null) {
    if (referenceAt !== null) throw refuse("CLOCK_MODE", "", "ticks belong to clock mode event");
    if (Number.isNaN(tick.at)) throw refuse("TIME_INVALID", "/at", "must be ms since 1970 or RFC 3339, up to 9999");
    return tick;
  }
  const event = parseInputEvent(entry.json, { referenceAt });
  if (!event.ok) throw refuse(event.code, event.path, event.message);
  if (event.topic !== "purchases") throw refuse("UNKNOWN_TYPE", "/type", "must be purchase or tick");
  return { type: "purchase", record: event.record };
}

/** null if it is no tick; `at` is NaN if that cannot be read. */
function tickOf(json: unknown): Extract<ImportItem, { type: "tick" }> | null {
  if (typeof json !== "object" || json === null || !("type" in json) || json.type !== "tick") return null;
  const at: unknown = "at" in json ? json.at : undefined;
  const read = typeof at === "string" ? (parseInstant(at) ?? Number.NaN) : at;
  return { type: "tick", at: Number.isInteger(read) && isTime(Number(read)) ? Number(read) : Number.NaN };
}
