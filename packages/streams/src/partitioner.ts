/**
 * The partition of a key, equal to Apache Kafka's Java client: (murmur2(key) & 0x7fffffff) mod partitions.
 * Source: Austin Appleby's MurmurHash2 with the seed of org.apache.kafka.common.utils.Utils.
 */
export function partitionOf(key: Uint8Array, partitions: number): number {
  return (murmur2(key) & 0x7fffffff) % partitions;
}

/** MurmurHash2, 32 bits, as a signed integer. */
export function murmur2(data: Uint8Array): number {
  const M = 0x5bd1e995;
  const length = data.length;
  let h = 0x9747b28c ^ length;
  const body = length & ~3;
  for (let i = 0; i < body; i += 4) {
    let k = byte(data, i) | (byte(data, i + 1) << 8) | (byte(data, i + 2) << 16) | (byte(data, i + 3) << 24);
    k = Math.imul(k, M);
    k ^= k >>> 24;
    h = Math.imul(h, M) ^ Math.imul(k, M);
  }
  const tail = length - body;
  if (tail >= 3) h ^= byte(data, body + 2) << 16;
  if (tail >= 2) h ^= byte(data, body + 1) << 8;
  if (tail >= 1) h = Math.imul(h ^ byte(data, body), M);
  h ^= h >>> 13;
  h = Math.imul(h, M);
  return h ^ (h >>> 15);
}

function byte(data: Uint8Array, index: number): number {
  return data[index] as number;
}
