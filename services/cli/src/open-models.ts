import { followModels, type FollowedModels } from "@tidemark/installation";
import type { Logger } from "@tidemark/telemetry";
import type { OpenData } from "./opened-data.ts";

/** The models that queries are answered with, as they come into force. Resolves when all is known that were published before. */
export async function openModels({
  data,
  logger,
}: {
  readonly data: OpenData;
  readonly logger: Logger;
}): Promise<FollowedModels> {
  const { log, contracts, installation, clock, model } = data;
  const models = followModels({ log, contracts, place: installation, startUp: model, clock, logger });
  try {
    // Without a log they would wait for one for ever.
    await Promise.race([models.caughtUp, data.ended]);
  } catch (error) {
    await models.stop();
    throw error;
  }
  return models;
}
