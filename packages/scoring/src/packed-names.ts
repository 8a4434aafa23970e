/** Names of at most 255 bytes, packed in UTF-8, each behind a byte that says how many they are. */

/** @returns the index behind it */
export function writeName(bytes: Buffer, at: number, name: string): number {
  const length = writeText(bytes, at + 1, name);
  bytes[at] = length;
  return at + 1 + length;
}

/** @param at of the byte before the name, here and below */
export function readName(bytes: Buffer, at: number): string {
  return bytes.toString("utf8", at + 1, nameEnd(bytes, at));
}

/** The index behind the name. */
export function nameEnd(bytes: Buffer, at: number): number {
  return at + 1 + (bytes[at] as number);
}

/** Whether the name that stands there is this one: told without unpacking it. */
export function isNameAt(bytes: Buffer, at: number, name: string): boolean {
  const length = bytes[at] as number;
  for (let i = 0; i < length; i++) {
    const unit = name.charCodeAt(i);
    if (unit > ASCII_MAX) return readName(bytes, at) === name;
    if (bytes[at + 1 + i] !== unit) return false;
  }
  return name.length === length;
}

/** @returns how many bytes it takes */
function writeText(bytes: Buffer, at: number, text: string): number {
  for (let i = 0; i < text.length; i++) {
    const unit = text.charCodeAt(i);
    // What is not ASCII, as few names are, costs a call into native code.
    if (unit > ASCII_MAX) return bytes.write(text, at);
    bytes[at + i] = unit;
  }
  return text.length;
}

const ASCII_MAX = 0x7f;
