import { isUtf8 } from "node:buffer";
import type { Type, types } from "avsc";

/**
 * Checks that bytes follow a schema before avsc reads them, since avsc believes what it reads: a count of
 * 2^31 in a truncated array keeps it in a loop for minutes, bytes that are not UTF-8 become U+FFFD, a long
 * beyond 2^52 changes its sign. A stranger's record must cost no more than its own length.
 */
export type Structure =
  | { readonly kind: "null" | "boolean" | "int" | "long" | "string" | "bytes" }
  | { readonly kind: "fixed"; readonly bytes: number }
  | { readonly kind: "enum"; readonly symbols: number }
  | { readonly kind: "array" | "map"; readonly items: Structure }
  | { readonly kind: "union"; readonly branches: readonly Structure[] }
  | { readonly kind: "record"; readonly fields: readonly Structure[] };

/** What to check of values written with `type`. */
export function structureOf(type: Type, known: Map<Type, Structure> = new Map()): Structure {
  switch (type.typeName) {
    case "null":
    case "boolean":
    case "int":
    case "long":
    case "string":
    case "bytes":
      return { kind: type.typeName };
    case "float":
      return { kind: "fixed", bytes: 4 };
    case "double":
      return { kind: "fixed", bytes: 8 };
    case "fixed":
      return { kind: "fixed", bytes: (type as types.FixedType).size };
    case "enum":
      return { kind: "enum", symbols: (type as types.EnumType).symbols.length };
    case "array":
      return { kind: "array", items: structureOf((type as types.ArrayType).itemsType, known) };
    case "map":
      return { kind: "map", items: structureOf((type as types.MapType).valuesType as Type, known) };
    case "union:unwrapped":
    case "union:wrapped":
      return {
        kind: "union",
        branches: (type as types.UnwrappedUnionType).types.map((branch) => structureOf(branch, known)),
      };
    case "record":
    case "error": {
      const before = known.get(type);
      if (before !== undefined) return before;
      // Known before its fields are visited: a record may contain itself.
      const fields: Structure[] = [];
      const structure: Structure = { kind: "record", fields };
      known.set(type, structure);
      for (const field of (type as types.RecordType).fields) {
        fields.push(structureOf(field.type, known));
      }
      return structure;
    }
    default:
      throw new Error(`no structure is known for the Avro type ${type.typeName}`);
  }
}

/**
 * Walks one value.
 * @param position index of its first byte
 * @returns the index after its last byte; negative = a {@link WireFault}
 */
export function endOfValue(structure: Structure, bytes: Uint8Array, position: number, depth: number = 0): number {
  switch (structure.kind) {
    case "string":
      return endOfString(bytes, position);
    case "union": {
      const after = varintEnd(bytes, position);
      if (after < 0) return after;
      const branch = structure.branches[varint(bytes, position, after)];
      return branch === undefined ? WireFault.noSuchBranch : endOfValue(branch, bytes, after, depth);
    }
    case "long":
      return endOfLong(bytes, position);
    case "null":
      return position;
    case "int": {
      const after = varintEnd(bytes, position);
      if (after < 0) return after;
      const value = varint(bytes, position, after);
      return value === (value | 0) ? after : WireFault.numberTooLarge;
    }
    case "enum": {
      const after = varintEnd(bytes, position);
      if (after < 0) return after;
      const index = varint(bytes, position, after);
      return index >= 0 && index < structure.symbols ? after : WireFault.noSuchBranch;
    }
    case "fixed": {
      const after = position + structure.bytes;
      return after <= bytes.length ? after : WireFault.truncated;
    }
    case "boolean": {
      const byte = bytes[position];
      if (byte === undefined) return WireFault.truncated;
      return byte <= 1 ? position + 1 : WireFault.notBoolean;
    }
    case "record": {
      if (depth >= DEPTH_MAX) return WireFault.tooDeep;
      let at = position;
      for (const field of structure.fields) {
        at = endOfValue(field, bytes, at, depth + 1);
        if (at < 0) return at;
      }
      return at;
    }
    case "array":
    case "map":
      return endOfBlocks(structure, bytes, position, depth);
    case "bytes":
      return endOfBytes(bytes, position);
  }
  return structure satisfies never;
}

/** Why bytes do not follow their schema; each is negative, so that it cannot be taken for an index. */
const WireFault = {
  truncated: -1,
  numberTooLarge: -2,
  notUtf8: -3,
  noSuchBranch: -4,
  wrongCount: -5,
  notBoolean: -6,
  tooDeep: -7,
  forbiddenKey: -8,
} as const;

const REASONS: Readonly<Record<number, string>> = {
  [WireFault.truncated]: "the value ends before its schema does",
  [WireFault.numberTooLarge]: "a number is too large to be exact",
  [WireFault.notUtf8]: "a string is not UTF-8",
  [WireFault.noSuchBranch]: "an enum or union has no such alternative",
  [WireFault.wrongCount]: "a list's count or size is wrong",
  [WireFault.notBoolean]: "a boolean is neither 0 nor 1",
  [WireFault.tooDeep]: "the value is nested too deeply",
  [WireFault.forbiddenKey]: "a map has a forbidden key",
};

/** A fault in words. */
export function wireFaultReason(fault: number): string {
  return REASONS[fault] ?? "the value does not follow its schema";
}

const DEPTH_MAX = 32;
const VARINT_BYTES_MAX = 10;

function endOfBlocks(
  structure: Structure & { readonly kind: "array" | "map" },
  bytes: Uint8Array,
  position: number,
  depth: number,
): number {
  if (depth >= DEPTH_MAX) return WireFault.tooDeep;
  let at = position;
  for (;;) {
    let after = varintEnd(bytes, at);
    if (after < 0) return after;
    let count = varint(bytes, at, after);
    if (count === 0) return after;
    let sizeEnd = -1;
    if (count < 0) {
      // A negative count is followed by the block's size in bytes.
      count = -count;
      at = after;
      after = varintEnd(bytes, at);
      if (after < 0) return after;
      sizeEnd = after + varint(bytes, at, after);
    }
    at = after;
    // No item of ours is empty, so a count beyond the bytes left is a lie; it bounds the loop below.
    if (count > bytes.length - at) return WireFault.wrongCount;
    for (let i = 0; i < count; i++) {
      if (structure.kind === "map") {
        const key = at;
        at = endOfString(bytes, at);
        if (at < 0) return at;
        if (at - key === PROTO_BYTES && isProto(bytes, key)) return WireFault.forbiddenKey;
      }
      at = endOfValue(structure.items, bytes, at, depth + 1);
      if (at < 0) return at;
    }
    if (sizeEnd >= 0 && sizeEnd !== at) return WireFault.wrongCount;
  }
}

/** `__proto__` with its length: as a key of a plain object it would vanish without a word. */
const PROTO = Buffer.from("\u0012__proto__");
const PROTO_BYTES = PROTO.length;

function isProto(bytes: Uint8Array, position: number): boolean {
  return PROTO.every((byte, index) => bytes[position + index] === byte);
}

function endOfBytes(bytes: Uint8Array, position: number): number {
  const start = varintEnd(bytes, position);
  if (start < 0) return start;
  const length = varint(bytes, position, start);
  if (length < 0) return WireFault.wrongCount;
  return start + length <= bytes.length ? start + length : WireFault.truncated;
}

function endOfString(bytes: Uint8Array, position: number): number {
  const end = endOfBytes(bytes, position);
  if (end < 0) return end;
  // The length's own bytes are at most as many as a string needs to make it so long: start anew behind them.
  const start = varintEnd(bytes, position);
  for (let i = start; i < end; i++) {
    if ((bytes[i] as number) >= 0x80) {
      return isUtf8(bytes.subarray(i, end)) ? end : WireFault.notUtf8;
    }
  }
  return end;
}

function endOfLong(bytes: Uint8Array, position: number): number {
  const after = varintEnd(bytes, position);
  if (after < 0 || after - position <= EXACT_BYTES) return after;
  let zigzag = 0;
  let scale = 1;
  for (let i = position; i < after; i++) {
    zigzag += ((bytes[i] as number) & 0x7f) * scale;
    scale *= 128;
  }
  // Odd means negative. Above 2^53 an odd number is not exact, so avsc would make a positive one of it; an odd
  // one that reads as 2^53 was rounded to it.
  const odd = ((bytes[position] as number) & 1) === 1;
  return (odd ? zigzag < 2 ** 53 : zigzag <= 2 ** 54 - 4) ? after : WireFault.numberTooLarge;
}

/** 7 bytes carry 49 bits: always exact. */
const EXACT_BYTES = 7;

/** Index after the variable-length number at `position`. */
function varintEnd(bytes: Uint8Array, position: number): number {
  const limit = position + VARINT_BYTES_MAX;
  for (let i = position; i < limit; i++) {
    const byte = bytes[i];
    if (byte === undefined) return WireFault.truncated;
    if (byte < 0x80) return i + 1;
  }
  return WireFault.numberTooLarge;
}

/** The number itself; beyond 2^52 only its order of magnitude is right. */
function varint(bytes: Uint8Array, position: number, end: number): number {
  const first = bytes[position] as number;
  if (end === position + 1) return (first >>> 1) ^ -(first & 1);
  let zigzag = 0;
  let scale = 1;
  for (let i = position; i < end; i++) {
    zigzag += ((bytes[i] as number) & 0x7f) * scale;
    scale *= 128;
  }
  return (first & 1) === 1 ? -(zigzag + 1) / 2 : zigzag / 2;
}
