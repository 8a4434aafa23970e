import { once } from "node:events";
import { createServer } from "node:net";

/**
 * Gives free ports to what binds them, and others where another process was quicker to bind one.
 * @param start throws an Error that tells what the broker's log tells
 */
export async function withFreePorts<Started>(
  count: number,
  start: (ports: readonly number[]) => Promise<Started>,
): Promise<Started> {
  for (let attempt = 1; ; attempt++) {
    try {
      return await start(await freePorts(count));
    } catch (error) {
      if (attempt === ATTEMPTS_MAX || !String(error).includes(PORT_TAKEN)) throw error;
    }
  }
}

const ATTEMPTS_MAX = 5;
/** As Java says it. */
const PORT_TAKEN = "Address already in use";

/**
 * Ports of 127.0.0.1 on which nothing listens now, all different. Another process can take one before it is bound:
 * whoever binds tries again with others. They lie below the range from which systems take the ports of outgoing
 * connections, so that one stays free while its broker is down.
 * @throws Error where so many tries found none
 */
async function freePorts(count: number): Promise<readonly number[]> {
  const found = new Set<number>();
  for (let tries = 0; tries < TRIES_MAX && found.size < count; tries++) {
    const port = PORT_MIN + Math.floor(Math.random() * (PORT_MAX - PORT_MIN));
    if (await isFree(port)) found.add(port);
  }
  if (found.size < count) throw new Error(`no ${count} free ports between ${PORT_MIN} and ${PORT_MAX}`);
  return [...found];
}

const PORT_MIN = 15_000;
const PORT_MAX = 30_000;
const TRIES_MAX = 200;

async function isFree(port: number): Promise<boolean> {
  const server = createServer();
  server.listen(port, "127.0.0.1");
  try {
    await once(server, "listening");
  } catch {
    // In use, or not ours to bind: another one.
    return false;
  }
  server.close();
  await once(server, "close");
  return true;
}
