/** Bytes as stores hand them out: of any kind, anywhere in a larger buffer. */
import { expect, test } from "vitest";
import { bytesOfFloats, floatsOfBytes } from "./float-bytes.ts";
import { readShard, writeShard } from "./shard-file.ts";

/** The same bytes as a Buffer of Node's, whose `slice` copies nothing, within another one. */
function pooled(bytes: Uint8Array): Buffer {
  const pool = Buffer.alloc(bytes.length + 40, 7);
  pool.set(bytes, 13);
  return pool.subarray(13, 13 + bytes.length);
}

test("numbers are read from a part of a Buffer", () => {
  const values = Float32Array.of(1.5, -0, Number.NEGATIVE_INFINITY, 3e-45);
  expect(floatsOfBytes(pooled(bytesOfFloats(values)), 4)).toEqual(values);
  expect(() => floatsOfBytes(pooled(new Uint8Array(7)))).toThrow("invalid length: 7 bytes (expected 8)");
});

test("a shard is read from a part of a Buffer", () => {
  const tensors = new Map([
    ["weights a", Float32Array.of(1, 2, 3)],
    ["weights b", Float32Array.of(4)],
  ]);
  const contents = { stage: 0, stages: 1, version: 2, optimizer: "sgd", owner: "", tensors };
  expect(readShard(pooled(writeShard(contents)))).toEqual(contents);
});
