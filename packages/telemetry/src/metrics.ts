import { type EventLoopUtilization, performance } from "node:perf_hooks";
import { AggregatorRegistry, collectDefaultMetrics, Counter, Gauge, Histogram, Registry } from "prom-client";
import type { Health } from "./health.ts";
import { labelled } from "./labelled.ts";

/**
 * The metrics of a process. Values are updated once a batch, never once an event, through
 * handles that keep their label children: looking a child up costs more than the update.
 */
export interface Metrics {
  /** The handle of the task that owns a partition; the same one for the same partition until it is closed. */
  task(partition: number): TaskMetrics;
  /** A record of the topic `models` is not used. */
  modelRefused(): void;
  /** What the handles have reported, as plain data that may go to another thread. */
  snapshot(): Promise<MetricsSnapshot>;
  /** From now on `text` tells what this source has too: one series over all threads. */
  include(source: () => Promise<MetricsSnapshot>): void;
  /**
   * From now on a process tells how busy this thread of it is, beside its main one.
   * @param utilization of its event loop, since it began
   */
  watchThread(name: string, utilization: () => EventLoopUtilization): void;
  /** From now on a process tells whether it can do its work, and of what it cannot: what its `/readyz` says. */
  watchHealth(health: Health): void;
  /** All of them as Prometheus text. */
  text(): Promise<string>;
}

export type MetricsSnapshot = readonly object[];

/** What one task reports. Counts are of a batch, ≥ 0; durations in seconds. */
export interface TaskMetrics {
  events(topic: string, outcome: EventOutcome, count: number): void;
  scores(count: number): void;
  tierChanges(from: string, to: string, count: number): void;
  alerts(kind: string, count: number): void;
  timersFired(result: string, count: number): void;
  /** Customers whom a sweep has scored anew. */
  rescored(count: number): void;
  /** Whether a sweep is under way. */
  sweeping(isUnderWay: boolean): void;
  fenced(): void;
  turnSeconds(seconds: number): void;
  commitSeconds(seconds: number): void;
  /** From an event's append to its score's commit. Once for each append time of a turn, or for its oldest. */
  eventToScoreSeconds(seconds: number): void;
  /** Records between the position and the end of an input. */
  lagRecords(topic: string, records: number): void;
  /** What waits is not known now: the last figures would be taken for how it stands. */
  lagUnknown(): void;
  /** Age of the newest tick committed; 0 where nothing waits for the next. */
  tickLagSeconds(seconds: number): void;
  profiles(count: number): void;
  restoreRecordsLeft(records: number): void;
  /** Called before the gauges are told, so that a task that stands still is told as it stands now. */
  refreshBy(refresh: () => void): void;
  /** The partition is no longer ours: its gauges go, the counters stay. */
  close(): void;
}

export type EventOutcome = "applied" | "duplicate" | "dead_letter" | "suppressed";

/** `thread`: only what the handles report; `process` adds what there is once a process: CPU, memory, event loop. */
export type MetricsScope = "process" | "thread";

export const METRICS_CONTENT_TYPE = Registry.PROMETHEUS_CONTENT_TYPE;

export function createMetrics(scope: MetricsScope): Metrics {
  const ofProcess = new Registry();
  if (scope === "process") collectDefaultMetrics({ register: ofProcess });
  const busy = busyThreads(ofProcess);
  busy.watch("main", () => performance.eventLoopUtilization());
  const registry = new Registry();
  const series = register(registry);
  const tasks = new Map<number, TaskMetrics>();
  const refreshers = new Map<number, () => void>();
  const own = async (): Promise<MetricsSnapshot> => {
    for (const refresh of refreshers.values()) refresh();
    return registry.getMetricsAsJSON();
  };
  const sources = [own];
  return {
    task(partition) {
      const known = tasks.get(partition);
      if (known !== undefined) return known;
      const task = taskMetrics(series, partition, {
        refreshBy: (refresh) => void refreshers.set(partition, refresh),
        forget() {
          tasks.delete(partition);
          refreshers.delete(partition);
        },
      });
      tasks.set(partition, task);
      return task;
    },
    modelRefused: () => series.modelsRefused.inc(),
    snapshot: own,
    include: (source) => void sources.push(source),
    watchThread: busy.watch,
    watchHealth: (health) => readiness(ofProcess, health),
    async text() {
      const snapshots = await Promise.all(sources.map((source) => source()));
      const whole = AggregatorRegistry.aggregate(snapshots.map((snapshot) => [...snapshot]));
      const parts = scope === "process" ? [ofProcess, whole] : [whole];
      return (await Promise.all(parts.map((part) => part.metrics()))).join("\n");
    },
  };
}

/** Of a thread whose event loop is always busy something waits; on a busy machine also the time counts that it waited for a core. */
function busyThreads(registry: Registry) {
  const threads = new Map<string, { readonly read: () => EventLoopUtilization; last: EventLoopUtilization }>();
  const gauge = new Gauge({
    name: "tidemark_thread_busy_ratio",
    help: "Share of the time since the last look that a thread's event loop was not waiting, 0 to 1.",
    labelNames: ["thread"],
    registers: [registry],
    collect() {
      for (const [name, thread] of threads) {
        const now = thread.read();
        gauge.set({ thread: name }, performance.eventLoopUtilization(now, thread.last).utilization);
        thread.last = now;
      }
    },
  });
  return {
    watch: (name: string, read: () => EventLoopUtilization) => void threads.set(name, { read, last: read() }),
  };
}

function readiness(registry: Registry, health: Health): void {
  const gauge = new Gauge({
    name: "tidemark_ready",
    help: "Whether the process can do its work, by what that takes: 1 or 0.",
    labelNames: ["check"],
    registers: [registry],
    async collect() {
      const { checks } = await health.check();
      for (const [check, state] of Object.entries(checks)) gauge.set({ check }, state === "ok" ? 1 : 0);
    },
  });
}

/** From half a millisecond (a turn of a few records) to a minute (a backlog). */
const BUCKETS_SECONDS = [0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60];

type Series = ReturnType<typeof register>;

function register(registry: Registry) {
  const registers = [registry];
  const counter = (name: string, help: string, labelNames: readonly string[]) =>
    labelled(labelNames, new Counter({ name, help, labelNames, registers }));
  const histogram = (name: string, help: string) => new Histogram({ name, help, buckets: BUCKETS_SECONDS, registers });
  /** One value a partition inside, one number a process outside, over all its threads. */
  const byPartition = (name: string, help: string, over: "sum" | "max") => {
    const values = new Map<number, number>();
    const gauge = new Gauge({
      name,
      help,
      registers,
      aggregator: over,
      collect() {
        let whole = 0;
        for (const value of values.values()) whole = over === "sum" ? whole + value : Math.max(whole, value);
        gauge.set(whole);
      },
    });
    return values;
  };
  return {
    events: counter("tidemark_events_total", "Input records, by what became of them.", ["topic", "outcome"]),
    scores: counter("tidemark_scores_total", "Scores emitted.", []),
    tierChanges: counter("tidemark_tier_changes_total", "Tier changes emitted.", ["from", "to"]),
    alerts: counter("tidemark_alerts_total", "Alerts emitted.", ["kind"]),
    timersFired: counter("tidemark_timers_fired_total", "Timers fired, by what came of it.", ["result"]),
    rescored: counter("tidemark_rescored_total", "Customers scored anew after a model switch.", []),
    // Every thread reads the same topic.
    modelsRefused: new Gauge({
      name: "tidemark_models_refused",
      help: "Records of the topic models that are not used, since the start.",
      registers,
      aggregator: "max",
    }),
    sweeping: byPartition("tidemark_sweeping_partitions", "Partitions with customers still to be scored anew.", "sum"),
    fenced: counter("tidemark_fenced_total", "Times a task found a newer owner of its partition.", []),
    turnSeconds: histogram("tidemark_turn_seconds", "Duration of a turn, commit included."),
    commitSeconds: histogram("tidemark_commit_seconds", "Duration of a commit."),
    eventToScoreSeconds: histogram("tidemark_event_to_score_seconds", "From an event's append to its score's commit."),
    lagRecords: labelled(
      ["topic", "partition"],
      new Gauge({
        name: "tidemark_lag_records",
        help: "Records of an input not yet applied.",
        labelNames: ["topic", "partition"],
        registers,
      }),
    ),
    tickLagSeconds: byPartition(
      "tidemark_tick_lag_seconds",
      "Age of the newest tick, of the slowest partition.",
      "max",
    ),
    profiles: byPartition("tidemark_profiles", "Customers with a profile.", "sum"),
    restoreRecordsLeft: byPartition("tidemark_restore_records_left", "Changelog records still to restore.", "sum"),
  };
}

interface TaskPlace {
  refreshBy(refresh: () => void): void;
  forget(): void;
}

function taskMetrics(series: Series, partition: number, place: TaskPlace): TaskMetrics {
  const gauges = [series.tickLagSeconds, series.profiles, series.restoreRecordsLeft, series.sweeping];
  const topics = new Set<string>();
  return {
    events: (topic, outcome, count) => series.events.child(topic, outcome).inc(count),
    scores: (count) => series.scores.child().inc(count),
    tierChanges: (from, to, count) => series.tierChanges.child(from, to).inc(count),
    alerts: (kind, count) => series.alerts.child(kind).inc(count),
    timersFired: (result, count) => series.timersFired.child(result).inc(count),
    rescored: (count) => series.rescored.child().inc(count),
    sweeping: (isUnderWay) => void series.sweeping.set(partition, isUnderWay ? 1 : 0),
    fenced: () => series.fenced.child().inc(),
    turnSeconds: (seconds) => series.turnSeconds.observe(seconds),
    commitSeconds: (seconds) => series.commitSeconds.observe(seconds),
    eventToScoreSeconds: (seconds) => series.eventToScoreSeconds.observe(seconds),
    lagRecords(topic, records) {
      topics.add(topic);
      series.lagRecords.child(topic, String(partition)).set(records);
    },
    lagUnknown() {
      for (const topic of topics) series.lagRecords.remove(topic, String(partition));
      topics.clear();
    },
    tickLagSeconds: (seconds) => void series.tickLagSeconds.set(partition, seconds),
    profiles: (count) => void series.profiles.set(partition, count),
    restoreRecordsLeft: (records) => void series.restoreRecordsLeft.set(partition, records),
    refreshBy: (refresh) => place.refreshBy(refresh),
    close() {
      for (const gauge of gauges) gauge.delete(partition);
      for (const topic of topics) series.lagRecords.remove(topic, String(partition));
      place.forget();
    },
  };
}
