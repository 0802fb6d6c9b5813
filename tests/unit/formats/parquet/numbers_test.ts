import {
  decimalText,
  fromBytes,
  writeDecimal,
  writeShortFloat,
} from "../../../../lib/formats/parquet/numbers.ts";
import { ByteWriter } from "../../../../lib/util/bytes/bytes.ts";
import { assertEquals } from "../../../support/assert.ts";

const EDGES = [0, 1, 5, 9, 10, 99, 100, 127, 128, 255, 256, 999_999, 2 ** 31, 2 ** 47, 2 ** 53 - 1]
  .flatMap((value) => [value, -value]).filter((value) => !Object.is(value, -0));

Deno.test("writeDecimal() writes the text of decimalText()", () => {
  for (let scale = -1; scale <= 17; scale++) {
    for (const digits of EDGES) {
      const out = new ByteWriter(8);
      writeDecimal(out, digits, scale);
      const text = new TextDecoder().decode(out.bytes);
      assertEquals([scale, digits, text], [scale, digits, decimalText(BigInt(digits), scale)]);
    }
  }
});

Deno.test("fromBytes() reads integers of any length, as numbers where that is exact", () => {
  for (const value of EDGES) {
    for (const length of [1, 2, 4, 6, 7, 8, 16]) {
      if (BigInt.asIntN(8 * length, BigInt(value)) !== BigInt(value)) continue;
      const hex = BigInt.asUintN(8 * length, BigInt(value)).toString(16).padStart(2 * length, "0");
      const found = fromBytes(Uint8Array.fromHex(hex));
      assertEquals(BigInt(found), BigInt(value), `${value} in ${length} bytes`);
      if (Math.abs(value) < 2 ** 47) assertEquals(typeof found, "number", String(value));
    }
  }
  const large = "7fffffffffffffff0000000000000001";
  assertEquals(fromBytes(Uint8Array.fromHex(large)), BigInt(`0x${large}`));
  assertEquals(fromBytes(new Uint8Array()), 0);
});

Deno.test("writeShortFloat() writes what JSON writes, or nothing", () => {
  let written = 0;
  const check = (value: number) => {
    const out = new ByteWriter(8), isWritten = writeShortFloat(out, value);
    const text = new TextDecoder().decode(out.bytes);
    assertEquals(text, isWritten ? JSON.stringify(value) : "", String(value));
    if (isWritten) written++;
  };
  let seed = 17;
  const random = () => (seed = (seed * 1103515245 + 12345) % 2 ** 31) / 2 ** 31;
  for (let i = 0; i < 100_000; i++) {
    const sign = i % 2 ? 1 : -1, whole = Math.floor(random() * 10 ** (i % 17));
    const value = sign * Number(`${whole}.${String(Math.floor(random() * 1e7)).slice(i % 7)}1`);
    if (!Number.isInteger(value)) check(value);
  }
  assertEquals(written > 40_000, true, String(written));
  for (let power = -12; power <= 21; power++) {
    for (const digits of [1, 1.5, 1.25, 9.999999, 0.1 + 0.2, 1 / 3, 5e-324 / 5e-324 + 1e-16]) {
      const value = digits * 10 ** power;
      if (!Number.isInteger(value)) [value, -value].forEach(check);
    }
  }
});
