import { once } from "node:events";
import { connect } from "node:net";
import { Worker } from "node:worker_threads";
import { expect, test } from "vitest";
import { FRAME_BYTES_MAX, FrameReader, frameOf } from "./frames.ts";
import { joinChannel } from "./join-channel.ts";
import { openChannel } from "./open-channel.ts";

test("messages arrive both ways, in the order in which they were sent", async () => {
  const { near, wayIn } = openChannel<string, object>();
  const taken: object[] = [];
  near.listen((message) => taken.push(message));
  near.send("before it was joined");
  const far = await joinChannel<object, string>(wayIn);
  const heard: string[] = [];
  far.listen((message) => heard.push(message));
  near.send("after");
  const messages = Array.from({ length: 1_000 }, (_, index) => ({ index, text: "é".repeat(index), none: null }));
  for (const message of messages) far.send(message);
  await expect.poll(() => heard).toEqual(["before it was joined", "after"]);
  await far.close();
  await near.closed;
  expect(taken).toEqual(messages);
});

test("whatever becomes of its port, the channel is closed when all has been taken", async () => {
  const { near, wayIn } = openChannel<never, string>();
  const taken: number[] = [];
  near.listen((message) => taken.push(message.length));
  const far = await joinChannel<string, never>(wayIn);
  const portGone = once(wayIn.port, "close");
  wayIn.port.close();
  await portGone;
  const lengths = [8_000_000, 150_000, 1];
  for (const length of lengths) far.send("x".repeat(length));
  void far.close();
  await near.closed;
  expect(taken).toEqual(lengths);
});

test("memory is given away where it is asked for", async () => {
  const { near, wayIn } = openChannel<Uint8Array<ArrayBuffer>, never>();
  const far = await joinChannel<never, Uint8Array>(wayIn);
  const heard: Uint8Array[] = [];
  far.listen((message) => heard.push(message));
  const bytes = Uint8Array.of(1, 2, 3);
  near.send(bytes, [bytes.buffer]);
  expect(bytes.length).toBe(0);
  await expect.poll(() => heard).toEqual([Uint8Array.of(1, 2, 3)]);
  await far.close();
});

test("what a thread has sent before it dies is taken, and then it is told that it is gone", async () => {
  const { near, wayIn } = openChannel<never, string>();
  const taken: string[] = [];
  near.listen((message) => taken.push(message));
  const code = `
    import { workerData } from "node:worker_threads";
    import { joinChannel } from ${JSON.stringify(new URL("join-channel.ts", import.meta.url).href)};
    const far = await joinChannel(workerData);
    far.listen(() => undefined);
    far.send("the last word");
    throw new Error("a slip");`;
  const file = new URL(`data:text/javascript,${encodeURIComponent(code)}`);
  const worker = new Worker(file, { workerData: wayIn, transferList: [wayIn.port] });
  const died = new Promise((resolve) => worker.once("error", resolve));
  await near.closed;
  expect(taken).toEqual(["the last word"]);
  expect(await died).toMatchObject({ message: "a slip" });
});

test("one whose thread is gone before it has joined is closed, and nobody can join it", async () => {
  const { near, wayIn } = openChannel<string, never>();
  wayIn.port.close();
  await near.closed;
  near.send("to nobody");
  await expect(joinChannel(wayIn)).rejects.toThrow(/ECONNREFUSED|ENOENT/);
});

test("who does not know the token is turned away, and the far end is let in", async () => {
  const { near, wayIn } = openChannel<never, string>();
  const taken: string[] = [];
  near.listen((message) => taken.push(message));
  const other = openChannel<never, string>();
  await expect(joinChannel({ ...wayIn, token: other.wayIn.token })).rejects.toThrow(
    "the near end of the channel is gone",
  );
  const silent = connect({ path: wayIn.path });
  const far = await joinChannel<string, never>(wayIn);
  far.send("a word");
  await expect.poll(() => taken).toEqual(["a word"]);
  silent.destroy();
  await far.close();
  other.wayIn.port.close();
});

test("a frame may be cut anywhere, and one that is too long is not sent", () => {
  const messages = ["one", { two: [2n, new Date(2)] }, undefined];
  const bytes = Buffer.concat(messages.map(frameOf));
  for (let size = 1; size < bytes.length; size++) {
    const reader = new FrameReader();
    const read: unknown[] = [];
    for (let start = 0; start < bytes.length; start += size) {
      read.push(...reader.read(bytes.subarray(start, start + size)));
    }
    expect(read).toEqual(messages);
  }
  expect(() => frameOf(Buffer.alloc(FRAME_BYTES_MAX))).toThrow("stays below its bound");
});
