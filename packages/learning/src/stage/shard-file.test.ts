/** Shards that somebody made up: their digest is right, what they say is not. */
import { createHash } from "node:crypto";
import { describe, expect, test } from "vitest";
import { readShard } from "./shard-file.ts";

const honest = {
  ...{ stage: 0, stages: 2, version: 3, optimizer: "sgd", owner: "" },
  tensors: [{ name: "weights a", elementCount: 2 }],
};

/** A file with this header and so many bytes of numbers, its digest as it should be. */
function forged(header: string, dataBytes: number, headerLength?: number): Uint8Array {
  const length = Buffer.alloc(4);
  length.writeUInt32LE(headerLength ?? Buffer.byteLength(header));
  const body = Buffer.concat([Buffer.from("SLSHARD1"), length, Buffer.from(header), Buffer.alloc(dataBytes)]);
  return new Uint8Array(Buffer.concat([body, createHash("sha256").update(body).digest()]));
}

describe("a shard with the right digest", () => {
  test("is read where its header is true", () => {
    const { tensors } = readShard(forged(JSON.stringify(honest), 8));
    expect(tensors).toEqual(new Map([["weights a", new Float32Array(2)]]));
  });

  const twice = { ...honest, tensors: [...honest.tensors, ...honest.tensors] };
  test.each([
    ["no text in its header", forged("{", 8)],
    ["a header of something else", forged(JSON.stringify({ stage: 0 }), 8)],
    ["a header longer than the file", forged(JSON.stringify(honest), 8, 2 ** 32 - 1)],
    ["fewer numbers than it says", forged(JSON.stringify(honest), 4)],
    ["half a number", forged(JSON.stringify(honest), 6)],
    ["more than it says", forged(JSON.stringify(honest), 12)],
    ["a tensor twice", forged(JSON.stringify(twice), 16)],
  ])("is refused with %s", (_fault, bytes) => {
    expect(() => readShard(bytes)).toThrow(/^invalid shard: /);
  });
});
