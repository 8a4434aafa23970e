import type { Contracts } from "@tidemark/contracts";
import { type Artefact, artefactText, createModel, defaultArtefact, modelHash } from "@tidemark/scoring";
import type { Clock, EventLog } from "@tidemark/streams";
import type { ModelPlace } from "./admit-artefact.ts";
import { ModelLibrary } from "./model-library.ts";

/** The model that is kept cannot be used by this code: exit code 3. */
export class ModelUnusable extends Error {
  readonly code = "MODEL_UNUSABLE";
}

/**
 * The models of an installation are records of the topic `models`, nowhere else. The newest champion is in force.
 *
 *  K1 What a processor would score with at its start is published before the first turn, unless it is the champion already: each journal
 *     entry names what the topic has, and whatever settings change is a switch like any other, a sweep (R8).
 *  K2 An import fits one to the data only before the first event is stored. So whatever instant a kill strikes at, who opens the installation
 *     next finds a fitted model, or no event and may fit anew, or events that were stored by who used the defaults.
 *  K3 The append is atomic and durable once resolved.
 */
export interface ModelTopic {
  readonly log: EventLog;
  readonly contracts: Contracts;
  /** What a champion must be of; any will do if absent. */
  readonly place?: ModelPlace;
}

/**
 * The newest champion that can be used; null where none was ever published.
 * @throws ModelUnusable where champions were published and this code can use none of them
 */
export async function readKeptModel({ log, contracts, place }: ModelTopic): Promise<Artefact | null> {
  const library = new ModelLibrary({ log, contracts, place: place ?? null, startUp: ANY });
  await library.catchUp();
  if (library.champion !== null) return library.champion.artefact;
  const refused = library.entries.findLast(({ role }) => role === "CHAMPION")?.refusal ?? null;
  if (refused === null) return null;
  const advice =
    refused.code === "MODEL_INVALID"
      ? "it was made by another release; use that"
      : "restore a backup of the topic, or publish it anew";
  throw new ModelUnusable(`the model kept here cannot be used: ${refused.reason}: ${advice}`);
}

/** Publishes a version, as the champion if nothing else is said. Resolves once it is durable. */
export async function keepModel(
  { log, contracts }: ModelTopic,
  artefact: Artefact,
  clock: Clock,
  role: "CHAMPION" | "CHALLENGER" = "CHAMPION",
): Promise<void> {
  const { name, version, fitted } = artefact;
  const value = contracts.codecs.models.encode({
    name,
    version,
    role,
    hash: modelHash(artefact),
    artefact: artefactText(artefact),
    fitted,
    createdAt: clock.now(),
  });
  const key = Buffer.from(`${name}/${version}`);
  await log.append([{ topic: contracts.topics.models, partition: PARTITION, records: [{ key, value }] }]);
}

/** Publishes what the processors here start with, unless it is what the topic has in force (K1). */
export async function publishStartUp(topic: ModelTopic, artefact: Artefact, clock: Clock): Promise<void> {
  const champion = await readKeptModel(topic);
  if (champion === null || modelHash(champion) !== modelHash(artefact)) await keepModel(topic, artefact, clock);
}

/** Whether a model may still be fitted: none is, and nothing was ever stored that could have been scored by another (K2). */
export async function mayKeepModel({ log, contracts }: ModelTopic): Promise<boolean> {
  if (await wereEventsStored({ log, contracts })) return false;
  return (await readKeptModel({ log, contracts }))?.fitted !== true;
}

/**
 * Whether nothing was ever stored but what each start makes by itself, the default parameters: then nothing depends on what the
 * installation counts in. A model that was fitted or published is somebody's.
 */
export async function isUnused({ log, contracts }: ModelTopic): Promise<boolean> {
  if (await wereEventsStored({ log, contracts })) return false;
  const library = new ModelLibrary({ log, contracts, place: null, startUp: ANY });
  await library.catchUp();
  const { name, version } = ANY.ref;
  return library.entries.every(
    (entry) => entry.name === name && (entry.version === version || entry.version.startsWith(`${version}+`)),
  );
}

async function wereEventsStored({ log, contracts }: ModelTopic): Promise<boolean> {
  const { purchases, interactions, complaints, customers, ticks, journal } = contracts.topics;
  const decisive = new Set([purchases, interactions, complaints, customers, ticks, journal]);
  for (const { name, partitions } of await log.topics()) {
    if (!decisive.has(name)) continue;
    // What retention has deleted was there: ends never fall.
    for (let partition = 0; partition < partitions; partition += 1) {
      if ((await log.offsets(name, partition)).end > 0) return true;
    }
  }
  return false;
}

const PARTITION = 0;
/** In force nowhere: what is asked for is what the topic says. */
const ANY = createModel(defaultArtefact());
