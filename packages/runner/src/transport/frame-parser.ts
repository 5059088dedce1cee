/** Makes frames of the chunks that a socket gives. */
import { createHash, type Hash } from "node:crypto";
import {
  decodeEnvelope,
  decodeHeader,
  type Envelope,
  type Frame,
  FrameError,
  type FrameHeader,
  type FrameLimits,
  headerBytes,
} from "./frame.ts";

/** SHA-256 of no bytes. */
const emptyDigest = createHash("sha256").digest("hex");

/**
 * A tensor's chunks go straight into one buffer that is allocated for it, and through the hash while they are in the
 * cache. `push` throws a FrameError on bytes that are not what they should be; the parser is of no use after that.
 */
export class FrameParser {
  /** Of frames that begin from now on. */
  limits: FrameLimits;
  private readonly onFrame: (frame: Frame) => void;
  private readonly headerBuffer = Buffer.alloc(headerBytes);
  private header: FrameHeader | undefined;
  private text: Buffer | undefined;
  private envelope: Envelope | undefined;
  private tensor: Uint8Array | undefined;
  private hash: Hash | undefined;
  /** Bytes of the present part (header, text or tensor) that are here. */
  private filled = 0;

  constructor(limits: FrameLimits, onFrame: (frame: Frame) => void) {
    this.limits = limits;
    this.onFrame = onFrame;
  }

  /** Whether a frame has begun and not ended. */
  get isMidFrame(): boolean {
    return this.header !== undefined || this.filled > 0;
  }

  /** Bytes of the present frame's tensor that are here; undefined before its first. */
  get tensorProgress(): number | undefined {
    return this.tensor === undefined ? undefined : this.filled;
  }

  push(chunk: Buffer): void {
    let offset = 0;
    while (offset < chunk.length) offset += this.take(offset === 0 ? chunk : chunk.subarray(offset));
  }

  /** Takes bytes of one part and answers how many. */
  private take(chunk: Buffer): number {
    if (this.header === undefined) return this.takeHeader(chunk);
    if (this.text !== undefined) return this.takeText(chunk, this.text, this.header);
    return this.takeTensor(chunk, this.tensor as Uint8Array);
  }

  private fill(chunk: Buffer, target: Uint8Array): number {
    const taken = Math.min(chunk.length, target.byteLength - this.filled);
    target.set(taken === chunk.length ? chunk : chunk.subarray(0, taken), this.filled);
    this.filled += taken;
    return taken;
  }

  private takeHeader(chunk: Buffer): number {
    const taken = this.fill(chunk, this.headerBuffer);
    if (this.filled < headerBytes) return taken;
    this.header = decodeHeader(this.headerBuffer, this.limits);
    this.text = Buffer.allocUnsafe(this.header.jsonBytes);
    this.filled = 0;
    return taken;
  }

  private takeText(chunk: Buffer, text: Buffer, header: FrameHeader): number {
    const taken = this.fill(chunk, text);
    if (this.filled < text.length) return taken;
    this.envelope = decodeEnvelope(text, header);
    this.text = undefined;
    this.filled = 0;
    if (header.tensorBytes === 0) {
      if (this.envelope.tensor !== undefined) this.checkDigest(emptyDigest, this.envelope.tensor.digest);
      this.complete(this.envelope.tensor === undefined ? undefined : new Uint8Array(0));
    } else {
      this.tensor = allocate(header.tensorBytes);
      this.hash = createHash("sha256");
    }
    return taken;
  }

  private takeTensor(chunk: Buffer, tensor: Uint8Array): number {
    const before = this.filled;
    const taken = this.fill(chunk, tensor);
    const hash = this.hash as Hash;
    hash.update(tensor.subarray(before, before + taken));
    if (this.filled < tensor.byteLength) return taken;
    this.checkDigest(hash.digest("hex"), (this.envelope as Envelope).tensor?.digest ?? "");
    this.complete(tensor);
    return taken;
  }

  private checkDigest(actual: string, promised: string): void {
    if (actual !== promised)
      throw new FrameError(`tensor digest: bytes have ${actual.slice(0, 12)}, the text says ${promised.slice(0, 12)}`);
  }

  private complete(bytes: Uint8Array | undefined): void {
    const { type } = this.header as FrameHeader;
    const { body, tensor } = this.envelope as Envelope;
    this.header = undefined;
    this.envelope = undefined;
    this.tensor = undefined;
    this.hash = undefined;
    this.filled = 0;
    this.onFrame(tensor === undefined ? { type, body } : { type, body, tensor, bytes: bytes as Uint8Array });
  }
}

/** A buffer of its own, so that it can be handed to another thread. */
function allocate(bytes: number): Uint8Array {
  try {
    return new Uint8Array(new ArrayBuffer(bytes));
  } catch {
    throw new FrameError(`out of memory: tensor of ${bytes} bytes`);
  }
}
