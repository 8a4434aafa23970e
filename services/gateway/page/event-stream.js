import { call, KeyRequired } from "./api.js";

/**
 * Follows a stream of server-sent events for as long as the page lives and resumes by the last id after a break.
 * EventSource cannot send a key, hence fetch.
 *
 * @param {string} path
 * @param {{
 *   onOpen: () => void,
 *   onEvent: (event: string, data: string, id: string) => void,
 *   onBreak: () => void,
 *   onKeyRequired: () => Promise<void>,
 * }} handlers
 */
export async function follow(path, handlers) {
  let lastId = "";
  let pauseMs = PAUSE_MS_MIN;
  for (;;) {
    try {
      const response = await call(path, {
        headers: { accept: "text/event-stream", ...(lastId === "" ? {} : { "last-event-id": lastId }) },
      });
      if (response.body === null) throw new TypeError("an answer without a body");
      handlers.onOpen();
      pauseMs = PAUSE_MS_MIN;
      for await (const event of readEvents(response.body)) {
        if (event.id !== "") lastId = event.id;
        if (event.data !== "") handlers.onEvent(event.event, event.data, lastId);
      }
    } catch (error) {
      if (error instanceof KeyRequired) {
        await handlers.onKeyRequired();
        continue;
      }
    }
    handlers.onBreak();
    await new Promise((resolve) => {
      setTimeout(resolve, pauseMs);
    });
    pauseMs = Math.min(pauseMs * 2, PAUSE_MS_MAX);
  }
}

const PAUSE_MS_MIN = 500;
const PAUSE_MS_MAX = 10_000;

/**
 * The events of a body, as the HTML standard reads them. Our server sends LF line ends and one `data` line.
 * @param {ReadableStream<Uint8Array<ArrayBuffer>>} body
 */
async function* readEvents(body) {
  const reader = body.pipeThrough(new TextDecoderStream()).getReader();
  let text = "";
  try {
    for (;;) {
      const { value, done } = await reader.read();
      if (done) return;
      text += value;
      const blocks = text.split("\n\n");
      text = blocks.pop() ?? "";
      for (const block of blocks) yield parseBlock(block);
    }
  } finally {
    await reader.cancel().catch(() => undefined);
  }
}

/** @param {string} block */
function parseBlock(block) {
  const event = { event: "message", data: "", id: "" };
  for (const line of block.split("\n")) {
    const colon = line.indexOf(": ");
    const value = line.slice(colon + 2);
    if (line.startsWith("event: ")) event.event = value;
    else if (line.startsWith("data: ")) event.data = value;
    else if (line.startsWith("id: ")) event.id = value;
  }
  return event;
}
