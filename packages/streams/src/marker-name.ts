/**
 * Markers of erased keys lie among the states of a partition: in memory, and wherever states are handed around by key. Their names
 * begin with a character that no key begins with (see `addresseeOf`), so that neither is ever taken for the other.
 */
const MARKER = "\u0000";

/** The name under which the marker of that key lies. */
export function markerName(markerKey: string): string {
  return `${MARKER}${markerKey}`;
}

export function isMarkerName(name: string): boolean {
  return name.charCodeAt(0) === 0;
}

export function markerKeyOf(name: string): string {
  return name.slice(MARKER.length);
}
