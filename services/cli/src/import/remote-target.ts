import type { ImportChunk, ImportItem, ImportStatus, ImportTarget } from "@tidemark/gateway";
import { z } from "zod";
import type { Settings } from "@tidemark/installation";
import { contradictions, type Installation } from "../data-directory.ts";
import { CommandFailed, exitCodes } from "../failure.ts";
import type { ServerAnswer, ServerClient } from "../server-client.ts";

/** An import through a running server: `GET` and `POST /v1/imports/{digest}`. */
export function remoteTarget(client: ServerClient): ImportTarget {
  return {
    async progress(digest): Promise<ImportStatus> {
      const answer = await client.call({ method: "GET", path: `/v1/imports/${digest}` });
      const status = answer.status === 200 ? parsed(statusSchema, answer.text) : null;
      if (status === null) throw refused(client, answer);
      return status;
    },
    async append({ digest, from, items, complete }: ImportChunk): Promise<void> {
      const answer = await client.call({
        method: "POST",
        path: `/v1/imports/${digest}?from=${from}&complete=${complete}`,
        contentType: "application/x-ndjson",
        body: items.map(lineOf).join(""),
      });
      if (answer.status !== 200) throw refused(client, answer);
    },
  };
}

/** By which a file's rows become items. */
export type ImportRules = Pick<Installation, "clock" | "currency" | "timeZone">;

/**
 * The rules of a running server, whatever the defaults of here are: `GET /v1/imports`.
 * @throws CommandFailed (configuration) where a setting contradicts them
 */
export async function remoteRules(client: ServerClient, settings: Settings): Promise<ImportRules> {
  const answer = await client.call({ method: "GET", path: "/v1/imports" });
  if (answer.status === 404) {
    const why =
      "it does not say in which currency and time zone it counts; upgrade it, or see that --url names a server of tidemark";
    throw new CommandFailed(exitCodes.configuration, `${client.url} does not take the import: ${why}`);
  }
  const rules = answer.status === 200 ? parsed(rulesSchema, answer.text) : null;
  if (rules === null) throw refused(client, answer);
  const problems = contradictions(rules, settings);
  if (problems.length === 0) return rules;
  const advice = "leave the setting out to import by the server's, or name another server with --url; nothing was sent";
  throw new CommandFailed(
    exitCodes.configuration,
    [`${client.url} has other settings:`, ...problems, advice].join("\n"),
  );
}

const rulesSchema = z.object({ clock: z.enum(["wall", "event"]), currency: z.string(), timeZone: z.string() });
const statusSchema = z.object({ itemsDone: z.int().min(0), complete: z.boolean() });
const problemSchema = z.object({ code: z.string(), detail: z.string() });

function lineOf(item: ImportItem): string {
  if (item.type === "tick") return `${JSON.stringify(item)}\n`;
  const said = Object.entries(item.record).filter(([, value]) => value !== null);
  return `${JSON.stringify({ type: "purchase", ...Object.fromEntries(said) })}\n`;
}

function refused(client: ServerClient, answer: ServerAnswer): CommandFailed {
  if (answer.status === 409) {
    return new CommandFailed(
      exitCodes.rowsRejected,
      "another import of the same file is under way; let it end, then import again to see that all is in",
    );
  }
  const problem = parsed(problemSchema, answer.text);
  const why = problem === null ? `status ${answer.status}` : `${problem.code}: ${problem.detail}`;
  return new CommandFailed(exitCodes.configuration, `${client.url} does not take the import: ${why}`);
}

/** null where it is something else, or no JSON. */
function parsed<Schema extends z.ZodType>(schema: Schema, text: string): z.infer<Schema> | null {
  try {
    const result = schema.safeParse(JSON.parse(text));
    return result.success ? result.data : null;
  } catch {
    return null;
  }
}
