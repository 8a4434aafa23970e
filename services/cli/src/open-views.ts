import { join } from "node:path";
import { createErasureNames } from "@tidemark/contracts";
import { connectViews, startViews, type Views } from "@tidemark/gateway/views";
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
  const { log, contracts, clock, clockScale, model, erasureSecret, followViews } = data;
  const { partitions, topicPrefix } = data.installation;
  const erasureNames = erasureSecret === null ? null : createErasureNames(erasureSecret);
  const views = {
    directory: join(data.directory, "views"),
    partitions,
    timeScale: clockScale?.factor ?? 1,
    bootId: context.bootId,
    lapseDays: model.artefact.churnHorizonDays,
  };
  if (followViews === null) return startViews({ ...views, log, contracts, erasureNames, clock, logger });
  const setup = { ...views, registry: data.registry, topicPrefix, secretCheck: erasureNames?.check ?? null };
  return connectViews({ ...views, erasureNames, logger, clock, follow: () => followViews(setup) });
}
