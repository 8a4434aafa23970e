import { expect, test } from "vitest";
import { createHealth } from "./health.ts";
import { CHILDREN_MAX } from "./labelled.ts";
import { createMetrics } from "./metrics.ts";

/** Every metric of the interface page, with its labels. */
const NAMES = [
  "tidemark_events_total",
  "tidemark_turn_seconds",
  "tidemark_commit_seconds",
  "tidemark_event_to_score_seconds",
  "tidemark_lag_records",
  "tidemark_sweeping_partitions",
  "tidemark_tick_lag_seconds",
  "tidemark_scores_total",
  "tidemark_tier_changes_total",
  "tidemark_alerts_total",
  "tidemark_timers_fired_total",
  "tidemark_models_refused",
  "tidemark_profiles",
  "tidemark_rescored_total",
  "tidemark_fenced_total",
  "tidemark_restore_records_left",
];

test("every metric is there from the start, and nothing else where only they are asked for", async () => {
  const text = await createMetrics("thread").text();

  const names = [...text.matchAll(/^# TYPE (\S+)/gm)].map((match) => match[1]);
  expect(new Set(names)).toEqual(new Set(NAMES));
});

test("a process adds its CPU, memory and event loop", async () => {
  const text = await createMetrics("process").text();

  expect(text).toContain("\nprocess_cpu_seconds_total ");
  expect(text).toContain("\nprocess_resident_memory_bytes ");
  expect(text).toContain("\nnodejs_eventloop_lag_p99_seconds ");
});

test("a process tells of its threads how busy each was since it was last asked", async () => {
  const metrics = createMetrics("process");
  let [active, idle] = [1_000, 1_000];
  metrics.watchThread("log", () => ({ active, idle, utilization: 0.5 }));
  [active, idle] = [1_025, 1_075];
  const busy = 'tidemark_thread_busy_ratio{thread="log"}';
  expect(await samples(metrics.text())).toMatchObject({ [busy]: 0.25 });
  active += 50;
  expect(await samples(metrics.text())).toMatchObject({
    [busy]: 1,
    'tidemark_thread_busy_ratio{thread="main"}': expect.any(Number) as number,
  });
});

test("updates of a task show under the names and labels of the interface page", async () => {
  const metrics = createMetrics("thread");
  const task = metrics.task(3);

  task.events("purchases", "applied", 17);
  task.events("purchases", "applied", 3);
  task.events("purchases", "dead_letter", 1);
  task.scores(12);
  task.tierChanges("gold", "platinum", 2);
  task.alerts("churn", 1);
  task.timersFired("changed", 4);
  task.fenced();
  task.turnSeconds(0.02);
  task.commitSeconds(0.003);
  task.eventToScoreSeconds(0.04);
  task.lagRecords("purchases", 250);

  expect(await samples(metrics.text())).toMatchObject({
    'tidemark_events_total{topic="purchases",outcome="applied"}': 20,
    'tidemark_events_total{topic="purchases",outcome="dead_letter"}': 1,
    tidemark_scores_total: 12,
    'tidemark_tier_changes_total{from="gold",to="platinum"}': 2,
    'tidemark_alerts_total{kind="churn"}': 1,
    'tidemark_timers_fired_total{result="changed"}': 4,
    tidemark_fenced_total: 1,
    'tidemark_turn_seconds_bucket{le="0.025"}': 1,
    tidemark_commit_seconds_sum: 0.003,
    tidemark_event_to_score_seconds_count: 1,
    'tidemark_lag_records{topic="purchases",partition="3"}': 250,
  });
});

test("of several partitions the tick lag is the worst, profiles and records to restore are the sum", async () => {
  const metrics = createMetrics("thread");
  for (const [partition, seconds, count] of [
    [0, 1, 10],
    [1, 7, 20],
    [2, 3, 30],
  ] as const) {
    metrics.task(partition).tickLagSeconds(seconds);
    metrics.task(partition).profiles(count);
    metrics.task(partition).restoreRecordsLeft(count * 2);
  }

  expect(await samples(metrics.text())).toMatchObject({
    tidemark_tick_lag_seconds: 7,
    tidemark_profiles: 60,
    tidemark_restore_records_left: 120,
  });
});

test("what threads have counted is told as one: sums, the worst tick lag, each partition's lag", async () => {
  const main = createMetrics("process");
  const alone = (await main.text()).replaceAll(/^(?!#).*\n/gm, "");
  const threads = [createMetrics("thread"), createMetrics("thread")];
  for (const [partition, thread] of threads.entries()) {
    // As it arrives from another thread.
    main.include(async () => structuredClone(await thread.snapshot()));
    const task = thread.task(partition);
    task.events("purchases", "applied", 10 + partition);
    task.turnSeconds(0.02);
    task.commitSeconds(2 * partition);
    task.lagRecords("purchases", 5 + partition);
    task.tickLagSeconds(8 - partition);
    task.profiles(100);
  }

  const text = await main.text();
  expect(text.replaceAll(/^(?!#).*\n/gm, "")).toBe(alone);
  expect(await samples(main.text())).toMatchObject({
    'tidemark_events_total{topic="purchases",outcome="applied"}': 21,
    'tidemark_turn_seconds_bucket{le="0.025"}': 2,
    tidemark_turn_seconds_count: 2,
    tidemark_commit_seconds_sum: 2,
    'tidemark_lag_records{topic="purchases",partition="0"}': 5,
    'tidemark_lag_records{topic="purchases",partition="1"}': 6,
    tidemark_tick_lag_seconds: 8,
    tidemark_profiles: 200,
    tidemark_scores_total: 0,
  });
});

test("of what waits nothing is told while it is not known", async () => {
  const metrics = createMetrics("thread");
  const task = metrics.task(1);
  task.lagRecords("purchases", 9);
  task.lagUnknown();
  expect(Object.keys(await samples(metrics.text())).filter((name) => name.includes("lag_records"))).toEqual([]);
  task.lagRecords("purchases", 3);
  expect(await samples(metrics.text())).toMatchObject({
    'tidemark_lag_records{topic="purchases",partition="1"}': 3,
  });
});

test("a process tells what it lacks, as it is when it is asked", async () => {
  const metrics = createMetrics("process");
  let log = true;
  metrics.watchHealth(
    createHealth(
      { log: () => log, store: () => true, registry: () => Promise.reject(new Error("no")) },
      { timeoutMs: 1e3 },
    ),
  );
  const ready = async () =>
    Object.entries(await samples(metrics.text())).filter(([name]) => name.startsWith("tidemark_ready"));
  expect(Object.fromEntries(await ready())).toEqual({
    'tidemark_ready{check="log"}': 1,
    'tidemark_ready{check="store"}': 1,
    'tidemark_ready{check="registry"}': 0,
  });
  log = false;
  expect(Object.fromEntries(await ready())).toMatchObject({ 'tidemark_ready{check="log"}': 0 });
});

test("a closed task takes its gauges away and leaves its counters", async () => {
  const metrics = createMetrics("thread");
  const task = metrics.task(1);
  task.scores(5);
  task.lagRecords("purchases", 9);
  task.tickLagSeconds(60);

  task.close();

  const after = await samples(metrics.text());
  expect(after).toMatchObject({ tidemark_scores_total: 5, tidemark_tick_lag_seconds: 0 });
  expect(Object.keys(after).filter((name) => name.startsWith("tidemark_lag_records"))).toEqual([]);
  expect(metrics.task(1)).not.toBe(task);
});

test("a label that takes ever new values stops growing at a bound", async () => {
  const metrics = createMetrics("thread");
  const task = metrics.task(0);
  for (let i = 0; i < CHILDREN_MAX + 500; i++) task.alerts(`kind-${i}`, 1);

  const all = await samples(metrics.text());
  expect(all['tidemark_alerts_total{kind="other"}']).toBe(500);
  expect(Object.keys(all).filter((name) => name.startsWith("tidemark_alerts_total"))).toHaveLength(CHILDREN_MAX + 1);
});

/** Sample lines of the Prometheus text: name with labels → value. */
async function samples(text: Promise<string>): Promise<Record<string, number>> {
  const rows = (await text).split("\n").filter((line) => line !== "" && !line.startsWith("#"));
  return Object.fromEntries(
    rows.map((line) => {
      const cut = line.lastIndexOf(" ");
      return [line.slice(0, cut), Number(line.slice(cut + 1))];
    }),
  );
}
