import { createHash } from "node:crypto";
import { createStreams } from "@shardlab/random";
import { describe, expect, it } from "vitest";
import { encodeHead, type Frame, FrameError, frameTypes, headerBytes } from "./frame.ts";
import { FrameParser } from "./frame-parser.ts";

const limits = { jsonBytes: 4096, tensorBytes: 1 << 20 };
const empty = new Uint8Array(0);
const sha256 = (bytes: Uint8Array): string => createHash("sha256").update(bytes).digest("hex");

function withTensor(size: number, fill = 7): Frame {
  const bytes = new Uint8Array(size).fill(fill);
  return { type: "message", body: { kind: "activation" }, tensor: { shape: [size], digest: sha256(bytes) }, bytes };
}

const encode = (frame: Frame): Buffer => Buffer.concat([encodeHead(frame), frame.bytes ?? new Uint8Array(0)]);

function parse(chunks: readonly Buffer[]): Frame[] {
  const frames: Frame[] = [];
  const parser = new FrameParser(limits, (frame) => frames.push(frame));
  for (const chunk of chunks) parser.push(chunk);
  return frames;
}

function fault(bytes: Buffer): string {
  try {
    parse([bytes]);
    return "none";
  } catch (error) {
    if (!(error instanceof FrameError)) throw error;
    return error.message;
  }
}

describe("frames", () => {
  it("come out as they went in, however they are cut", () => {
    const sent: Frame[] = [
      withTensor(0),
      { type: "ping", body: null },
      withTensor(70_000),
      { type: "message", body: { losses: [Number.NaN, Number.POSITIVE_INFINITY, 1.5], text: "zwölf" } },
      withTensor(1),
    ];
    const wire = Buffer.concat(sent.map(encode));
    const { uniform } = bind(createStreams(11).stream("cuts"));
    for (let round = 0; round < 60; round++) {
      const chunks: Buffer[] = [];
      for (let offset = 0; offset < wire.length; ) {
        const size = 1 + Math.floor(uniform() * (round < 30 ? 40_000 : 300));
        chunks.push(wire.subarray(offset, offset + size));
        offset += size;
      }
      const frames = parse(chunks);
      expect(frames.map(({ type, body, tensor }) => ({ type, body, tensor }))).toEqual(
        sent.map(({ type, body, tensor }) => ({ type, body, tensor })),
      );
      for (const [index, { bytes }] of frames.entries())
        expect(Buffer.compare(bytes ?? empty, sent[index]?.bytes ?? empty)).toBe(0);
    }
  });

  it("give each tensor a buffer of its own, to be handed to another thread", () => {
    const [first, second] = parse([Buffer.concat([encode(withTensor(100, 1)), encode(withTensor(200, 2))])]);
    expect(first?.bytes?.buffer.byteLength).toBe(100);
    expect(second?.bytes?.buffer.byteLength).toBe(200);
  });

  it("are refused with a reason when they are not ours", () => {
    const good = encode(withTensor(64));
    const patched = (offset: number, ...values: number[]): Buffer => {
      const bytes = Buffer.from(good);
      bytes.set(values, offset);
      return bytes;
    };
    expect(fault(Buffer.from("GET / HTTP/1.1\r\nHost: x\r\n\r\n"))).toBe("not a frame: begins with 47455420");
    expect(fault(patched(4, 0, 9))).toBe("wire version: 9, ours is 1");
    expect(fault(patched(6, frameTypes.length))).toBe(`unknown frame type: ${frameTypes.length}`);
    expect(fault(patched(7, 1))).toBe("reserved bytes: not zero");
    expect(fault(patched(8, 0xff, 0xff, 0xff, 0xff))).toBe("text of a frame: 4294967295 bytes, at most 4096");
    expect(fault(patched(12, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff))).toBe(
      "tensor of a frame: 281474976710655 bytes, at most 1048576",
    );
    expect(fault(patched(headerBytes, 0x22))).toBe("text of a frame: no JSON in UTF-8");
    expect(fault(patched(good.length - 1, 8))).toMatch(/^tensor digest: bytes have [0-9a-f]{12}, the text says /);
    expect(fault(encode({ type: "message", body: {}, bytes: new Uint8Array(3) }))).toBe(
      "tensor of a frame: 3 bytes that the text does not name",
    );
    expect(fault(encode({ ...withTensor(4), tensor: { shape: [4], digest: "x" } }))).toMatch(
      /^text of a frame: tensor/,
    );
    expect(fault(good)).toBe("none");
  });

  it("never do more than be refused, in 100,000 mutations", () => {
    const stream = createStreams(5).stream("mutations");
    const { uniform } = bind(stream);
    const bases = [withTensor(300), withTensor(0), { type: "hello", body: { node: 3 } } as const, withTensor(9)].map(
      encode,
    );
    const reasons = new Map<string, number>();
    let accepted = 0;
    for (let round = 0; round < 100_000; round++) {
      const bytes = Buffer.from(bases[round % bases.length] as Buffer);
      const changes = 1 + Math.floor(uniform() * 4);
      for (let change = 0; change < changes; change++) {
        const at = Math.floor(uniform() * (uniform() < 0.5 ? Math.min(bytes.length, 60) : bytes.length));
        bytes[at] = Math.floor(uniform() * 256);
      }
      const cut = uniform() < 0.2 ? bytes.subarray(0, Math.floor(uniform() * bytes.length)) : bytes;
      const parser = new FrameParser(limits, () => accepted++);
      try {
        parser.push(cut);
      } catch (error) {
        // Anything but a FrameError fails the test.
        if (!(error instanceof FrameError)) throw error;
        const reason = error.message.split(":")[0] as string;
        reasons.set(reason, (reasons.get(reason) ?? 0) + 1);
      }
    }
    expect(accepted).toBeLessThan(30_000);
    for (const reason of ["not a frame", "wire version", "unknown frame type", "text of a frame", "tensor digest"])
      expect(reasons.get(reason) ?? 0).toBeGreaterThan(100);
  });
});

const bind = (stream: { uniform(): number }): { uniform: () => number } => ({ uniform: () => stream.uniform() });
