import { cp, readFile, rm, writeFile } from "node:fs/promises";
import { fileURLToPath, pathToFileURL } from "node:url";
import * as streams from "@tidemark/streams";
import type { RunOptions } from "./run.ts";
import type { Runtime } from "./runtime.ts";
import { type LogPackage, openLog } from "./world.ts";

/**
 * Faults planted in the runtime, to show that the simulation can fail: each is a change of its source that a
 * hurried hand could make. `plant` makes a copy of the package with the change.
 */
export interface PlantedFault {
  readonly name: string;
  readonly package: "streams" | "log-embedded" | "application";
  readonly file: string;
  readonly find: string;
  readonly replace: string;
}

export const PLANTED_FAULTS: readonly PlantedFault[] = [
  {
    name: "falling-append-times-not-expected",
    package: "streams",
    file: "merge.ts",
    find: "reached = Math.max(reached, lower);",
    replace: `assert(lower >= reached, "append times never fall"); reached = lower;`,
  },
  {
    name: "store-ahead-of-log",
    package: "streams",
    file: "ownership.ts",
    find: "    const appended = await this.#writer.commit(batches);",
    replace: `    for (const { entry: changed, bytes } of result.changed) this.#table.publish(changed, bytes);
    await this.#flusher.settle();
    await this.#flusher.flush(false);
    const appended = await this.#writer.commit(batches);`,
  },
  {
    name: "barrier-not-awaited",
    package: "streams",
    file: "ownership.ts",
    find: "while (reader.position < barrierOffset && !signal.aborted)",
    replace: "while (reader.position < barrierOffset - 3 && !signal.aborted)",
  },
  {
    name: "unknown-commit-taken-as-done",
    package: "streams",
    file: "ownership.ts",
    find: "await this.#writer.commit(batches);",
    replace:
      "await this.#writer.commit(batches).catch(() => ({ appendedAt: 0, offsetsBase: batches.map(() => this.#offset) }));",
  },
  {
    name: "unknown-commit-sent-again",
    package: "streams",
    file: "ownership.ts",
    find: "await this.#writer.commit(batches);",
    replace: "await this.#writer.commit(batches).catch(() => this.#writer.commit(batches));",
  },
  {
    name: "checkpoint-one-too-far",
    package: "streams",
    file: "ownership.ts",
    find: "+ (batches[last]?.records.length ?? 0);",
    replace: "+ (batches[last]?.records.length ?? 0) + 1;",
  },
  {
    name: "offset-one-behind",
    package: "streams",
    file: "ownership.ts",
    find: "next[input] = record.offset + 1;",
    replace: "next[input] = record.offset;",
  },
  {
    name: "records-dropped-that-were-left",
    package: "streams",
    file: "ownership.ts",
    find: "fetcher.buffers[rank]?.drop(taken(counts));",
    replace: "fetcher.buffers[rank]?.drop(plan.inputs.filter((input) => input === rank).length + taken(counts) * 0);",
  },
  {
    name: "tick-overtakes-backlog",
    package: "streams",
    file: "ownership.ts",
    find: "        ...plan,",
    replace: "        ...plan,\n        lowerAfter: clock.now(),",
  },
  {
    name: "timers-of-one-millisecond-forgotten",
    package: "streams",
    file: "ownership.ts",
    find: "tickKey: result.tick.key,",
    replace: "tickKey: null,",
  },
  {
    name: "timers-loaded-without-a-flush",
    package: "streams",
    file: "ownership.ts",
    find: "    await this.#flushAll(); // The store's index is exact only when nothing is dirty.",
    replace: "",
  },
  {
    name: "unseen-input-not-awaited",
    package: "streams",
    file: "merge.ts",
    find: "?.appendedAt ?? input.completeTo",
    replace: "?.appendedAt ?? Number.MAX_SAFE_INTEGER",
  },
  {
    name: "timer-lost",
    package: "streams",
    file: "timer-window.ts",
    find: "if (isDone(timer.due, timer.key, this.loadedTo)) this.#heap.push(timer);",
    replace: "if (isDone(timer.due, timer.key, this.loadedTo) && this.#heap.size > 0) this.#heap.push(timer);",
  },
  {
    name: "stale-timer-fires",
    package: "streams",
    file: "turn-extent.ts",
    find: "if (load(timer.key).due !== timer.due || keys.has(timer.key)) continue;",
    replace: "",
  },
  {
    name: "quarantined-records-counted-as-applied",
    package: "streams",
    file: "turn-output.ts",
    find: 'this.#outcomes[index] = "deadLetter";',
    replace: 'this.#outcomes[index] ??= "deadLetter";',
  },
  {
    name: "old-timer-row-left",
    package: "streams",
    file: "state-table.ts",
    find: "changes.push({ key: old, value: null });",
    replace: "",
  },
  {
    name: "store-called-clean",
    package: "streams",
    file: "state-table.ts",
    find: "this.#checkpointChange(position, options.clean)",
    replace: "this.#checkpointChange(position, true)",
  },
  {
    name: "power-loss-not-noticed",
    package: "streams",
    file: "state-table.ts",
    find: "(checkpoint.clean || checkpoint.bootId === bootId)",
    replace: "true",
  },
  {
    name: "marker-dropped",
    package: "streams",
    file: "key-turn.ts",
    find: "if (this.#marker !== null) this.#output.changed.push({ entry: this.#markerEntry(), bytes: this.#marker });",
    replace: "",
  },
  {
    name: "marker-not-consulted",
    package: "streams",
    file: "key-turn.ts",
    find: "(this.#plan.hasMarkers ? this.#markerEntry().bytes : null)",
    replace: "null",
  },
  {
    name: "marker-not-restored",
    package: "streams",
    file: "restore.ts",
    find: 'if (key.kind === "marker") return this.#sink.state(',
    replace: 'if (key.kind === "marker") return record.value === null && this.#sink.state(',
  },
  {
    name: "erased-state-left",
    package: "streams",
    file: "key-turn.ts",
    find: "if (entry.bytes !== null) this.#output.changed.push({ entry, bytes: null });",
    replace: "if (entry.bytes === null) this.#output.changed.push({ entry, bytes: null });",
  },
  {
    name: "tick-taken-before-its-timers",
    package: "streams",
    file: "turn-extent.ts",
    find: "taken: lastTick === null ? all : all - 1, due };",
    replace: "taken: all, due };",
  },
  {
    name: "fencing-removed",
    package: "log-embedded",
    file: "group-commit.ts",
    find: "if (queued.call.fenced()) {",
    replace: "if (queued.call.fenced() && calls.length < 0) {",
  },
  {
    name: "sweep-cursor-not-journalled",
    package: "streams",
    file: "ownership.ts",
    find: "sweepAfter: sweep?.reached ?? null",
    replace: "sweepAfter: null",
  },
  {
    name: "switch-inside-a-turn",
    package: "streams",
    file: "key-turn.ts",
    find: "model: this.#plan.model, emit };",
    replace: "model: this.#world.application.models.current, emit };",
  },
  {
    name: "missing-model-not-awaited",
    package: "streams",
    file: "ownership.ts",
    find: "    observer.modelMissing(model);",
    replace: "    if (model.length > 0) return;",
  },
  {
    name: "sweep-skips-a-key",
    package: "streams",
    file: "sweep-progress.ts",
    find: "this.#window?.take(keys.length);",
    replace: "this.#window?.take(keys.length + 1);",
  },
  {
    name: "sweep-loaded-without-a-flush",
    package: "streams",
    file: "sweep-progress.ts",
    find: "    await flush(); // What the store holds is exact only when nothing is dirty.",
    replace: "    if (after === null) await flush();",
  },
  {
    name: "sweep-goes-on-with-the-keys-of-another-model",
    package: "streams",
    file: "sweep-progress.ts",
    find: "if (this.#window === null || this.#model !== model) {",
    replace: "if (this.#window === null) {",
  },
  { name: "dedup-skipped", package: "application", file: "", find: "", replace: "" },
];

/** @throws if the place where the fault belongs is not there exactly once: then the list has to follow the code */
export async function plant(fault: PlantedFault): Promise<RunOptions> {
  if (fault.package === "application") return { runtime: streams, applicationFaults: { skipDedup: true } };
  const source = fileURLToPath(new URL(`../../packages/${fault.package}/src/`, import.meta.url));
  const copy = fileURLToPath(new URL(`.planted/${fault.name}/`, import.meta.url));
  await rm(copy, { recursive: true, force: true });
  await cp(source, copy, { recursive: true });
  const path = `${copy}${fault.file}`;
  const text = await readFile(path, "utf8");
  if (text.split(fault.find).length !== 2) {
    throw new Error(`${fault.name}: its place in ${fault.file} is not there exactly once`);
  }
  await writeFile(
    path,
    text.replace(fault.find, () => fault.replace),
  );
  const planted: unknown = await import(pathToFileURL(`${copy}index.ts`).href);
  return fault.package === "streams"
    ? { runtime: planted as Runtime }
    : { runtime: streams, openLog: (clock) => openLog(clock, planted as LogPackage) };
}
