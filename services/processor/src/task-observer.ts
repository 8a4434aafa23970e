import type { TopicNames } from "@tidemark/contracts";
import type { TaskObserver, TurnReport } from "@tidemark/streams";
import type { TaskMetrics } from "@tidemark/telemetry";
import type { ProcessorOptions, ScoringTask } from "./processor.ts";

/**
 * Logs and counts what a task does.
 * @param handle of the task's partition
 * @param seldom says of tasks that wait, once for all of them: their log is one, and their disk
 */
export function observeTask<State, Event>(
  { logger, topics, tierChanges, churnAlerts, clock, application, onProgress }: ProcessorOptions<State, Event>,
  partition: number,
  handle: TaskMetrics,
  seldom: (kind: string, tell: () => void) => void,
  task: () => ScoringTask,
): TaskObserver {
  handle.refreshBy(() => {
    const { status, lag, states } = task();
    handle.restoreRecordsLeft(status.restoreRecordsLeft);
    // While the partition is taken over nobody knows: what was told last stands.
    if (status.state === "running") handle.profiles(states);
    handle.sweeping(status.sweeping);
    if (lag.length === 0) handle.lagUnknown();
    for (const { topic, records } of lag) handle.lagRecords(topic, records);
    const waits = status.state !== "running" || lag.some(({ records }) => records > 0);
    // A partition in which nothing happens commits nothing, and its tick stands: that is no lag.
    handle.tickLagSeconds(waits && status.tickMs > 0 ? Math.max(0, clock.now() - status.tickMs) / 1_000 : 0);
  });
  const tiersOf = tierChanges.select(["from", "to"]);
  const alertOf = churnAlerts.select(["kind", "state"]);
  return {
    entered: (state) => {
      logger.debug("task state", { partition, state });
      onProgress?.("state");
    },
    recovering: (error) => {
      const code = error instanceof Error && "code" in error ? error.code : undefined;
      if (code === "TASK_FENCED") handle.fenced();
      const startsAgain = (): void => logger.warn("a task starts again", { partition, error });
      if (code === "STORE_UNAVAILABLE") seldom(code, () => logger.error(STORE_UNAVAILABLE, { partition, error }));
      else if (code === "LOG_UNAVAILABLE") seldom(code, startsAgain);
      else startsAgain();
    },
    modelMissing: () => logger.warn("a partition waits for the model that its journal names", { partition }),
    storeDropped: (code) => logger.warn(STORE_DROPPED, { partition, code }),
    registryUnavailable: () => logger.warn("the schema registry does not answer; the partition waits", { partition }),
    turn: (report) => {
      countOutcomes(handle, application.inputs, report);
      countEmitted(handle, topics, tiersOf, report);
      countAlerts(handle, topics, alertOf, report);
      handle.timersFired("changed", report.timersChanged);
      handle.timersFired("unchanged", report.timersFired - report.timersChanged);
      handle.rescored(report.rescored);
      handle.turnSeconds(report.turnMs / 1_000);
      handle.commitSeconds(report.commitMs / 1_000);
      if (report.oldestAppendedAt !== null) {
        handle.eventToScoreSeconds(Math.max(0, clock.now() - report.oldestAppendedAt) / 1_000);
      }
      onProgress?.("turn");
    },
  };
}

/** The error names the place. */
const STORE_UNAVAILABLE =
  "local stores cannot be written or read: their partitions wait, and try it again; if the disk is full, make room";

const STORE_DROPPED =
  "a local store was not what it was left as and is made anew from the log; if nobody changed its files or the log's, the disk may be failing";

function countEmitted(
  handle: TaskMetrics,
  topics: TopicNames,
  tiersOf: (value: Uint8Array) => { readonly from: string; readonly to: string },
  { emitted }: TurnReport,
): void {
  for (const { topic, value } of emitted) {
    if (topic !== topics.tierChanges || value === null) continue;
    const { from, to } = tiersOf(value);
    handle.tierChanges(from, to, 1);
  }
  handle.scores(emitted.filter(({ topic }) => topic === topics.scores).length);
}

/** Alerts are counted where they are raised. */
function countAlerts(
  handle: TaskMetrics,
  topics: TopicNames,
  alertOf: (value: Uint8Array) => { readonly kind: string; readonly state: string },
  { emitted }: TurnReport,
): void {
  for (const { topic, value } of emitted) {
    if (topic !== topics.churnAlerts || value === null) continue;
    const { kind, state } = alertOf(value);
    if (state === "RAISED") handle.alerts(kind, 1);
  }
}

function countOutcomes(handle: TaskMetrics, inputs: readonly string[], report: TurnReport): void {
  for (const [rank, topic] of inputs.entries()) {
    const counts = report.outcomesByInput[rank];
    if (counts === undefined) continue;
    handle.events(topic, "applied", counts.applied);
    handle.events(topic, "duplicate", counts.duplicate);
    handle.events(topic, "suppressed", counts.suppressed);
    handle.events(topic, "dead_letter", counts.deadLetter);
  }
}
