/** FNV-1a (G. Fowler, L. C. Noll, P. Vo), 32 bits as a signed integer: of bytes or of UTF-16 units, one step each. */
export const FNV_START = 0x811c9dc5 | 0;

export function fnvStep(hash: number, unit: number): number {
  return Math.imul(hash ^ unit, 0x01000193);
}
