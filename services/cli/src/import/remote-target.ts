import type { ImportChunk, ImportItem, ImportStatus, ImportTarget } from "@tidemark/gateway";
import { z } from "zod";
import { CommandFailed, exitCodes } from "../failure.ts";
import { jsonIn } from "../json-text.ts";
import type { ServerAnswer, ServerClient } from "../server-client.ts";

/** An import through a running server: `GET` and `POST /v1/imports/{digest}`. */
export function remoteTarget(client: ServerClient): ImportTarget {
  return {
    async progress(digest): Promise<ImportStatus> {
      const answer = await client.call({ method: "GET", path: `/v1/imports/${digest}` });
      const status = answer.status === 200 ? jsonIn(statusSchema, answer.text) : null;
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
  const problem = jsonIn(problemSchema, answer.text);
  const why = problem === null ? `status ${answer.status}` : `${problem.code}: ${problem.detail}`;
  return new CommandFailed(exitCodes.configuration, `${client.url} does not take the import: ${why}`);
}
