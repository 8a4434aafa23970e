import { type EventLog, type LogWriter, type PartitionBatch } from "@tidemark/streams";
import type { Process, Scheduler } from "./scheduler.ts";

export interface LogFaults {
  /** A commit is applied and its reply lost. */
  readonly replyLost: number;
  /** A commit is neither applied nor answered with anything but a doubt. */
  readonly requestLost: number;
  /** The log cannot be reached. */
  readonly unavailable: number;
}

/** What a harness needs to make the errors of the runtime that is under test. */
export interface LogErrors {
  commitUnknown(message: string): Error;
  logUnavailable(message: string): Error;
}

/**
 * The log as one process sees it over a bad line: each call is a step before it is carried out and one before
 * its answer arrives, so that a crash, a stop or another owner can fall between any two.
 */
export function faultyLog(
  log: EventLog,
  process: Process,
  scheduler: Scheduler,
  faults: () => LogFaults,
  errors: LogErrors,
): EventLog {
  const { random } = scheduler;
  const call = async <T>(work: () => Promise<T>): Promise<T> => {
    await scheduler.step(process);
    if (random.chance(faults().unavailable)) throw errors.logUnavailable("the line is down");
    const result = await settle(work());
    await scheduler.step(process);
    return unwrap(result);
  };
  const writerOf = (writer: LogWriter): LogWriter => ({
    commit: async (batches: readonly PartitionBatch[]) => {
      await scheduler.step(process);
      if (random.chance(faults().requestLost)) throw errors.commitUnknown("the request was lost");
      const result = await settle(writer.commit(batches));
      await scheduler.step(process);
      if (random.chance(faults().replyLost)) throw errors.commitUnknown("the reply was lost");
      return unwrap(result);
    },
    close: () => writer.close(),
  });
  return {
    createTopics: (specs) => log.createTopics(specs),
    topics: () => log.topics(),
    offsets: (topic, partition) => call(() => log.offsets(topic, partition)),
    fetch: (positions, options) => call(() => log.fetch(positions, options)),
    append: (batches, options) => call(() => log.append(batches, options)),
    openWriter: async (id) => writerOf(await call(() => log.openWriter(id))),
    close: () => Promise.resolve(),
  };
}

type Settled<T> = { readonly ok: true; readonly value: T } | { readonly ok: false; readonly error: unknown };

async function settle<T>(promise: Promise<T>): Promise<Settled<T>> {
  try {
    return { ok: true, value: await promise };
  } catch (error) {
    return { ok: false, error };
  }
}

function unwrap<T>(settled: Settled<T>): T {
  if (settled.ok) return settled.value;
  throw settled.error;
}
