import { SingleBar } from "cli-progress";
import type { Clock } from "@tidemark/streams";
import type { CommandContext } from "../command-context.ts";

/** Tells a person how far a long piece of work has come. */
export interface Progress {
  /** Begins a stage. @param total null = not known */
  stage(name: string, total: number | null, unit: ProgressUnit): void;
  update(done: number): void;
  stop(): void;
}

export type ProgressUnit = "MB" | "items" | "steps";

/** A bar where a person sits at a terminal, else lines. */
export function progressOf({ stderr, clock }: Pick<CommandContext, "stderr" | "clock">): Progress {
  return stderr.isTTY === true ? progressBar(stderr) : progressLines((text) => void stderr.write(text), clock);
}

/** A bar that moves; for a terminal. */
function progressBar(stream: NodeJS.WritableStream): Progress {
  let bar: SingleBar | null = null;
  let unitSize = 1;
  const stop = (): void => {
    bar?.stop();
    bar = null;
  };
  return {
    stage(name, total, unit) {
      stop();
      unitSize = unitSizes[unit];
      const amount = total === null ? "{value}" : "{bar} {percentage} %  {value}/{total}";
      bar = new SingleBar({
        format: `${name.padEnd(STAGE_WIDTH)} ${amount} ${unit}  {duration_formatted}`,
        stream,
        hideCursor: true,
        clearOnComplete: true,
        barsize: 30,
      });
      bar.start(total === null ? 0 : Math.ceil(total / unitSize), 0);
    },
    update: (done) => bar?.update(Math.floor(done / unitSize)),
    stop,
  };
}

/** A line every {@link LINE_MS_MIN}; for logs and pipes. */
export function progressLines(write: (text: string) => void, clock: Clock): Progress {
  let current: { name: string; total: number | null; unit: ProgressUnit } | null = null;
  let lineAt = 0;
  return {
    stage(name, total, unit) {
      current = { name, total, unit };
      lineAt = clock.monotonic() + LINE_MS_MIN;
    },
    update(done) {
      if (current === null || clock.monotonic() < lineAt) return;
      lineAt = clock.monotonic() + LINE_MS_MIN;
      const { name, total, unit } = current;
      const size = unitSizes[unit];
      const share = total === null || total === 0 ? "" : ` of ${Math.ceil(total / size)}`;
      write(`${name}: ${Math.floor(done / size)}${share} ${unit}\n`);
    },
    stop() {
      current = null;
    },
  };
}

export const noProgress: Progress = { stage: () => {}, update: () => {}, stop: () => {} };

const unitSizes: Readonly<Record<ProgressUnit, number>> = { MB: 1_000_000, items: 1, steps: 1 };
const STAGE_WIDTH = 8;
const LINE_MS_MIN = 5000;
