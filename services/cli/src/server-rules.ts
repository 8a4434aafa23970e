import type { Settings } from "@tidemark/installation";
import { z } from "zod";
import { contradictions, type Installation } from "./data-directory.ts";
import { CommandFailed, exitCodes } from "./failure.ts";
import { jsonIn } from "./json-text.ts";
import type { ServerClient } from "./server-client.ts";

/** By which a server counts, and what is sent to it is made. */
export type ServerRules = Pick<Installation, "clock" | "currency" | "timeZone">;

/**
 * The rules of a running server, whatever the defaults of here are: `GET /v1/imports`.
 * @throws CommandFailed (configuration) where a setting contradicts them
 */
export async function serverRules(client: ServerClient, settings: Settings): Promise<ServerRules> {
  const { status, text } = await client.call({ method: "GET", path: "/v1/imports" });
  const rules = status === 200 ? jsonIn(schema, text) : null;
  if (rules === null) {
    const advice = "upgrade it, or see that --url names a server of tidemark";
    const said = "does not say in which currency and time zone it counts";
    throw new CommandFailed(exitCodes.configuration, `${client.url} ${said} (status ${status}): ${advice}`);
  }
  const problems = contradictions(rules, settings);
  if (problems.length === 0) return rules;
  const advice = "leave the setting out to go by the server's, or name another server with --url; nothing was sent";
  throw new CommandFailed(
    exitCodes.configuration,
    [`${client.url} has other settings:`, ...problems, advice].join("\n"),
  );
}

const schema = z.object({ clock: z.enum(["wall", "event"]), currency: z.string(), timeZone: z.string() });
