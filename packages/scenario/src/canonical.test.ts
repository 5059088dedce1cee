import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { parse, stringify } from "yaml";
import { canonicalJson } from "./canonical.ts";
import { load, sample } from "./fixtures/sample.ts";

const hashOf = (text: string): string => load(text).hash;

/** A copy with the keys of every map sorted by the given ranks. */
function reordered(value: unknown, rank: (key: string) => number): unknown {
  if (Array.isArray(value)) return value.map((element) => reordered(element, rank));
  if (typeof value !== "object" || value === null) return value;
  const entries = Object.entries(value).sort(([a], [b]) => rank(a) - rank(b));
  return Object.fromEntries(entries.map(([key, inner]) => [key, reordered(inner, rank)]));
}

describe("canonicalJson", () => {
  it("orders keys and leaves out what is undefined", () => {
    expect(canonicalJson({ b: [1, { d: null, c: "é" }], a: undefined, B: -0 })).toBe(
      '{"B":0,"b":[1,{"c":"é","d":null}]}',
    );
  });

  it("gives what JSON.parse reads back", () => {
    fc.assert(
      fc.property(fc.jsonValue(), (value) => {
        expect(JSON.parse(canonicalJson(value))).toEqual(JSON.parse(JSON.stringify(value)));
      }),
      { seed: 1, numRuns: 200 },
    );
  });

  it.each([[Number.NaN], [Number.POSITIVE_INFINITY], [1n], [() => 1]])("refuses %s", (value) => {
    expect(() => canonicalJson(value)).toThrow(/^not a JSON value: /);
  });
});

describe("scenarioHash", () => {
  const hash = hashOf(sample);

  it("is 16 hexadecimal digits", () => {
    expect(hash).toMatch(/^[0-9a-f]{16}$/);
  });

  it("does not depend on the order of keys or on comments", () => {
    fc.assert(
      fc.property(fc.infiniteStream(fc.nat()), fc.string({ unit: "grapheme-ascii" }), (ranks, comment) => {
        const rankOf = new Map<string, number>();
        const rank = (key: string): number => {
          const known = rankOf.get(key) ?? (ranks.next().value as number);
          rankOf.set(key, known);
          return known;
        };
        const text = stringify(reordered(parse(sample), rank)).replaceAll("\n", ` # ${comment}\n`);
        expect(hashOf(text)).toBe(hash);
      }),
      { seed: 7, numRuns: 30 },
    );
  });

  it.each([
    [
      "a default, written out",
      "engine: simulation\nsponsorDiscount: 5 %/y\nbeliefs: { kind: rational, iterations: 18 }",
    ],
    ["a bare kind", "beliefs: rational"],
    ["an empty default, written out", "data: []\ntraining: {}"],
    ["a sweep", "sweep: { horizon: [1 y] }"],
    ["a reference", "reference: somebody 2025\nmeasure: [loss]"],
  ])("is not changed by %s", (_name, lines) => {
    expect(hashOf(`${sample}${lines}\n`)).toBe(hash);
  });

  it("is not changed by the question, the seeds or the unit that a value is written in", () => {
    const question = sample.replace(/question: .*/, "question: why").replace("count: 5", "count: 6");
    expect(hashOf(question)).toBe(hash);
    expect(hashOf(sample.replace("horizon: 2 y", "horizon: 730.5 d").replace("20k", "20000"))).toBe(hash);
  });

  it.each([
    ["horizon: 2 y", "horizon: 3 y"],
    ["kind: protocol-models\n  earlyWeight: 1.386", "kind: grant"],
    ["group: gamers", "group: players"],
    ["earlyWeight: 1.386", "earlyWeight: 1.387"],
  ])("is changed by %s -> %s", (before, after) => {
    expect(hashOf(sample.replace(before, after))).not.toBe(hash);
  });
});
