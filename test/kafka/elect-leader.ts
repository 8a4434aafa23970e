import { once } from "node:events";
import { connect } from "node:net";

/**
 * Asks a broker, which passes it on to the controller, to elect the first of a partition's replicas as its leader:
 * a request that kafkajs lacks. What came of it is seen in the metadata.
 * @param address host:port of a listener without encryption and login
 * @throws Error where the broker does not answer
 */
export async function electPreferredLeader(address: string, topic: string, partition: number): Promise<void> {
  const [host = "", port = ""] = address.split(":");
  const socket = connect({ host, port: Number(port), timeout: TIMEOUT_MS });
  socket.on("timeout", () => socket.destroy(new Error("no answer to the election of a leader")));
  try {
    await once(socket, "connect");
    socket.write(request(topic, partition));
    await once(socket, "data");
  } finally {
    socket.destroy();
  }
}

const TIMEOUT_MS = 10_000;
const ELECT_LEADERS = 43;
const VERSION = 1;
const PREFERRED = 0;

/** ElectLeaders version 1, below its length: the header with an empty client id, then one partition of one topic. */
function request(topic: string, partition: number): Buffer {
  const name = Buffer.from(topic);
  const header = Buffer.alloc(10);
  header.writeInt16BE(ELECT_LEADERS, 0);
  header.writeInt16BE(VERSION, 2);
  const body = Buffer.concat([
    header,
    Buffer.from([PREFERRED]),
    int32(1),
    Buffer.from([name.length >> 8, name.length & 0xff]),
    name,
    int32(1),
    int32(partition),
    int32(TIMEOUT_MS),
  ]);
  return Buffer.concat([int32(body.length), body]);
}

function int32(value: number): Buffer {
  const bytes = Buffer.alloc(4);
  bytes.writeInt32BE(value);
  return bytes;
}
