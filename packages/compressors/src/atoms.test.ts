import type { TensorDescription } from "@shardlab/contracts";
import { describe, expect, it } from "vitest";
import { bfloat16 } from "./bfloat16.ts";
import { identity } from "./identity.ts";
import { uniformQuantization, uniformQuantizationSpec } from "./uniform-quantization.ts";

const gradient = (...shape: number[]): TensorDescription => ({ name: "g", role: "gradient", shape });
const floatsOf = (...words: number[]): Float32Array => new Float32Array(Uint32Array.from(words).buffer);
const wordsOf = (values: Float32Array): number[] => [
  ...new Uint32Array(values.buffer, values.byteOffset, values.length),
];

describe("identity", () => {
  it("sends float32 little-endian", () => {
    const tensor = gradient(2);
    const bytes = identity().encoder(tensor).encode(Float32Array.of(1, -2));
    expect([...bytes]).toEqual([0, 0, 0x80, 0x3f, 0, 0, 0, 0xc0]);
  });

  it("passes every bit pattern", () => {
    const words = [0, 0x80000000, 1, 0x7f800000, 0xff800000, 0x7fc00001, 0x7f800001, 0xffffffff];
    const bytes = identity()
      .encoder(gradient(8))
      .encode(floatsOf(...words));
    expect(wordsOf(identity().decode(bytes, gradient(8)).values)).toEqual(words);
  });

  it("takes scalars and empty tensors", () => {
    expect(identity().encodedBytes(gradient())).toBe(4);
    expect(identity().encodedBytes(gradient(3, 0))).toBe(0);
    expect(identity().decode(new Uint8Array(0), gradient(0)).values).toHaveLength(0);
  });

  it("remembers nothing, and says so to who thinks otherwise", () => {
    const encoder = identity().encoder(gradient(1));
    expect(encoder.memory()).toBeUndefined();
    expect(() => encoder.restore(new Float32Array(1))).toThrow("unexpected memory: 1 values");
  });
});

describe("bfloat16", () => {
  const sent = (word: number): number => {
    const bytes = bfloat16().encoder(gradient(1)).encode(floatsOf(word));
    return bytes[0] | (bytes[1] << 8);
  };

  it.each([
    ["1", 0x3f800000, 0x3f80],
    ["1 + 2^-8, a tie, goes to the even 1", 0x3f808000, 0x3f80],
    ["1 + 2^-7 + 2^-8, a tie, goes to the even 1 + 2^-6", 0x3f818000, 0x3f82],
    ["just above a tie", 0x3f808001, 0x3f81],
    ["just below a tie", 0x3f807fff, 0x3f80],
    ["negative ties too", 0xbf808000, 0xbf80],
    ["the largest float32 becomes infinite", 0x7f7fffff, 0x7f80],
    ["half a unit above the largest bfloat16 becomes infinite", 0x7f7f8000, 0x7f80],
    ["less than half a unit above it does not", 0x7f7f7fff, 0x7f7f],
    ["infinity stays", 0xff800000, 0xff80],
    ["a quiet NaN stays", 0x7fc00000, 0x7fc0],
    ["a NaN with low payload does not become infinite", 0x7f800001, 0x7fc0],
    ["a negative NaN keeps its sign", 0xffffffff, 0xffff],
    ["minus zero stays", 0x80000000, 0x8000],
    ["the smallest number rounds to zero", 0x00000001, 0x0000],
  ])("%s", (_, word, half) => {
    expect(sent(word)).toBe(half);
  });

  it("agrees with a rounding by arithmetic", () => {
    for (let word = 0x00800000; word < 0x7f7f0000; word += 99_991) {
      const [value] = floatsOf(word);
      const unit = floatsOf((word & 0x7f800000) >>> 0)[0] * 2 ** -7;
      const down = Math.floor(value / unit);
      const part = value / unit - down;
      const units = part > 0.5 || (part === 0.5 && down % 2 === 1) ? down + 1 : down;
      const [decoded] = bfloat16().decode(
        bfloat16().encoder(gradient(1)).encode(Float32Array.of(value)),
        gradient(1),
      ).values;
      expect(decoded).toBe(units * unit);
    }
  });

  it("gives back every bfloat16, and refuses signalling NaN, which no encoder sends", () => {
    const all = Uint16Array.from({ length: 65_536 }, (_, half) => half);
    const sendable = all.filter((half) => (half & 0x7fff) <= 0x7f80 || (half & 0x40) !== 0);
    const tensor = gradient(sendable.length);
    const { values } = bfloat16().decode(new Uint8Array(sendable.buffer), tensor);
    expect([...bfloat16().encoder(tensor).encode(values)]).toEqual([...new Uint8Array(sendable.buffer)]);
    expect(sendable).toHaveLength(65_536 - 2 * 63);
    expect(() => bfloat16().decode(Uint8Array.of(0x81, 0x7f), gradient(1))).toThrow(
      "invalid encoding: signalling NaN at 0",
    );
  });
});

describe("uniformQuantization", () => {
  const compressor = (input: object) =>
    uniformQuantization(uniformQuantizationSpec.parse({ kind: "uniform-quantization", ...input }));
  const both = (input: object, ...values: number[]) => {
    const tensor = gradient(values.length);
    const bytes = compressor(input).encoder(tensor).encode(Float32Array.from(values));
    return { bytes: [...bytes], values: [...compressor(input).decode(bytes, tensor).values] };
  };

  it("puts scales first, then a code of eight bits a value", () => {
    // Scale 127, steps of 1, codes counted from -127; halves are rounded up.
    const { bytes, values } = both({}, 127, 0.4, -0.5, 0.5, -127, 64.5);
    expect(bytes).toEqual([0, 0, 0xfe, 0x42, 254, 127, 127, 128, 0, 192]);
    expect(values).toEqual([127, 0, 0, 1, -127, 65]);
  });

  it("packs four bits, the first value lower", () => {
    const { bytes, values } = both({ bits: 4 }, 7, -3, 0.2);
    expect(bytes.slice(4)).toEqual([14 | (4 << 4), 7]);
    expect(values).toEqual([7, -3, 0]);
  });

  it("packs two bits", () => {
    const { bytes, values } = both({ bits: 2 }, 1, -1, 0.4, -0.6, 0.6);
    expect(bytes.slice(4)).toEqual([2 | (0 << 2) | (1 << 4) | (0 << 6), 2]);
    expect(values).toEqual([1, -1, 0, -1, 1]);
  });

  it("has four levels at two bits without zero", () => {
    const { bytes, values } = both({ bits: 2, levels: "mid-rise" }, 3, -3, 0.1, -0.1, 1.9, 2.1);
    expect(bytes.slice(4)).toEqual([3 | (0 << 2) | (2 << 4) | (1 << 6), 2 | (3 << 2)]);
    expect(values).toEqual([3, -3, 1, -1, 1, 3]);
  });

  it("shares a scale within blocks or rows", () => {
    expect(both({ block: 2 }, 1, 0.5, 100, 50, 7).values).toEqual([
      1,
      Math.fround(64 / 127),
      100,
      Math.fround(6400 / 127),
      7,
    ]);
    const tensor = gradient(2, 3);
    const rows = compressor({ block: "row" });
    const bytes = rows.encoder(tensor).encode(Float32Array.of(1, -1, 0, 200, 0, -200));
    expect(bytes).toHaveLength(8 + 6);
    expect([...rows.decode(bytes, tensor).values]).toEqual([1, -1, 0, 200, 0, -200]);
  });

  it.each([
    [8, 1000, 4 * 4 + 1000],
    [4, 1001, 4 * 4 + 501],
    [2, 1001, 4 * 4 + 251],
    [2, 0, 0],
  ])("%i bits of %i values take %i bytes", (bits, length, bytes) => {
    expect(compressor({ bits }).encodedBytes(gradient(length))).toBe(bytes);
  });

  it("sends what it decoded again as it is", () => {
    for (const bits of [8, 4, 2]) {
      for (const levels of ["mid-tread", "mid-rise"]) {
        const values = Array.from({ length: 301 }, (_, i) => Math.sin(i * i) * 2 ** (i % 40));
        const first = both({ bits, levels, block: 32 }, ...values);
        expect(both({ bits, levels, block: 32 }, ...first.values).bytes).toEqual(first.bytes);
      }
    }
  });

  it("spoils the block of a value that is not finite, and no other", () => {
    for (const spoilt of [Number.NaN, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY]) {
      const { bytes, values } = both({ block: 2 }, 1, spoilt, 1, 1);
      expect(values).toEqual([Number.NaN, Number.NaN, 1, 1]);
      expect(bytes.slice(0, 4)).toEqual([0, 0, 0xc0, 0x7f]);
    }
  });

  it("keeps the largest and the smallest numbers there are", () => {
    const largest = floatsOf(0x7f7fffff)[0];
    for (const magnitude of [largest, 2 ** -126, 2 ** -149]) {
      for (const levels of ["mid-tread", "mid-rise"]) {
        expect(both({ levels }, magnitude, -magnitude).values).toEqual([magnitude, -magnitude]);
      }
    }
  });

  it.each([
    ["a negative scale", [0, 0, 0x80, 0xbf, 0], "scale -1"],
    ["an infinite scale", [0, 0, 0x80, 0x7f, 0], "scale Infinity"],
    ["another NaN", [1, 0, 0xc0, 0x7f, 0], "scale NaN"],
    ["minus zero", [0, 0, 0, 0x80, 0], "scale 0"],
    ["a code above the last", [0, 0, 0x80, 0x3f, 255], "code 255"],
    ["no value at the scale", [0, 0, 0x80, 0x3f, 3], "no value at the scale"],
    ["a code in a block of zeros", [0, 0, 0, 0, 1], "code 1"],
    ["a code in a spoilt block", [0, 0, 0xc0, 0x7f, 1], "code 1"],
  ])("refuses %s", (_, bytes, fault) => {
    const decode = () => compressor({}).decode(Uint8Array.from(bytes), gradient(1));
    expect(decode).toThrow(`invalid encoding: ${fault}`);
  });

  it("refuses bits after the last code, and codes of no number at the smallest scale", () => {
    const nibbles = Uint8Array.of(0, 0, 0x80, 0x3f, 14 | (1 << 4));
    expect(() => compressor({ bits: 4 }).decode(nibbles, gradient(1))).toThrow("bits after the last code");
    const tiny = Uint8Array.of(1, 0, 0, 0, 254, 130);
    expect(() => compressor({}).decode(tiny, gradient(2))).toThrow("invalid encoding: code 130");
  });
});
