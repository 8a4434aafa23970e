import type { MessagePort } from "node:worker_threads";

/**
 * A channel between two threads of a process, of which the near one must not wait for the far one.
 *
 * A MessagePort would do, but for this: whoever posts to one wakes the thread at its other end while holding the lock of the port's
 * queue. A sender of less priority (`giveWay` of the processor) is then put aside for the very thread that it wakes, which finds the lock
 * taken and sleeps until the sender has a core again. On two busy cores the thread that answers queries did so 89 times a second, for up
 * to 20 ms (docs/performance.md). So what the far end sends goes through a socket, where the kernel wakes the reader and no lock is held
 * meanwhile; what the near end sends goes through a port, which can give memory away.
 *
 * Either way messages arrive in the order in which they were sent, each once, as structured clones. How many are under way at a time is
 * bounded by who uses the channel.
 */
export interface NearEnd<Sent, Received> {
  /** @param transfer whose memory is given away. Where the far end is gone nothing happens. */
  send(message: Sent, transfer?: readonly ArrayBuffer[]): void;
  /** To be called once, in the turn of the event loop that the channel was opened in. It keeps no event loop alive. */
  listen(take: (message: Received) => void): void;
  /** Resolves when the far end is closed or its thread is gone, and what it had sent was taken; of a thread that dies, what the socket had room for. */
  readonly closed: Promise<void>;
}

export interface FarEnd<Sent, Received> {
  send(message: Sent): void;
  /** To be called once. Keeps the thread alive until the channel is closed, unless `unref` is called. */
  listen(take: (message: Received) => void): void;
  unref(): void;
  /** Resolves when all that was sent is on its way. */
  close(): Promise<void>;
}

/** To be sent to the thread of the far end, with the port transferred, and joined there once. */
export interface WayIn {
  readonly port: MessagePort;
  /** Of the socket. */
  readonly path: string;
  /** Whoever connects has to say it first: other programs may see the path. */
  readonly token: string;
}
