/**
 * A place in a stream: for each partition of its topic the offset of the next record to be delivered. On the wire,
 * as the `id` of a server-sent event: `0:123,1:98`.
 */
export type StreamPosition = readonly number[];

/** The position as an event id. */
export function formatPosition(position: StreamPosition): string {
  let text = "";
  for (let partition = 0; partition < position.length; partition++) {
    if (partition > 0) text += ",";
    text += `${partition}:${position[partition]}`;
  }
  return text;
}

const ENTRY = /^(\d{1,6}):(\d{1,16})$/;
const POSITION_LENGTH_MAX = 65_536;

/** Reads an event id that {@link formatPosition} made for a topic of that many partitions; null for anything else. */
export function parsePosition(text: string, partitions: number): number[] | null {
  if (text.length > POSITION_LENGTH_MAX) return null;
  const position = Array.from<number | undefined>({ length: partitions });
  const entries = text.split(",");
  if (entries.length !== partitions) return null;
  for (const entry of entries) {
    const match = ENTRY.exec(entry);
    if (match === null) return null;
    const partition = Number(match[1]);
    const offset = Number(match[2]);
    if (partition >= partitions || position[partition] !== undefined || !Number.isSafeInteger(offset)) return null;
    position[partition] = offset;
  }
  return position.filter((offset) => offset !== undefined);
}
