/**
 * A purchase as bytes in the Confluent wire format, written here from the Avro specification and the order of fields in
 * `schemas/purchases.avsc`, so that it can be wrong in ways that no codec would write.
 */
export interface PurchaseBytes {
  /** 0 in every right record. */
  readonly magic?: number;
  readonly schemaId: number;
  readonly eventId: string | Uint8Array;
  readonly customerId: string;
  /** ms since the epoch. */
  readonly occurredAt: bigint;
  /** Index among the symbols; 1 is PURCHASE. */
  readonly kind?: number;
  readonly amountMinor: bigint;
  readonly currency?: string;
  readonly quantity?: number;
  readonly category?: string | Uint8Array;
}

export function purchaseBytes(fields: PurchaseBytes): Buffer {
  const { magic = 0, schemaId, kind = 1, currency = "EUR", quantity = null, category = null } = fields;
  const header = Buffer.alloc(5);
  header.writeUInt8(magic, 0);
  header.writeUInt32BE(schemaId, 1);
  const noValue = long(0n);
  const emptyMap = long(0n);
  return Buffer.concat([
    header,
    string(fields.eventId),
    string(fields.customerId),
    long(fields.occurredAt),
    noValue, // source
    emptyMap, // attributes
    long(BigInt(kind)),
    noValue, // orderId
    long(fields.amountMinor),
    noValue, // marginMinor
    noValue, // discountMinor
    string(currency),
    ...(quantity === null ? [noValue] : [long(1n), double(quantity)]),
    ...(category === null ? [noValue] : [long(1n), string(category)]),
    noValue, // channel
    noValue, // dueAt
    noValue, // originalOccurredAt
    noValue, // acquisitionChannel
    noValue, // acquisitionCostMinor
  ]);
}

/** Zigzag, then seven bits a byte, the lowest first. */
function long(value: bigint): Buffer {
  const bytes: number[] = [];
  let rest = BigInt.asUintN(64, (value << 1n) ^ (value >> 63n));
  for (; rest >= 0x80n; rest >>= 7n) bytes.push(Number(rest & 0x7fn) | 0x80);
  bytes.push(Number(rest));
  return Buffer.from(bytes);
}

function string(text: string | Uint8Array): Buffer {
  const bytes = Buffer.from(text);
  return Buffer.concat([long(BigInt(bytes.length)), bytes]);
}

function double(value: number): Buffer {
  const bytes = Buffer.alloc(8);
  bytes.writeDoubleLE(value);
  return bytes;
}
