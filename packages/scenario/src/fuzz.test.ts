import fc from "fast-check";
import { expect, it } from "vitest";
import { formatFault } from "./fault.ts";
import { sample } from "./fixtures/sample.ts";
import { loadScenario } from "./load.ts";

const swept = Buffer.from(`${sample}sweep: { market.growth: [10 %/y], models.*.hazard: [1 %/y, 2 %/y] }\n`);

type Edit = (bytes: Buffer, at: number, other: number) => Buffer;

/** Pieces that mean something to YAML or to JavaScript. */
const pieces = [
  "*a",
  "&a ",
  "? ",
  "- ",
  "{",
  "]",
  ": ",
  "\t",
  "\r",
  "!!set ",
  "---\n",
  "|",
  "<<: ",
  "1e999",
  "__proto__: ",
  "\ud83d",
  "%",
  "#",
];

const edits: readonly Edit[] = [
  (bytes, at, other) => Buffer.concat([bytes.subarray(0, at), Buffer.of(other & 255), bytes.subarray(at + 1)]),
  (bytes, at, other) => Buffer.concat([bytes.subarray(0, at), bytes.subarray(at + (other % 40))]),
  (bytes, at, other) =>
    Buffer.concat([bytes.subarray(0, at), Buffer.from(pieces[other % pieces.length] as string), bytes.subarray(at)]),
  (bytes, at, other) => {
    const [low, high] = at < other ? [at, other] : [other, at];
    const middle = bytes.subarray(high, high + 12);
    return Buffer.concat([bytes.subarray(0, low), middle, bytes.subarray(low, high), bytes.subarray(high + 12)]);
  },
];

const mutated = fc
  .array(fc.tuple(fc.constantFrom(...edits), fc.nat(swept.length - 1), fc.nat(swept.length - 1)), {
    minLength: 1,
    maxLength: 4,
  })
  .map((steps) => steps.reduce<Buffer>((bytes, [edit, at, other]) => edit(bytes, at, other), swept));

it("never throws, and names a place within the file, for 2,000 mutated files", () => {
  let faulty = 0;
  fc.assert(
    fc.property(mutated, (bytes) => {
      const result = loadScenario(bytes, { file: "x.yaml" });
      if (result.ok) return;
      faulty += 1;
      const lines = bytes.toString("utf8").split("\n");
      expect(result.faults.length).toBeGreaterThan(0);
      for (const fault of result.faults) {
        expect(fault.message).not.toMatch(/cannot be read|undefined|\[object|\n/);
        expect(formatFault("x.yaml", fault)).toMatch(/^x\.yaml:[1-9]\d*:[1-9]\d* [^ ]/);
        expect(fault.line).toBeLessThanOrEqual(lines.length);
        expect(fault.column).toBeLessThanOrEqual((lines[fault.line - 1] as string).length + 1);
      }
    }),
    { seed: 20, numRuns: 2000 },
  );
  // Most edits break something; otherwise the test would be testing nothing.
  expect(faulty).toBeGreaterThan(1000);
});
