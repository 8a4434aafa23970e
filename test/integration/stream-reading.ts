import { openEvents } from "../gateway/event-reader.ts";

/**
 * The bodies of a live stream's events, from the first record of its topic up to these ends.
 * @param url of the stream
 */
export async function readStream(url: string, partitions: readonly { readonly end: number }[]): Promise<unknown[]> {
  const place = (offsets: readonly number[]): string => offsets.map((offset, index) => `${index}:${offset}`).join(",");
  const ends = place(partitions.map(({ end }) => end));
  await using events = await openEvents(url, { "last-event-id": place(partitions.map(() => 0)) });
  const bodies: unknown[] = [];
  for (let reached = ""; reached !== ends;) {
    const { data, id } = await events.nextEvent();
    bodies.push(JSON.parse(data));
    reached = id;
  }
  return bodies;
}
