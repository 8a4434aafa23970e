import { admitArtefact, keepModel, type ModelEntry, ModelLibrary, type ModelRefusal } from "@tidemark/installation";
import { type Artefact, modelHash, modelIdOf } from "@tidemark/scoring";
import type { OpenData } from "../opened-data.ts";

/** A version of the topic `models`, as `models list` tells it. */
export interface PublishedModel extends ModelEntry {
  readonly inForce: boolean;
}

export type ModelRole = "champion" | "challenger";

/** What came of `models publish`. */
export type Publication =
  | {
      readonly ok: true;
      readonly name: string;
      readonly version: string;
      readonly hash: string;
      readonly role: ModelRole;
      /** Whether it was in force before. */
      readonly already: boolean;
    }
  | { readonly ok: false; readonly refusal: ModelRefusal };

/** Every version that was ever published here, in the order in which they came, those refused too. */
export async function listModels(data: OpenData): Promise<readonly PublishedModel[]> {
  const library = await libraryOf(data);
  const { champion } = library;
  const inForce = champion === null ? null : modelIdOf(champion);
  return library.entries.map((entry) => {
    const { name, version, hash, refusal } = entry;
    return { ...entry, inForce: refusal === null && `${name}/${version}/${hash}` === inForce };
  });
}

/**
 * Publishes an artefact, if it can be used here. One without a version is given the beginning of its hash: equal content is then the
 * same version, whoever publishes it.
 */
export async function publishModel(data: OpenData, text: string, role: ModelRole): Promise<Publication> {
  const admission = admitArtefact(withVersion(text), null, data.installation);
  if (!admission.ok) return admission;
  const { artefact, ref, hash } = admission.model;
  const library = await libraryOf(data);
  const known = library.byRef(ref);
  if (known !== null && known.hash !== hash) {
    const reason = `${ref.name} ${ref.version} is there with another content, and a version never changes: give the file another version`;
    return { ok: false, refusal: { code: "MODEL_VERSION_CHANGED", reason } };
  }
  const already = library.champion?.hash === hash;
  if (already && role === "challenger") {
    const reason = "it is in force: publish another champion instead";
    return { ok: false, refusal: { code: "MODEL_INVALID", reason } };
  }
  if (!already) await keepModel(data, artefact, data.clock, role === "champion" ? "CHAMPION" : "CHALLENGER");
  return { ok: true, ...ref, hash, role, already };
}

async function libraryOf({ log, contracts, installation, model }: OpenData): Promise<ModelLibrary> {
  const library = new ModelLibrary({ log, contracts, place: installation, startUp: model });
  await library.catchUp();
  return library;
}

const VERSION_LENGTH = 12;

function withVersion(text: string): string {
  try {
    const json = JSON.parse(text) as unknown;
    if (typeof json !== "object" || json === null) return text;
    if ("version" in json && json.version !== "") return text;
    const unnamed = { ...json, version: "" };
    // Of an artefact as it stands; what is none is refused in a moment.
    const hash = modelHash(unnamed as unknown as Artefact);
    return JSON.stringify({ ...unnamed, version: hash.slice(0, VERSION_LENGTH) });
  } catch {
    return text;
  }
}
