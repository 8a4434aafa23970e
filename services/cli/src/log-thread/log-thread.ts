import type { EventLoopUtilization } from "node:perf_hooks";
import { MessageChannel, type MessagePort, Worker } from "node:worker_threads";
import type { IntakeEnd } from "@tidemark/gateway/intake";
import type { ViewsEnd } from "@tidemark/gateway/views";
import { ThreadDied } from "@tidemark/installation";
import { connectLog } from "@tidemark/log-embedded";
import { type EventLog, revivedError } from "@tidemark/streams";
import { type NearEnd, openChannel, type WayIn } from "@tidemark/thread-channel";
import type { FromLogThread, IntakeSetup, LogPlace, ToLogThread, ViewsSetup } from "./messages.ts";

/**
 * A thread for the embedded log, and for what a server does with each event beside scoring: taking it in, and keeping the views up to date.
 * So the main thread is free for queries.
 */
export interface LogThread extends AsyncDisposable {
  /**
   * Opens the log in it, once.
   * @param onProblem told of what fails in the background
   * @throws what `openEmbeddedLog` throws; ThreadDied
   */
  open(place: LogPlace, onProblem: (error: Error) => void): Promise<LogInThread>;
  utilization(): EventLoopUtilization;
}

export interface LogInThread {
  readonly log: EventLog;
  /** A way into the log for another thread, to be transferred to it and connected there. */
  share(): MessagePort;
  /** Has events taken in there; for `connectIntake`. */
  takeEvents(intake: IntakeSetup): IntakeEnd;
  /** Has views follow there; for `connectViews`, which is to be stopped before this is closed. */
  followViews(views: ViewsSetup): ViewsEnd;
  /** Resolves once closed; rejects where the thread is gone before. @throws ThreadDied */
  readonly ended: Promise<void>;
  close(): Promise<void>;
}

/** Starts the thread: it loads its code while the caller does other things. Until it is told to open the log it keeps no process alive. */
export function startLogThread(): LogThread {
  const worker = new Worker(new URL("thread-main.ts", import.meta.url), { name: "log", resourceLimits: HEAP });
  worker.unref();
  const opened = Promise.withResolvers<void>();
  const ended = Promise.withResolvers<void>();
  // Whoever waits for them hears it.
  opened.promise.catch(() => undefined);
  ended.promise.catch(() => undefined);
  let tell: (error: Error) => void = () => undefined;
  let isClosing = false;
  let died: ThreadDied | null = null;

  worker.on("message", (message: FromLogThread) => {
    if (message.kind === "opened") opened.resolve();
    else if (message.kind === "problem") tell(revivedError(message.error));
    else {
      isClosing = true;
      opened.reject(revivedError(message.error));
    }
  });
  worker.on("error", (cause: unknown) => {
    died = ThreadDied.of(THREAD, cause);
  });
  worker.once("exit", (code) => {
    if (!isClosing) died ??= ThreadDied.byItself(THREAD, code);
    if (died === null) ended.resolve();
    else ended.reject(died);
    opened.reject(died ?? new ThreadDied(`${THREAD} was stopped before the log was open`));
  });
  const post = (message: ToLogThread, ...transfer: readonly MessagePort[]): void =>
    worker.postMessage(message, transfer);
  const share = (): MessagePort => {
    const { port1: port, port2 } = new MessageChannel();
    post({ kind: "serve", port }, port);
    return port2;
  };
  const channelFor = <Sent, Received>(ask: (wayIn: WayIn) => ToLogThread): NearEnd<Sent, Received> => {
    const { near, wayIn } = openChannel<Sent, Received>();
    post(ask(wayIn), wayIn.port);
    return near;
  };

  return {
    async open(place, onProblem) {
      tell = onProblem;
      worker.ref();
      post({ kind: "open", log: place });
      await opened.promise;
      const log = connectLog(share());
      return {
        log,
        share,
        takeEvents: (intake) => channelFor((wayIn) => ({ kind: "takeEvents", wayIn, intake })),
        followViews: (views) => channelFor((wayIn) => ({ kind: "followViews", wayIn, views })),
        ended: ended.promise,
        async close() {
          isClosing = true;
          await log.close();
          post({ kind: "close" });
          await ended.promise;
        },
      };
    },
    utilization: () => worker.performance.eventLoopUtilization(),
    async [Symbol.asyncDispose]() {
      isClosing = true;
      await worker.terminate();
    },
  };
}

const THREAD = "the thread of the log";

/** Far above what the limits of the log let it hold: it ends a leak before the machine does. Node's own `--max-old-space-size`, where it is given, holds instead. */
const HEAP = { maxOldGenerationSizeMb: 256 };
