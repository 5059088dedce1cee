import { log, philoxAlong } from "@shardlab/numerics";
import { describe, expect, it } from "vitest";
import { philox4x32, uniformFromWords } from "./philox.ts";
import type { RandomStream } from "./random-stream.ts";
import { createStreams, hashOfStreamName } from "./streams.ts";

const take = (stream: RandomStream, count: number): number[] => Array.from({ length: count }, () => stream.uniform());

describe("createStreams", () => {
  it("lays key and counter out as promised", () => {
    const entity = 0xfedcba98;
    const block = new Int32Array(4);
    const counter = Int32Array.of(1, 0, entity | 0, hashOfStreamName("arrivals"));
    philox4x32(counter, 0x89abcdef | 0, 0x01234567, block);
    const draws = take(createStreams(0x0123456789abcdefn).stream("arrivals", entity), 4);
    expect(draws.slice(2)).toEqual([uniformFromWords(block[0], block[1]), uniformFromWords(block[2], block[3])]);
  });
  it("gives the same draws whatever else was created and drawn, in any order", () => {
    const alone = take(createStreams(7).stream("choice", 5), 200);
    const streams = createStreams(7);
    const others = [streams.stream("price"), streams.stream("choice", 4), streams.stream("choice", 6)];
    const mine = streams.stream("choice", 5);
    const interleaved: number[] = [];
    for (let i = 0; i < 200; i++) {
      for (const other of others) other.normal();
      interleaved.push(mine.uniform());
    }
    expect(interleaved).toEqual(alone);
  });
  it("does not overlap between entities, names and seeds", () => {
    const seen = new Set<number>();
    let count = 0;
    for (const seed of [0, 1, 2n ** 63n, -1]) {
      const streams = createStreams(seed);
      for (const name of ["", "a", "b", "ab", "ba", "choice", "choicé"]) {
        for (const entity of [0, 1, 2, 255, 256, 65536, 2 ** 31, 2 ** 32 - 1]) {
          for (const draw of take(streams.stream(name, entity), 100)) seen.add(draw);
          count += 100;
        }
      }
    }
    // 22,400 draws of 53 bits repeat by chance once in 36 million.
    expect(seen.size).toBe(count);
  });
  it("reads seeds modulo 2^64", () => {
    const first = (seed: number | bigint): number => createStreams(seed).stream("x").uniform();
    expect(first(-1)).toBe(first(2n ** 64n - 1n));
    expect(first(5)).toBe(first(5n));
    expect(first(5)).not.toBe(first(5n + 2n ** 32n));
  });
  it("refuses seeds and entities that are not integers in range", () => {
    expect(() => createStreams(1.5)).toThrow("invalid seed: 1.5");
    expect(() => createStreams(2 ** 53)).toThrow("invalid seed: 9007199254740992");
    for (const entity of [-1, 0.5, 2 ** 32, Number.NaN]) {
      expect(() => createStreams(1).stream("x", entity)).toThrow(`invalid entity: ${entity}`);
    }
  });
  it("refuses two names with one hash", () => {
    const names = new Map<number, string>();
    let pair: [string, string] | undefined;
    for (let i = 0; pair === undefined; i++) {
      const name = `n${i}`;
      const hash = hashOfStreamName(name);
      const other = names.get(hash);
      if (other !== undefined) pair = [other, name];
      names.set(hash, name);
    }
    const streams = createStreams(1);
    streams.stream(pair[0]);
    streams.stream(pair[0]);
    expect(() => streams.stream(pair[1])).toThrow(`stream name collision: ${pair[0]} and ${pair[1]}`);
  });
});

describe("uniformsAcross", () => {
  it("equals the draws of the single streams, at every size and draw index", () => {
    const streams = createStreams(99);
    for (const size of [0, 1, 2, 5, 1023, 1024, 1025, 2500]) {
      for (const drawIndex of [0, 1, 2, 3, 66, 67]) {
        const out = new Float64Array(size);
        streams.uniformsAcross("choice", 1000, drawIndex, out);
        const wanted = Array.from(out, (_, i) => take(streams.stream("choice", 1000 + i), drawIndex + 1)[drawIndex]);
        expect(Array.from(out)).toEqual(wanted);
      }
    }
  });
  it("reaches draws beyond 2^33 and the last entity", () => {
    const streams = createStreams(3);
    const out = new Float64Array(2);
    for (const drawIndex of [2 ** 33 + 1, 2 ** 40, 2 ** 53 - 1]) {
      streams.uniformsAcross("x", 2 ** 32 - 2, drawIndex, out);
      expect(out[1]).toBe(streams.stream("x", 2 ** 32 - 1).uniformAt(drawIndex));
    }
    expect(() => streams.uniformsAcross("x", 2 ** 32 - 1, 0, out)).toThrow("invalid entity: 4294967296");
    expect(() => streams.uniformsAcross("x", 0, -1, out)).toThrow("invalid draw index: -1");
  });
});

describe("uniformPairsAcross", () => {
  it("equals the two draws of every single stream, at every size and pair", () => {
    const streams = createStreams(99);
    for (const size of [0, 1, 3, 4, 5, 511, 512, 513, 1250]) {
      for (const pairIndex of [0, 1, 33, 2 ** 32 + 5, 2 ** 52 - 1]) {
        const out = new Float64Array(2 * size);
        streams.uniformPairsAcross("choice", 2 ** 32 - 1250, pairIndex, out);
        const wanted = Array.from(out, (_, row) => {
          const stream = streams.stream("choice", 2 ** 32 - 1250 + (row >> 1));
          return stream.uniformAt(2 * pairIndex + (row & 1));
        });
        expect(Array.from(out)).toEqual(wanted);
      }
    }
  });
  it("refuses half a pair and what no stream has", () => {
    const streams = createStreams(1);
    expect(() => streams.uniformPairsAcross("x", 0, 0, new Float64Array(3))).toThrow("not in pairs: 3");
    expect(() => streams.uniformPairsAcross("x", 2 ** 32 - 1, 0, new Float64Array(4))).toThrow("invalid entity");
    expect(() => streams.uniformPairsAcross("x", 0, -1, new Float64Array(2))).toThrow("invalid draw index: -2");
  });
});

describe("RandomStream draws", () => {
  it("are the same one by one, by index and in bulk from anywhere", () => {
    const create = (): RandomStream => createStreams(12).stream("x", 3);
    const draws = take(create(), 400);
    expect(draws.map((_, i) => create().uniformAt(i))).toEqual(draws);
    for (const before of [0, 1, 2, 62, 63, 64, 65, 100, 129]) {
      for (const size of [0, 1, 2, 3, 64, 101]) {
        const stream = create();
        take(stream, before);
        const out = new Float64Array(size);
        stream.uniformsInto(out);
        expect(stream.drawIndex).toBe(before + size);
        expect([...out, ...take(stream, 80)]).toEqual(draws.slice(before, before + size + 80));
      }
    }
  });
  it("fill many blocks alike", () => {
    const out = new Float64Array(5001);
    createStreams(12).stream("x", 3).uniformsInto(out);
    expect(Array.from(out)).toEqual(take(createStreams(12).stream("x", 3), 5001));
  });
  it("are those of the single blocks where the block index overflows 32 bits, for any number of blocks", () => {
    for (const blocks of [1, 3, 4, 5, 8, 11]) {
      for (const blockLow of [0xffffffff, 0xfffffffe, 0xfffffffc, 0x7fffffff, 5]) {
        const out = new Float64Array(2 * blocks);
        const position = { keyLow: 7, keyHigh: -8, blockLow: blockLow | 0, blockHigh: 2, streamLow: -1, streamHigh: 9 };
        philoxAlong(position, out);
        const expected = Array.from({ length: blocks }, (_, i) => {
          const index = blockLow + i;
          const block = new Int32Array(4);
          philox4x32(Int32Array.of(index | 0, index < 2 ** 32 ? 2 : 3, -1, 9), 7, -8, block);
          return [uniformFromWords(block[0], block[1]), uniformFromWords(block[2], block[3])];
        });
        expect([...out]).toEqual(expected.flat());
      }
    }
  });
  it("make the same exponentials, whatever is drawn between them", () => {
    const create = (): RandomStream => createStreams(12).stream("x", 3);
    const draws = take(create(), 1000);
    for (const period of [1, 2, 3, 7, 64, 97]) {
      const stream = create();
      for (const [i, u] of draws.entries()) {
        if (i % period === 0) expect(stream.exponential(0.7)).toBe(-log(1 - u) / 0.7);
        else expect(stream.uniform()).toBe(u);
      }
    }
    const stream = create();
    const out = new Float64Array(5);
    for (let i = 0; i < 990; ) {
      for (let end = i + 27; i < end; i++) expect(stream.exponential(3)).toBe(-log(1 - draws[i]) / 3);
      stream.uniformsInto(out);
      expect([...out]).toEqual(draws.slice(i, i + 5));
      i += 5;
    }
  });
});
