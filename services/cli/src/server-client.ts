import type { Clock } from "@tidemark/streams";
import { CommandFailed, exitCodes } from "./failure.ts";

export interface ServerCall {
  readonly method: "GET" | "POST" | "DELETE";
  /** From the slash on. */
  readonly path: string;
  readonly body?: string;
  readonly contentType?: string;
}

/** An answer below 500, read whole. */
export interface ServerAnswer {
  readonly status: number;
  readonly text: string;
}

export interface ServerClient {
  readonly url: string;
  /** @throws CommandFailed: unreachable where nobody answers or the log stays down, configuration without a valid key */
  call(call: ServerCall): Promise<ServerAnswer>;
}

export interface ServerClientOptions {
  readonly url: string;
  /** Any key the server knows; null = it wants none. */
  readonly apiKey: string | null;
  readonly clock: Clock;
  readonly signal: AbortSignal;
}

/** Calls a running server; waits and tries again while it says 503, as its contract asks. */
export function serverClient({ url, apiKey, clock, signal }: ServerClientOptions): ServerClient {
  const base = url.replace(/\/+$/u, "");

  async function call({ method, path, body, contentType }: ServerCall): Promise<ServerAnswer> {
    const headers = {
      ...(apiKey === null ? {} : { authorization: `Bearer ${apiKey}` }),
      ...(contentType === undefined ? {} : { "content-type": contentType }),
    };
    for (let attempt = 1; ; attempt += 1) {
      const { response, text } = await reach(`${base}${path}`, {
        method,
        headers,
        signal,
        ...(body === undefined ? {} : { body }),
      });
      if (response.status === 503 && attempt < ATTEMPTS_MAX) {
        const seconds = Number(response.headers.get("retry-after") ?? 1);
        await clock.sleep(1000 * Math.min(Math.max(seconds, 1), RETRY_SECONDS_MAX), signal);
        signal.throwIfAborted();
        continue;
      }
      if (response.status === 401) {
        throw new CommandFailed(exitCodes.configuration, `${base} wants a key: set TIDEMARK_API_KEYS to one it knows`);
      }
      if (response.status >= 500) {
        throw new CommandFailed(
          exitCodes.unreachable,
          `${base} cannot do it now (${response.status}); try again later`,
        );
      }
      return { status: response.status, text };
    }
  }

  async function reach(address: string, request: RequestInit): Promise<{ response: Response; text: string }> {
    try {
      const response = await fetch(address, request);
      return { response, text: await response.text() };
    } catch (cause) {
      signal.throwIfAborted();
      throw new CommandFailed(
        exitCodes.unreachable,
        `nobody answers at ${base}; is the server running? (tidemark start, or name it with --url)`,
        { cause },
      );
    }
  }

  return { url: base, call };
}

const ATTEMPTS_MAX = 30;
const RETRY_SECONDS_MAX = 10;
