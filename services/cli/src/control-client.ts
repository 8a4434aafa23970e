import { createInterface } from "node:readline";
import { Readable } from "node:stream";
import { z } from "zod";
import type { CommandContext } from "./command-context.ts";
import { CommandFailed, exitCodes } from "./failure.ts";
import type { Inspection, DataSource } from "./inspection.ts";
import type { Draft } from "./model/draft-artefact.ts";
import type { Publication, PublishedModel } from "./model/published-models.ts";
import type { ReplaySummary } from "./replay/replay-letters.ts";
import type { ServerAddress } from "./server-address.ts";

/** Asks the control server of a process that has the data directory open. */
export interface ControlClient extends DataSource {
  /** Resolves when the server has applied what was in the log at the call, and queries see it. */
  caughtUp(onLeft: (records: number) => void): Promise<void>;
}

export function controlClient({ url, token }: ServerAddress["control"], context: CommandContext): ControlClient {
  const { clock, signal } = context;

  async function get(path: string, method: "GET" | "POST" = "GET", body: string | null = null): Promise<Response> {
    try {
      const headers = { authorization: `Bearer ${token}` };
      const response = await fetch(`${url}${path}`, { method, headers, signal, ...(body === null ? {} : { body }) });
      if (response.ok) return response;
    } catch {
      signal.throwIfAborted();
    }
    throw new CommandFailed(
      exitCodes.unreachable,
      "the server that has the data directory open does not answer: try again, or stop it first",
    );
  }

  async function* lines(path: string): AsyncGenerator<string> {
    const { body } = await get(path);
    if (body !== null) yield* createInterface({ input: Readable.fromWeb(body) });
  }

  return {
    // Of the same release: it is the process that wrote server.json.
    inspect: async () => (await (await get("/inspect")).json()) as Inspection,
    profiles: () => lines("/profiles"),
    customer: (id) => lines(`/customer?${new URLSearchParams({ id }).toString()}`),
    async replay({ code, again }) {
      const words = new URLSearchParams({ again: String(again), ...(code === null ? {} : { code }) }).toString();
      return (await (await get(`/replay?${words}`, "POST")).json()) as ReplaySummary;
    },
    models: async () => (await (await get("/models")).json()) as readonly PublishedModel[],
    async publish(text, role) {
      return (await (await get(`/models?role=${role}`, "POST", text)).json()) as Publication;
    },
    async draft(tiersBy) {
      const words = new URLSearchParams(tiersBy === null ? {} : { tiersBy }).toString();
      return (await (await get(`/draft?${words}`)).json()) as Draft;
    },
    async caughtUp(onLeft) {
      await reached("", onLeft);
      await reached("shown-", () => undefined);
    },
  };

  async function reached(what: string, onLeft: (records: number) => void): Promise<void> {
    const { goal } = goalSchema.parse(await (await get(`/${what}goal`)).json());
    for (;;) {
      const { left } = leftSchema.parse(await (await get(`/${what}left?goal=${goal}`)).json());
      if (left <= 0) return;
      onLeft(left);
      await clock.sleep(POLL_MS, signal);
      signal.throwIfAborted();
    }
  }
}

const POLL_MS = 100;
/** What is to be said again when it is asked how much is left. */
const goalSchema = z.object({ goal: z.union([z.int(), z.string()]) });
const leftSchema = z.object({ left: z.int() });
