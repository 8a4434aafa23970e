import { z } from "zod";
import { CommandFailed, exitCodes } from "../failure.ts";
import type { ServerClient } from "../server-client.ts";
import type { ShopEvent } from "./shop-event.ts";

/** Most events of one call of `POST /v1/events`; a simulated event is below 700 bytes, so the body stays below 1 MiB. */
export const CALL_EVENTS_MAX = 1000;

const answerSchema = z.object({ accepted: z.int(), rejected: z.array(z.object({ code: z.string() })) });

/** Sends events; resolves once they are durable. @throws CommandFailed, also where any of them is rejected */
export async function postEvents(client: ServerClient, events: readonly ShopEvent[]): Promise<void> {
  const answer = await client.call({
    method: "POST",
    path: "/v1/events",
    contentType: "application/x-ndjson",
    body: events.map((event) => `${JSON.stringify(event)}\n`).join(""),
  });
  const result =
    answer.status === 202 || answer.status === 422 ? answerSchema.safeParse(JSON.parse(answer.text)) : null;
  if (result?.success !== true) {
    throw new CommandFailed(exitCodes.unreachable, `${client.url} does not take events: status ${answer.status}`);
  }
  const [first] = result.data.rejected;
  if (first === undefined) return;
  throw new CommandFailed(
    exitCodes.rowsRejected,
    `${client.url} rejected ${result.data.rejected.length} of ${events.length} simulated events: ${first.code}`,
  );
}
