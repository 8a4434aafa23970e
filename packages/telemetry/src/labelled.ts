/**
 * A metric with labels and its children by label values. A metric has at most {@link CHILDREN_MAX} children: a label
 * that turns out to be unbounded (a caller passed an id) ends in one child `other`, and neither memory nor the
 * scrape grows with it.
 */
export interface Labelled<Child> {
  child(...values: readonly string[]): Child;
  remove(...values: readonly string[]): void;
}

/** Prefixes × topics × partitions of one process, with room. */
export const CHILDREN_MAX = 2_000;

interface Parent<Child> {
  labels(...values: string[]): Child;
  remove(...values: string[]): void;
}

export function labelled<Child>(names: readonly string[], parent: Parent<Child>): Labelled<Child> {
  const children = new Map<string, Child>();
  const childOf = (values: readonly string[]): Child => {
    const key = keyOf(values);
    const known = children.get(key);
    if (known !== undefined) return known;
    if (children.size >= CHILDREN_MAX) return parent.labels(...names.map(() => "other"));
    const child = parent.labels(...values);
    children.set(key, child);
    return child;
  };
  return {
    child: (...values) => childOf(values),
    remove(...values) {
      children.delete(keyOf(values));
      parent.remove(...values);
    },
  };
}

function keyOf(values: readonly string[]): string {
  return values.join("\u0000");
}
