import { once } from "node:events";
import { type AddressInfo, connect, createServer, type Socket } from "node:net";
import { setTimeout as wait } from "node:timers/promises";
import { HOST } from "./broker-settings.ts";
import { apiKeyOf, correlationIdOf, splitFrames } from "./kafka-frames.ts";
import { openRules, type ProxyRule, type RuleOptions } from "./proxy-rule.ts";

/**
 * A network that fails to order, between clients and one broker that advertises this proxy's port, so that clients
 * which bootstrap through it stay on it. It reads Kafka's frames, so it is for listeners without TLS.
 */
export interface TcpProxy extends AsyncDisposable {
  readonly port: number;
  /** Where new connections lead: the port of a broker's client listener. */
  connectTo(port: number): void;
  /** Connections stay up and nothing passes; senders feel it as back-pressure. */
  pause(): void;
  resume(): void;
  /** Ends every connection with a reset; new ones are taken. */
  reset(): void;
  /** Half-open: the broker sees its clients go, they see nothing, and nobody answers new ones either. */
  goSilent(): void;
  /** Every frame arrives so much later, order kept. */
  delay(ms: number): void;
  addRule(options: RuleOptions): ProxyRule;
  /** Ends every fault and rule; what `goSilent` left half open is reset. */
  heal(): void;
}

export async function openTcpProxy(): Promise<TcpProxy> {
  const rules = openRules();
  const links = new Set<Link>();
  const way: Way = { judge: rules.judge, paused: false, delayMs: 0 };
  let [target, silent] = [0, false];

  const server = createServer((client) => {
    const link = openLink(client, silent ? null : connect({ host: HOST, port: target }), way);
    links.add(link);
    client.once("close", () => links.delete(link));
  });
  server.listen(0, HOST);
  await once(server, "listening");

  function resume(): void {
    way.paused = false;
    for (const link of links) link.resume();
  }

  return {
    port: (server.address() as AddressInfo).port,
    connectTo: (port) => void (target = port),
    pause() {
      way.paused = true;
      for (const link of links) link.pause();
    },
    resume,
    reset() {
      for (const link of links) link.reset();
    },
    goSilent() {
      silent = true;
      for (const link of links) link.goSilent();
    },
    delay: (ms) => void (way.delayMs = ms),
    addRule: rules.add,
    heal() {
      rules.releaseAll();
      way.delayMs = 0;
      resume();
      if (silent) for (const link of links) link.reset();
      silent = false;
    },
    async [Symbol.asyncDispose]() {
      rules.releaseAll();
      for (const link of links) link.reset();
      server.close();
      await once(server, "close");
    },
  };
}

/** What all links obey; it changes while they are up. */
interface Way {
  readonly judge: ReturnType<typeof openRules>["judge"];
  paused: boolean;
  delayMs: number;
}

/** One client's connection and the one to the broker that belongs to it. */
interface Link {
  pause(): void;
  resume(): void;
  reset(): void;
  goSilent(): void;
}

/** Answers that a broker never gives, to requests with acks 0, are forgotten beyond so many. */
const IN_FLIGHT_MAX = 10_000;

function openLink(client: Socket, broker: Socket | null, way: Way): Link {
  const apiKeys = new Map<number, number>();
  const ends = broker === null ? [client] : [client, broker];

  function reset(): void {
    for (const end of ends) end.resetAndDestroy();
  }

  function request(frame: Buffer): number {
    const apiKey = apiKeyOf(frame);
    apiKeys.set(correlationIdOf(frame, "request"), apiKey);
    const [oldest] = apiKeys.keys();
    if (apiKeys.size > IN_FLIGHT_MAX && oldest !== undefined) apiKeys.delete(oldest);
    return apiKey;
  }

  function answer(frame: Buffer): number {
    const correlationId = correlationIdOf(frame, "answer");
    const apiKey = apiKeys.get(correlationId) ?? UNKNOWN;
    apiKeys.delete(correlationId);
    return apiKey;
  }

  for (const end of ends) {
    end.setNoDelay(true);
    // What the one end suffers the other is to see too: `close` follows.
    end.on("error", () => undefined);
  }
  if (broker === null) {
    client.resume();
  } else {
    carry(client, broker, "request", request, way, reset);
    carry(broker, client, "answer", answer, way, reset);
    if (way.paused) for (const end of ends) end.pause();
  }

  return {
    reset,
    pause() {
      for (const end of ends) end.pause();
    },
    resume() {
      for (const end of ends) end.resume();
    },
    goSilent() {
      client.removeAllListeners("data").resume();
      if (broker === null) return;
      broker.removeAllListeners("close").removeAllListeners("data").destroy();
    },
  };
}

/** No rule has it. */
const UNKNOWN = -1;

function carry(
  from: Socket,
  to: Socket,
  direction: RuleOptions["direction"],
  apiKeyOfFrame: (frame: Buffer) => number,
  way: Way,
  reset: () => void,
): void {
  const split = splitFrames();
  let last: Promise<void> = Promise.resolve();

  function write(frame: Buffer): void {
    if (!to.writable || to.write(frame)) return;
    from.pause();
    to.once("drain", () => {
      if (!way.paused) from.resume();
    });
  }

  async function sendAfter(previous: Promise<void>, due: number, frame: Buffer): Promise<void> {
    await previous;
    const rest = due - performance.now();
    if (rest > 0) await wait(rest);
    write(frame);
  }

  function send(frame: Buffer): void {
    last = sendAfter(last, performance.now() + way.delayMs, frame);
  }

  from.on("data", (chunk: Buffer) => {
    for (const frame of split(chunk)) {
      const verdict = way.judge(apiKeyOfFrame(frame), direction, () => send(frame));
      if (verdict === "pass") send(frame);
      if (verdict === "reset") reset();
    }
  });
  from.once("close", () => {
    void last.finally(() => to.destroy());
  });
}
