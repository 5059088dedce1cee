/**
 * What goes over a link: frames of a fixed header, a JSON text and the bytes of at most one tensor.
 *
 * ```
 * 0   magic       4 bytes, "SLAB"
 * 4   version     2 bytes
 * 6   type        1 byte
 * 7   zero        1 byte
 * 8   json bytes  4 bytes
 * 12  tensor bytes 6 bytes
 * 18  zero        2 bytes
 * ```
 * Numbers are big-endian. The digest of the tensor is in the JSON text, and is checked as the bytes come in.
 */
import { z } from "zod";
import { fromText, toText } from "../plain-text.ts";

export const wireVersion = 1;
export const headerBytes = 20;
const magic = 0x53_4c_41_42;

export const frameTypes = [
  "challenge",
  "hello",
  "welcome",
  "refuse",
  "message",
  "directory",
  "records",
  "ping",
  "pong",
  "probe",
] as const;
export type FrameType = (typeof frameTypes)[number];

/** Why bytes were not taken; the connection that they came over is closed. */
export class FrameError extends Error {
  override readonly name = "FrameError";
}

/** @property tensor bytes that follow the text. */
export interface FrameHeader {
  readonly type: FrameType;
  readonly jsonBytes: number;
  readonly tensorBytes: number;
}

export interface FrameLimits {
  readonly jsonBytes: number;
  readonly tensorBytes: number;
}

/** What is said of the tensor behind the text. */
export const tensorHeadSpec = z.strictObject({
  shape: z.array(z.number().int().min(0).max(Number.MAX_SAFE_INTEGER)).max(16),
  digest: z.string().regex(/^[0-9a-f]{64}$/),
});

/** The text of every frame: what is said, and what the bytes behind it are. */
export const envelopeSpec = z.strictObject({ body: z.unknown(), tensor: tensorHeadSpec.optional() });
export type Envelope = z.output<typeof envelopeSpec>;

export interface Frame {
  readonly type: FrameType;
  readonly body: unknown;
  readonly tensor?: { readonly shape: readonly number[]; readonly digest: string };
  readonly bytes?: Uint8Array;
}

/** Header and text of a frame in one buffer; the tensor's bytes follow as they are, so that nothing is copied. */
export function encodeHead(frame: Frame): Buffer {
  const json = toText({ body: frame.body, tensor: frame.tensor });
  const jsonBytes = Buffer.byteLength(json);
  const head = Buffer.allocUnsafe(headerBytes + jsonBytes);
  head.writeUInt32BE(magic, 0);
  head.writeUInt16BE(wireVersion, 4);
  head.writeUInt8(frameTypes.indexOf(frame.type), 6);
  head.writeUInt8(0, 7);
  head.writeUInt32BE(jsonBytes, 8);
  head.writeUIntBE(frame.bytes?.byteLength ?? 0, 12, 6);
  head.writeUInt16BE(0, 18);
  head.write(json, headerBytes);
  return head;
}

/** @throws FrameError naming what is wrong with the header. */
export function decodeHeader(header: Buffer, limits: FrameLimits): FrameHeader {
  if (header.readUInt32BE(0) !== magic)
    throw new FrameError(`not a frame: begins with ${header.toString("hex", 0, 4)}`);
  const version = header.readUInt16BE(4);
  if (version !== wireVersion) throw new FrameError(`wire version: ${version}, ours is ${wireVersion}`);
  const type = frameTypes[header.readUInt8(6)];
  if (type === undefined) throw new FrameError(`unknown frame type: ${header.readUInt8(6)}`);
  if (header.readUInt8(7) !== 0 || header.readUInt16BE(18) !== 0) throw new FrameError("reserved bytes: not zero");
  const jsonBytes = header.readUInt32BE(8);
  if (jsonBytes === 0 || jsonBytes > limits.jsonBytes)
    throw new FrameError(`text of a frame: ${jsonBytes} bytes, at most ${limits.jsonBytes}`);
  const tensorBytes = header.readUIntBE(12, 6);
  if (tensorBytes > limits.tensorBytes)
    throw new FrameError(`tensor of a frame: ${tensorBytes} bytes, at most ${limits.tensorBytes}`);
  return { type, jsonBytes, tensorBytes };
}

const decoder = new TextDecoder("utf-8", { fatal: true });

/** @throws FrameError where the text is no JSON, or says something else than the header. */
export function decodeEnvelope(text: Buffer, header: FrameHeader): Envelope {
  let json: unknown;
  try {
    json = fromText(decoder.decode(text));
  } catch {
    throw new FrameError("text of a frame: no JSON in UTF-8");
  }
  const envelope = envelopeSpec.safeParse(json);
  if (!envelope.success) {
    const [issue] = envelope.error.issues;
    throw new FrameError(`text of a frame: ${issue?.path.join(".") ?? ""} ${issue?.message ?? "is invalid"}`);
  }
  if (envelope.data.tensor === undefined && header.tensorBytes > 0)
    throw new FrameError(`tensor of a frame: ${header.tensorBytes} bytes that the text does not name`);
  return envelope.data;
}
