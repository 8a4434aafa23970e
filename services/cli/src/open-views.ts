import { join } from "node:path";
import { createErasureNames } from "@tidemark/contracts";
import { startViews, type Views } from "@tidemark/gateway";
import type { Logger } from "@tidemark/telemetry";
import type { CommandContext } from "./command-context.ts";
import type { OpenData } from "./opened-data.ts";

export interface OpenViewsOptions {
  readonly data: OpenData;
  readonly context: CommandContext;
  readonly logger: Logger;
}

/** Opens the copies that queries read, of all partitions whoever owns them. */
export function openViews({ data, context, logger }: OpenViewsOptions): Promise<Views> {
  const { directory, installation, log, contracts, clock, clockScale, model, erasureSecret } = data;
  return startViews({
    log,
    contracts,
    partitions: installation.partitions,
    directory: join(directory, "views"),
    erasureNames: erasureSecret === null ? null : createErasureNames(erasureSecret),
    clock,
    timeScale: clockScale?.factor ?? 1,
    bootId: context.bootId,
    lapseDays: model.artefact.churnHorizonDays,
    logger,
  });
}
