import type { Contracts } from "@tidemark/contracts";
import { type Artefact, artefactText, modelHash } from "@tidemark/scoring";
import type { Clock, EventLog } from "@tidemark/streams";
import { artefactSchema } from "./artefact-schema.ts";

/** The model that is kept cannot be used by this code: exit code 3. */
export class ModelUnusable extends Error {
  readonly code = "MODEL_UNUSABLE";
}

/**
 * The fitted model of an installation: a record of the topic `models`, nowhere else.
 *
 *  K1 It is kept once, before the first event is stored, and never replaced: nothing may be scored by two models (a switch is a
 *     sweep, R8). So whatever instant a kill strikes at, who opens the installation next finds one of
 *      - no model and no event: the import was not; the next one fits anew;
 *      - a model and no event: nothing is scored yet; the model is used from the first turn on, whoever sends the events;
 *      - a model and events: all were stored after it, so every journal entry names it;
 *      - events and no model: they were stored by who used the defaults, and so is everything after them.
 *  K2 The append is atomic and durable once resolved, so that the first and the second are all that can come of it.
 */
interface ModelTopic {
  readonly log: EventLog;
  readonly contracts: Contracts;
}

/** @returns null where none was kept. @throws ModelUnusable */
export async function readKeptModel({ log, contracts }: ModelTopic): Promise<Artefact | null> {
  const topic = contracts.topics.models;
  const { start, end } = await log.offsets(topic, PARTITION);
  const { signal } = new AbortController();
  for (let offset = start; offset < end;) {
    const options = { bytesMaxPerPartition: FETCH_BYTES_MAX, waitMsMax: 0, signal };
    const [slice] = await log.fetch([{ topic, partition: PARTITION, offset }], options);
    if (slice === undefined || slice.offsetNext === offset) break;
    for (const { value } of slice.records) {
      if (value === null) continue;
      const { role, artefact, hash } = contracts.codecs.models.decode(value);
      if (role === "CHAMPION") return parse(artefact, hash);
    }
    offset = slice.offsetNext;
  }
  return null;
}

/** Only to be called while {@link mayKeepModel} (K1). Resolves once the model is durable. */
export async function keepModel({ log, contracts }: ModelTopic, artefact: Artefact, clock: Clock): Promise<void> {
  const { name, version, fitted } = artefact;
  const value = contracts.codecs.models.encode({
    name,
    version,
    role: "CHAMPION",
    hash: modelHash(artefact),
    artefact: artefactText(artefact),
    fitted,
    createdAt: clock.now(),
  });
  const key = Buffer.from(`${name}/${version}`);
  await log.append([{ topic: contracts.topics.models, partition: PARTITION, records: [{ key, value }] }]);
}

/** Whether a model may still be chosen: none is kept, and nothing was ever stored that could have been scored by another (K1). */
export async function mayKeepModel({ log, contracts }: ModelTopic): Promise<boolean> {
  const { models, purchases, interactions, complaints, customers, ticks, journal } = contracts.topics;
  const decisive = new Set([models, purchases, interactions, complaints, customers, ticks, journal]);
  for (const { name, partitions } of await log.topics()) {
    if (!decisive.has(name)) continue;
    // What retention has deleted was there: ends never fall.
    for (let partition = 0; partition < partitions; partition += 1) {
      if ((await log.offsets(name, partition)).end > 0) return false;
    }
  }
  return true;
}

const PARTITION = 0;
const FETCH_BYTES_MAX = 1024 * 1024;

function parse(text: string, hash: string): Artefact {
  const result = artefactSchema.safeParse(JSON.parse(text));
  if (!result.success) {
    throw new ModelUnusable("the model kept here was made by another release; use that", { cause: result.error });
  }
  if (modelHash(result.data) !== hash) {
    throw new ModelUnusable("the model kept here is not what its hash says: restore a backup");
  }
  return result.data;
}
