import type { ProcessorStatus } from "./processor-status.ts";

/**
 * Tells the main thread how far the tasks are: at once when one enters another state, within {@link SOON_MS} when a turn is
 * committed or while they are not ready, and otherwise when a look finds something changed.
 */
export interface StatusFeed {
  progress(what: "state" | "turn"): void;
  /** Tells the last one. */
  close(): void;
}

const SOON_MS = 10;
/** Between two looks while no turn is committed: only what lies in the log can change. */
const IDLE_MS = 100;

export function startStatusFeed(tasks: ProcessorStatus, send: (status: ProcessorStatus) => void): StatusFeed {
  let told: ProcessorStatus | null = null;
  let isSoon = true;
  let timer = setTimeout(look, SOON_MS);

  function look(): void {
    const { ready, lagRecords } = tasks;
    const now = { ready, tasks: tasks.tasks, lagRecords, stages: tasks.stages };
    const changed = told === null || differ(told, now);
    if (changed) send(now);
    told = now;
    wait(changed || !ready);
  }

  function wait(soon: boolean): void {
    clearTimeout(timer);
    isSoon = soon;
    timer = setTimeout(look, soon ? SOON_MS : IDLE_MS);
  }

  return {
    progress(what) {
      if (what === "state") look();
      else if (!isSoon) wait(true);
    },
    close() {
      look();
      clearTimeout(timer);
    },
  };
}

/** A task replaces its status when anything in it changes. */
function differ(one: ProcessorStatus, other: ProcessorStatus): boolean {
  return (
    one.ready !== other.ready ||
    one.lagRecords !== other.lagRecords ||
    one.tasks.length !== other.tasks.length ||
    one.tasks.some((status, index) => status !== other.tasks[index])
  );
}
