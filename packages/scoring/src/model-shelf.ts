import type { ModelRef } from "@tidemark/contracts";
import type { Model } from "./model.ts";

/** Models that are at hand, and which of them is in force. */
export interface ModelShelf {
  readonly current: Model;
  /** @param id as {@link modelIdOf} makes it; null = not at hand */
  byId(id: string): Model | null;
  /** A version has but one content, so name and version name it. */
  byRef(ref: ModelRef): Model | null;
}

/** Names a model by its content: what the journal says of a turn's. */
export function modelIdOf({ ref: { name, version }, hash }: Pick<Model, "ref" | "hash">): string {
  return `${name}/${version}/${hash}`;
}

/** A shelf that never changes. @param others at hand, and not in force */
export function shelfOf(current: Model, ...others: readonly Model[]): ModelShelf {
  const models = [current, ...others];
  return {
    current,
    byId: (id) => models.find((model) => modelIdOf(model) === id) ?? null,
    byRef: ({ name, version }) => models.find(({ ref }) => ref.name === name && ref.version === version) ?? null,
  };
}
