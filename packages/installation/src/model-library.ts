import type { Contracts, ModelArtefact, ModelRef, ModelRole } from "@tidemark/contracts";
import { type Model, modelIdOf, type ModelShelf } from "@tidemark/scoring";
import type { Clock, EventLog, LogRecord } from "@tidemark/streams";
import { admitArtefact, type ModelPlace, type ModelRefusal } from "./admit-artefact.ts";

/** A record of the topic `models` as it is told to a person. */
export interface ModelEntry {
  readonly name: string;
  readonly version: string;
  /** Lower-case hexadecimal; of what a record says, not checked where it is refused. */
  readonly hash: string;
  readonly role: ModelRole;
  readonly fitted: boolean;
  /** ms since the epoch. */
  readonly createdAt: number;
  /** null = it can be used. */
  readonly refusal: ModelRefusal | null;
}

export interface ModelLibraryOptions {
  readonly log: EventLog;
  readonly contracts: Contracts;
  /** What an artefact must be of; null = any will do. */
  readonly place: ModelPlace | null;
  /** In force until the topic has a champion. */
  readonly startUp: Model;
  /** Told of each record that is refused. */
  readonly onRefused?: (entry: ModelEntry & { readonly refusal: ModelRefusal }) => void;
}

/**
 * Reads the topic `models` and keeps what it says: each version, and which of them is in force.
 *
 *  L1 A version is admitted whole (form, numbers, checksum, currency, zone) or refused, and then what was in force stays.
 *  L2 A version never changes: another content under its name and version is refused, whichever comes second in the topic.
 *  L3 In force is the newest champion that was admitted. A version that was at hand stays, whatever becomes of its role.
 *  L4 Until all has been read that the topic had at first, the model of the start stays in force: one that was replaced long ago would
 *     come back for a while, and every score with it.
 */
export class ModelLibrary implements ModelShelf {
  readonly #options: ModelLibraryOptions;
  readonly #byId = new Map<string, Model>();
  readonly #byVersion = new Map<string, Model>();
  /** By name, version and hash: a later record of the same takes the place of the earlier. */
  readonly #entries = new Map<string, ModelEntry>();
  /** The newest champion of what has been read. */
  #newest: Model | null = null;
  #isCaughtUp = false;
  #offset: number | null = null;

  constructor(options: ModelLibraryOptions) {
    this.#options = options;
    this.#byId.set(modelIdOf(options.startUp), options.startUp);
  }

  get current(): Model {
    return this.champion ?? this.#options.startUp;
  }

  /** The newest of the topic; null = it has none that can be used. */
  get champion(): Model | null {
    return this.#isCaughtUp ? this.#newest : null; // L4
  }

  /** In the order in which they were first published. */
  get entries(): readonly ModelEntry[] {
    return [...this.#entries.values()];
  }

  byId(id: string): Model | null {
    return this.#byId.get(id) ?? null;
  }

  byRef(ref: ModelRef): Model | null {
    const { startUp } = this.#options;
    const isStartUp = ref.name === startUp.ref.name && ref.version === startUp.ref.version;
    return this.#byVersion.get(versionKey(ref)) ?? (isStartUp ? startUp : null);
  }

  /** Reads up to the end that the topic has now. @throws LogUnavailable; the signal's reason */
  async catchUp(signal = new AbortController().signal): Promise<void> {
    const { log, contracts } = this.#options;
    const { start, end } = await log.offsets(contracts.topics.models, PARTITION);
    this.#offset ??= start;
    for (let waitMs = 0; this.#offset < end;) {
      signal.throwIfAborted();
      const before: number = this.#offset;
      await this.#read(waitMs, signal);
      waitMs = this.#offset === before ? WAIT_MS : 0;
    }
    this.#isCaughtUp = true;
  }

  /** Follows the topic until the signal aborts; what fails is told and tried again. */
  async run(signal: AbortSignal, { clock, onCaughtUp, onProblem }: LibraryRun): Promise<void> {
    let isCaughtUp = false;
    let retryMs = RETRY_MS;
    while (!signal.aborted) {
      try {
        if (isCaughtUp) {
          await this.#read(WAIT_MS, signal);
          retryMs = RETRY_MS;
          continue;
        }
        await this.catchUp(signal);
        isCaughtUp = true;
        onCaughtUp();
      } catch (error) {
        if (signal.aborted) return;
        onProblem(error);
        await clock.sleep(retryMs, signal);
        retryMs = Math.min(2 * retryMs, RETRY_MS_MAX);
      }
    }
  }

  async #read(waitMsMax: number, signal: AbortSignal): Promise<void> {
    const { log, contracts } = this.#options;
    const position = { topic: contracts.topics.models, partition: PARTITION, offset: this.#offset ?? 0 };
    const [slice] = await log.fetch([position], { bytesMaxPerPartition: FETCH_BYTES_MAX, waitMsMax, signal });
    if (slice === undefined) return;
    for (const record of slice.records) {
      await this.#take(record);
      this.#offset = record.offset + 1;
    }
    this.#offset = slice.offsetNext;
  }

  async #take({ value }: LogRecord): Promise<void> {
    // A version that was deleted by hand is still what turns were scored with.
    if (value === null) return;
    const record = await this.#decoded(value);
    if (record === null) {
      this.#refuse(UNREADABLE, { code: "MODEL_UNREADABLE", reason: "the record cannot be decoded" });
      return;
    }
    const { name, version, role, hash } = record;
    const known = this.#byVersion.get(versionKey(record));
    if (known !== undefined && known.hash !== hash) {
      const reason = `${name} ${version} is there with another content, and a version never changes: publish it under another`;
      this.#refuse(record, { code: "MODEL_VERSION_CHANGED", reason });
      return;
    }
    const model = known ?? this.#admitted(record);
    if (model === null) return;
    this.#note(record, null);
    this.#byVersion.set(versionKey(record), model);
    this.#byId.set(modelIdOf(model), model);
    if (role === "CHAMPION") this.#newest = model;
  }

  #admitted(record: ModelArtefact): Model | null {
    if (this.#byVersion.size >= MODELS_MAX) {
      this.#refuse(record, { code: "MODELS_TOO_MANY", reason: `an installation keeps at most ${MODELS_MAX} versions` });
      return null;
    }
    const admission = admitArtefact(record.artefact, record.hash, this.#options.place);
    if (!admission.ok) {
      this.#refuse(record, admission.refusal);
      return null;
    }
    const { model } = admission;
    if (versionKey(model.ref) === versionKey(record)) return model;
    const reason = "name or version of the record are not those of its artefact";
    this.#refuse(record, { code: "MODEL_INVALID", reason });
    return null;
  }

  async #decoded(value: Uint8Array): Promise<ModelArtefact | null> {
    const { contracts } = this.#options;
    const { models } = contracts.codecs;
    try {
      const missing = models.schemaMissing(value);
      if (missing !== null) await contracts.load(missing);
      return models.decode(value);
    } catch (error) {
      const code = error instanceof Error && "code" in error ? error.code : null;
      if (code === "REGISTRY_UNAVAILABLE") throw error;
      return null;
    }
  }

  #refuse(record: Omit<ModelEntry, "refusal">, refusal: ModelRefusal): void {
    const entry = { ...this.#note(record, refusal), refusal };
    this.#options.onRefused?.(entry);
  }

  #note({ name, version, hash, role, fitted, createdAt }: Omit<ModelEntry, "refusal">, refusal: ModelRefusal | null) {
    const entry: ModelEntry = { name, version, hash, role, fitted, createdAt, refusal };
    const key = `${name}\n${version}\n${hash}`;
    // What was admitted once stays so, and refused records are a bounded list.
    if (this.#entries.has(key) || this.#entries.size < ENTRIES_MAX) this.#entries.set(key, entry);
    return entry;
  }
}

export interface LibraryRun {
  readonly clock: Clock;
  /** All is known that the topic had when it was first reached. */
  readonly onCaughtUp: () => void;
  readonly onProblem: (error: unknown) => void;
}

const PARTITION = 0;
const FETCH_BYTES_MAX = 1024 * 1024;
/** Of one fetch; a model comes into force so late at the most. */
const WAIT_MS = 500;
/** After a failure, doubling up to the second: an outage of hours is told in some hundred lines. */
const RETRY_MS = 1_000;
const RETRY_MS_MAX = 30_000;
/** Versions of an installation: at 20 a year, fifty years. */
const MODELS_MAX = 1_000;
/** Told to a person: versions, and what was refused. */
const ENTRIES_MAX = 2 * MODELS_MAX;

const UNREADABLE: Omit<ModelEntry, "refusal"> = {
  name: "",
  version: "",
  hash: "",
  role: "UNKNOWN",
  fitted: false,
  createdAt: 0,
};

function versionKey({ name, version }: ModelRef): string {
  return `${name}\n${version}`;
}
