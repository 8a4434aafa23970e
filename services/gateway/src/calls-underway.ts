import type { HttpServer } from "./http-server.ts";

/** Knows how many calls are being answered. */
export interface CallsUnderway {
  /** Resolves as soon as there is none. */
  none(): Promise<void>;
}

/** @param server one without routes yet: hooks hold for what is added after them */
export function watchCalls(server: HttpServer): CallsUnderway {
  let count = 0;
  let waiting: (() => void)[] = [];
  const ended = (): void => {
    count--;
    if (count > 0) return;
    for (const resolve of waiting) resolve();
    waiting = [];
  };
  server.addHook("onRequest", (_request, reply, done) => {
    count++;
    // Comes at the end of every answer, also of one that nobody waited for any more.
    reply.raw.once("close", ended);
    done();
  });
  return {
    none() {
      if (count === 0) return Promise.resolve();
      return new Promise((resolve) => waiting.push(resolve));
    },
  };
}
