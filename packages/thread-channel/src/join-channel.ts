import { connect } from "node:net";
import type { FarEnd, WayIn } from "./channel-end.ts";
import { frameOf } from "./frames.ts";

/** Joins a channel in the thread of its far end. @throws Error where the near end is gone */
export async function joinChannel<Sent, Received>({ port, path, token }: WayIn): Promise<FarEnd<Sent, Received>> {
  const socket = connect({ path });
  const joined = Promise.withResolvers<unknown>();
  socket.once("data", joined.resolve);
  socket.on("error", joined.reject);
  socket.once("close", () => joined.reject(new Error("the near end of the channel is gone")));
  socket.write(token);
  await joined.promise;
  // What comes, comes through the port.
  socket.unref();
  return {
    send: (message) => void socket.write(frameOf(message)),
    listen: (take) => void port.on("message", take),
    unref: () => port.unref(),
    async close() {
      await new Promise<void>((sent) => socket.end(sent));
      port.close();
    },
  };
}
