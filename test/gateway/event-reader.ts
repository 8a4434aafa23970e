/** One server-sent event as it came over the wire. */
export interface WireEvent {
  readonly event: string | null;
  readonly id: string | null;
  readonly data: string | null;
  readonly comment: string | null;
}

/** Follows a stream; leaving the loop or the `using` scope ends the connection. */
export interface EventReader extends AsyncDisposable {
  readonly response: Response;
  /** The next block, comments and ids by themselves included; null at the end of the stream. */
  next(): Promise<WireEvent | null>;
  /** The next one that has data. @throws Error if the stream ends before */
  nextEvent(): Promise<WireEvent & { readonly data: string; readonly id: string }>;
}

export async function openEvents(url: string, headers: Record<string, string> = {}): Promise<EventReader> {
  const abort = new AbortController();
  const response = await fetch(url, { headers, signal: abort.signal });
  const blocks = blocksOf(response);
  const next = async (): Promise<WireEvent | null> => {
    const { value, done } = await blocks.next();
    return done === true ? null : value;
  };
  return {
    response,
    next,
    async nextEvent() {
      for (;;) {
        const event = await next();
        if (event === null) throw new Error("the stream has ended");
        if (event.data !== null && event.id !== null) return { ...event, data: event.data, id: event.id };
      }
    },
    async [Symbol.asyncDispose]() {
      abort.abort();
      await blocks.return(undefined).catch(() => undefined);
    },
  };
}

async function* blocksOf(response: Response): AsyncGenerator<WireEvent, void, undefined> {
  if (response.body === null) return;
  let text = "";
  for await (const chunk of response.body.pipeThrough(new TextDecoderStream())) {
    text += chunk;
    for (let end = text.indexOf("\n\n"); end >= 0; end = text.indexOf("\n\n")) {
      yield parseBlock(text.slice(0, end));
      text = text.slice(end + 2);
    }
  }
}

function parseBlock(block: string): WireEvent {
  const fields = new Map(
    block.split("\n").map((line) => [line.slice(0, line.indexOf(":")), line.slice(line.indexOf(":") + 2)]),
  );
  const field = (name: string): string | null => fields.get(name) ?? null;
  return { event: field("event"), id: field("id"), data: field("data"), comment: field("") };
}
