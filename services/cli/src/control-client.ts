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

  /** null = nobody answered. */
  async function ask(path: string, method: "GET" | "POST", body: string | null): Promise<Response | null> {
    const headers = { authorization: `Bearer ${token}` };
    try {
      return await fetch(`${url}${path}`, { method, headers, signal, ...(body === null ? {} : { body }) });
    } catch {
      signal.throwIfAborted();
      return null;
    }
  }

  async function get(path: string, method: "GET" | "POST" = "GET", body: string | null = null): Promise<Response> {
    return answered(await ask(path, method, body));
  }

  /** Where the question is asked again and again anyway, a connection that broke is no answer yet. */
  async function getPatiently(path: string): Promise<Response> {
    let response = await ask(path, "GET", null);
    for (let attempt = 1; response === null && attempt < ATTEMPTS_MAX; attempt++) {
      await clock.sleep(POLL_MS, signal);
      signal.throwIfAborted();
      response = await ask(path, "GET", null);
    }
    return answered(response);
  }

  async function* lines(path: string): AsyncGenerator<string> {
    const { body } = await get(path);
    if (body === null) return;
    try {
      yield* createInterface({ input: Readable.fromWeb(body) });
    } catch {
      signal.throwIfAborted();
      throw unanswered();
    }
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
    const { goal } = goalSchema.parse(await (await getPatiently(`/${what}goal`)).json());
    for (;;) {
      const { left } = leftSchema.parse(await (await getPatiently(`/${what}left?goal=${goal}`)).json());
      if (left <= 0) return;
      onLeft(left);
      await clock.sleep(POLL_MS, signal);
      signal.throwIfAborted();
    }
  }
}

/** @throws CommandFailed if there was no answer, or not the one that was asked for */
function answered(response: Response | null): Response {
  if (response?.ok === true) return response;
  if (response === null) throw unanswered();
  throw new CommandFailed(
    exitCodes.unreachable,
    `${SERVER} could not do it (status ${response.status}): its log says why`,
  );
}

function unanswered(): CommandFailed {
  return new CommandFailed(exitCodes.unreachable, `${SERVER} does not answer: try again, or stop it first`);
}

const SERVER = "the server that has the data directory open";

const POLL_MS = 100;
const ATTEMPTS_MAX = 3;
/** What is to be said again when it is asked how much is left. */
const goalSchema = z.object({ goal: z.union([z.int(), z.string()]) });
const leftSchema = z.object({ left: z.int() });
