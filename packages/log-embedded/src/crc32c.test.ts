import { expect, it } from "vitest";
import { crc32c } from "./crc32c.ts";

const ascending = Buffer.from(Array.from({ length: 32 }, (_, index) => index));

// RFC 3720, appendix B.4; the last is the check value of the catalogues of CRCs.
it.each([
  ["32 zeros", Buffer.alloc(32), 0x8a9136aa],
  ["32 ones", Buffer.alloc(32, 0xff), 0x62a8ab43],
  ["32 bytes that rise", ascending, 0x46dd794e],
  ["32 bytes that fall", Buffer.from(ascending.toReversed()), 0x113fdb5c],
  ["nine digits", Buffer.from("123456789"), 0xe3069283],
])("the CRC-32C of %s is the published one, wherever they lie", (_, bytes, checksum) => {
  expect(crc32c(bytes, 0, bytes.length)).toBe(checksum);
  for (let before = 1; before < 9; before += 1) {
    const among = Buffer.concat([Buffer.alloc(before, "x"), bytes, Buffer.from("yyy")]);
    expect(crc32c(among, before, before + bytes.length)).toBe(checksum);
  }
});
