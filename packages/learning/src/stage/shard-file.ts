/**
 * A shard as bytes, for another holder or for later: `SLSHARD1`, the length of the header (uint32), the header (JSON, padded with
 * spaces to a multiple of 4), the tensors in its order (float32), and SHA-256 of all that (32 bytes). Numbers are little-endian.
 * Readers refuse another format than theirs: the digit of the first eight bytes is its version.
 */
import { createHash } from "node:crypto";
import { z } from "zod";
import { floatsOfBytes } from "./float-bytes.ts";

const magic = "SLSHARD1";
const digestBytes = 32;

const headerSpec = z.strictObject({
  stage: z.number().int().min(0),
  stages: z.number().int().min(1),
  version: z.number().int().min(0),
  optimizer: z.string(),
  owner: z.string().default(""),
  tensors: z.array(z.strictObject({ name: z.string(), elementCount: z.number().int().min(0) })),
});

/**
 * @property version how many updates the weights have seen.
 * @property owner who wrote it: what the encoders remember has yet to be sent by this worker, and by nobody else.
 * @property optimizer its kind, whose memories are among the tensors.
 * @property tensors by name: `weights NAME`, `memory INDEX NAME`, `encoder STREAM`.
 */
export interface ShardContents {
  readonly stage: number;
  readonly stages: number;
  readonly version: number;
  readonly optimizer: string;
  readonly owner: string;
  readonly tensors: ReadonlyMap<string, Float32Array>;
}

export function writeShard({ tensors, ...rest }: ShardContents): Uint8Array {
  const list = [...tensors].map(([name, values]) => ({ name, elementCount: values.length }));
  const text = JSON.stringify({ ...rest, tensors: list });
  const unpadded = new TextEncoder().encode(text);
  const header = new TextEncoder().encode(text + " ".repeat((4 - (unpadded.length % 4)) % 4));
  const first = magic.length + 4 + header.length;
  const dataBytes = 4 * list.reduce((sum, { elementCount }) => sum + elementCount, 0);
  const bytes = new Uint8Array(first + dataBytes + digestBytes);
  bytes.set(new TextEncoder().encode(magic));
  new DataView(bytes.buffer).setUint32(magic.length, header.length, true);
  bytes.set(header, magic.length + 4);
  let offset = first;
  for (const values of tensors.values()) {
    bytes.set(new Uint8Array(values.buffer, values.byteOffset, values.byteLength), offset);
    offset += values.byteLength;
  }
  bytes.set(createHash("sha256").update(bytes.subarray(0, offset)).digest(), offset);
  return bytes;
}

/** @throws Error `invalid shard: ...` for anything that `writeShard` did not write, or that changed since. */
export function readShard(bytes: Uint8Array): ShardContents {
  const begin = new TextDecoder("latin1").decode(bytes.subarray(0, magic.length));
  if (begin.slice(0, -1) !== magic.slice(0, -1)) throw new Error("invalid shard: not a shard");
  if (begin !== magic) throw new Error(`invalid shard: format ${begin.at(-1)} (expected ${magic.at(-1)})`);
  const end = bytes.length - digestBytes;
  const digest = createHash("sha256")
    .update(bytes.subarray(0, Math.max(0, end)))
    .digest();
  if (end < magic.length + 4 || !digest.equals(bytes.subarray(end))) throw new Error("invalid shard: damaged");
  const headerLength = new DataView(bytes.buffer, bytes.byteOffset).getUint32(magic.length, true);
  let offset = magic.length + 4 + headerLength;
  const header = headerOf(bytes.subarray(magic.length + 4, Math.min(offset, end)));
  const tensors = new Map<string, Float32Array>();
  for (const { name, elementCount } of header.tensors) {
    const next = offset + 4 * elementCount;
    if (next > end || tensors.has(name)) throw new Error(`invalid shard: ${elementCount} elements of ${name}`);
    tensors.set(name, floatsOfBytes(bytes.subarray(offset, next)));
    offset = next;
  }
  if (offset !== end) throw new Error(`invalid shard: ${end} bytes (expected ${offset})`);
  return { ...header, tensors };
}

/** Whoever made up a shard can give it the right digest. */
function headerOf(bytes: Uint8Array): z.output<typeof headerSpec> {
  let value: unknown;
  try {
    value = JSON.parse(new TextDecoder().decode(bytes));
  } catch {
    throw new Error("invalid shard: no header");
  }
  const { data, error } = headerSpec.safeParse(value);
  if (data === undefined)
    throw new Error(`invalid shard: header with a wrong ${error.issues[0].path.join(".") || "form"}`);
  return data;
}
