import { randomUUID } from "node:crypto";
import { createServer, type Socket } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { MessageChannel } from "node:worker_threads";
import type { NearEnd, WayIn } from "./channel-end.ts";
import { FrameReader } from "./frames.ts";

export interface OpenChannel<Sent, Received> {
  /** This thread's. */
  readonly near: NearEnd<Sent, Received>;
  readonly wayIn: WayIn;
}

/** Opens a channel. It is closed, too, where the port of its way in is gone before anybody has joined it. */
export function openChannel<Sent, Received>(): OpenChannel<Sent, Received> {
  const { port1: port, port2 } = new MessageChannel();
  const wayIn: WayIn = { port: port2, path: newPath(), token: randomUUID() };
  const closed = Promise.withResolvers<void>();
  const frames = new FrameReader();
  let take: (message: Received) => void = () => undefined;
  let isJoined = false;

  const server = createServer((socket) => {
    socket.on("error", () => undefined).unref();
    void admit(socket);
  });
  server.maxConnections = CONNECTIONS_MAX;
  // Nobody can join then, which whoever tries is told.
  server.on("error", () => server.close());
  server.listen(wayIn.path).unref();
  port.once("close", () => {
    server.close();
    if (!isJoined) closed.resolve();
  });

  async function admit(socket: Socket): Promise<void> {
    const isFarEnd = await isTold(socket, wayIn.token);
    if (!isFarEnd || isJoined) {
      socket.destroy();
      return;
    }
    isJoined = true;
    server.close();
    socket.on("data", (chunk) => {
      for (const message of frames.read(chunk)) take(message as Received);
    });
    socket.once("close", () => closed.resolve());
    // Whatever happens to the far end from now on, what it has sent comes here.
    socket.write(JOINED);
  }

  return {
    near: {
      send: (message, transfer = []) => port.postMessage(message, transfer),
      listen: (taking) => (take = taking),
      closed: closed.promise,
    },
    wayIn,
  };
}

/** What the far end is told once it is let in. */
const JOINED = Buffer.of(1);

/** Of the far end, and of strangers who have found the path: beyond it they are turned away. */
const CONNECTIONS_MAX = 8;

/** Whether the first that a socket says is the token. What follows stays in it. */
async function isTold(socket: Socket, token: string): Promise<boolean> {
  const said = Promise.withResolvers<boolean>();
  const look = (): void => {
    const bytes = socket.read(Buffer.byteLength(token)) as Buffer | null;
    if (bytes !== null) said.resolve(bytes.toString() === token);
  };
  socket.on("readable", look).once("close", () => said.resolve(false));
  const isSaid = await said.promise;
  socket.off("readable", look);
  return isSaid;
}

/** On Linux it is no file: nothing is left behind, and no directory has to be writable. */
function newPath(): string {
  const name = `tidemark-${randomUUID()}`;
  return process.platform === "linux" ? `\0${name}` : join(tmpdir(), name);
}
