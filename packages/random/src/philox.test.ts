import { describe, expect, it } from "vitest";
import { philox4x32, uniformFromWords } from "./philox.ts";

const words = (text: string): Int32Array => Int32Array.from(text.split(" "), (word) => Number.parseInt(word, 16) | 0);

describe("philox4x32", () => {
  // kat_vectors of Random123, lines "philox4x32 10".
  it.each([
    {
      counter: "00000000 00000000 00000000 00000000",
      key: "00000000 00000000",
      block: "6627e8d5 e169c58d bc57ac4c 9b00dbd8",
    },
    {
      counter: "ffffffff ffffffff ffffffff ffffffff",
      key: "ffffffff ffffffff",
      block: "408f276d 41c83b0e a20bc7c6 6d5451fd",
    },
    {
      counter: "243f6a88 85a308d3 13198a2e 03707344",
      key: "a4093822 299f31d0",
      block: "d16cfe09 94fdcceb 5001e420 24126ea1",
    },
  ])("gives the published block for counter $counter", ({ counter, key, block }) => {
    const out = new Int32Array(4);
    const [key0, key1] = words(key);
    philox4x32(words(counter), key0, key1, out);
    expect(out).toEqual(words(block));
  });
  it("agrees with products of big integers where double products round most", () => {
    const out = new Int32Array(4);
    for (let i = 0; i < 500; i++) {
      const counter = Int32Array.of(0xffffffff - i, i * 77_777, 0x80000000 + i * 9_999_999, ~i);
      philox4x32(counter, i, ~i, out);
      expect(Array.from(out)).toEqual(philoxWithBigIntegers(counter, i, ~i));
    }
  });
});

function philoxWithBigIntegers(counter: Int32Array, key0: number, key1: number): number[] {
  let [x0, x1, x2, x3] = Array.from(counter, (word) => BigInt(word >>> 0));
  let k0 = BigInt(key0 >>> 0);
  let k1 = BigInt(key1 >>> 0);
  for (let round = 0; round < 10; round++) {
    const product0 = x0 * 0xd2511f53n;
    const product1 = x2 * 0xcd9e8d57n;
    [x0, x1, x2, x3] = [
      (product1 >> 32n) ^ x1 ^ k0,
      product1 & 0xffffffffn,
      (product0 >> 32n) ^ x3 ^ k1,
      product0 & 0xffffffffn,
    ];
    k0 = (k0 + 0x9e3779b9n) & 0xffffffffn;
    k1 = (k1 + 0xbb67ae85n) & 0xffffffffn;
  }
  return [x0, x1, x2, x3].map((word) => Number(word) | 0);
}

describe("uniformFromWords", () => {
  it("takes the upper 53 bits", () => {
    expect(uniformFromWords(0, 0)).toBe(0);
    expect(uniformFromWords(-1, -1)).toBe(1 - 2 ** -53);
    expect(uniformFromWords(0, 1 << 11)).toBe(2 ** -53);
    expect(uniformFromWords(0x80000000 | 0, 0)).toBe(0.5);
  });
});
