import { readFileSync } from "node:fs";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { kernelsText } from "../scripts/build-kernels.mjs";
import { EventTrace } from "./event-trace.ts";
import { xxh64 } from "./reference/xxh64.ts";

const text = (characters: string): Uint8Array => new TextEncoder().encode(characters);

describe("the reference", () => {
  it("gives the published values", () => {
    // Of the xxHash specification and its reference implementation, seed 0.
    expect(xxh64(text(""))).toBe("ef46db3751d8e999");
    expect(xxh64(text("a"))).toBe("d24ec4f1a98c6e5b");
    expect(xxh64(text("abc"))).toBe("44bc2cf5ad770999");
    expect(xxh64(text("Nobody inspects the spammish repetition"))).toBe("fbcea83c8a378bf1");
  });
});

describe("a trace", () => {
  it("is XXH64 of time, order and payload, at whatever length and however often it is read", () => {
    const number = fc.double({ noNaN: true });
    const records = fc.array(fc.tuple(number, number, number), { maxLength: 12 });
    fc.assert(
      fc.property(records, fc.integer({ min: 0, max: 1100 }), (drawn, repeats) => {
        const all = [...drawn, ...Array.from({ length: repeats }, (_, i) => [i * 0.25, 2 ** 45 + i, -i])];
        const trace = new EventTrace();
        all.forEach(([time, order, payload], index) => {
          trace.add(time, order, payload);
          if (index % 200 === 0) trace.digest();
        });
        const bytes = new Uint8Array(Float64Array.from(all.flat()).buffer);
        expect(trace.digest()).toBe(xxh64(bytes));
        expect(trace.digest()).toBe(xxh64(bytes));
      }),
      { numRuns: 40 },
    );
  });

  it("keeps traces of several loops apart", () => {
    const traces = [new EventTrace(), new EventTrace()];
    for (let i = 0; i < 1500; i++) for (const [which, trace] of traces.entries()) trace.add(i, which, 0);
    const expected = traces.map((_, which) => {
      const doubles = Array.from({ length: 1500 }, (_, i) => [i, which, 0]).flat();
      return xxh64(new Uint8Array(Float64Array.from(doubles).buffer));
    });
    expect(traces.map((trace) => trace.digest())).toEqual(expected);
  });

  it("knows 0 from -0, and one NaN only", () => {
    const digestOf = (payload: number): string => {
      const trace = new EventTrace();
      trace.add(0, 0, payload);
      return trace.digest();
    };
    const words = new Int32Array(new Float64Array([Number.NaN]).buffer);
    words[0] = 1;
    const otherNan = new Float64Array(words.buffer)[0];
    expect(digestOf(-0)).not.toBe(digestOf(0));
    expect(digestOf(otherNan)).toBe(digestOf(Number.NaN));
    const canonical = new DataView(new ArrayBuffer(24));
    canonical.setBigUint64(16, 0x7ff8000000000000n, true);
    expect(digestOf(Number.NaN)).toBe(xxh64(new Uint8Array(canonical.buffer)));
  });
});

describe("generated files", () => {
  it("are what the sources give", async () => {
    const committed = readFileSync(new URL("./generated/kernels.ts", import.meta.url), "utf8");
    expect(committed).toBe(await kernelsText());
  });
});
