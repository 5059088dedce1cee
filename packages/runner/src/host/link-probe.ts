/** What a worker's link really gives, measured once before the work begins: round trip and uplink to the coordinator. */
import { createHash } from "node:crypto";
import { performance } from "node:perf_hooks";
import { z } from "zod";
import type { Frame } from "../transport/frame.ts";

const echoes = 5;
const pieceBytes = 2 ** 16;
/** What token buckets let through at once is spent before the measurement begins. */
const warmUpPieces = 2;
const probeSeconds = 0.25;
const fewestPieces = 4;
const mostPieces = 64;
const answerSeconds = 20;

export const probeSpec = z.strictObject({
  step: z.enum(["echo", "fill", "begin", "end", "answer"]),
  id: z.number().int().min(0).max(1e6),
  seconds: z.number().min(0).max(1e6).optional(),
});
type Probe = z.output<typeof probeSpec>;

export interface MeasuredLink {
  readonly uplinkBytesPerSecond: number;
  readonly roundTripSeconds: number;
}

/** The coordinator's side: says when the bytes between `begin` and `end` arrived. */
export class ProbeAnswerer {
  private readonly began = new Map<number, number>();

  /** What to answer to a probe of a node, if anything. */
  answer(from: number, { step, id }: Probe): Frame | undefined {
    const seconds = performance.now() / 1000;
    if (step === "echo") return { type: "probe", body: { step: "answer", id } };
    if (step === "begin") this.began.set(from, seconds);
    if (step !== "end") return undefined;
    const began = this.began.get(from) ?? seconds;
    this.began.delete(from);
    return { type: "probe", body: { step: "answer", id, seconds: seconds - began } };
  }
}

/** The worker's side. */
export class LinkProbe {
  private readonly send: (frame: Frame) => void;
  private readonly waiting = new Map<number, (probe: Probe) => void>();
  private nextId = 0;

  constructor(send: (frame: Frame) => void) {
    this.send = send;
  }

  receive(probe: Probe): void {
    this.waiting.get(probe.id)?.(probe);
    this.waiting.delete(probe.id);
  }

  /** @throws Error `link probe: no answer` */
  async measure(askedBytesPerSecond: number): Promise<MeasuredLink> {
    const trips: number[] = [];
    for (let echo = 0; echo < echoes; echo++) {
      const began = performance.now();
      await this.ask("echo");
      trips.push((performance.now() - began) / 1000);
    }
    trips.sort((a, b) => a - b);
    const wanted = Math.ceil((askedBytesPerSecond * probeSeconds) / pieceBytes);
    const pieces = Math.min(mostPieces, Math.max(fewestPieces, wanted));
    for (let piece = 0; piece < warmUpPieces; piece++) this.say("fill", this.nextId++, true);
    this.say("begin", this.nextId++, false);
    for (let piece = 0; piece < pieces; piece++) this.say("fill", this.nextId++, true);
    const { seconds = 0 } = await this.ask("end");
    return {
      uplinkBytesPerSecond: (pieces * pieceBytes) / Math.max(seconds, 1e-9),
      roundTripSeconds: trips[echoes >> 1] as number,
    };
  }

  private ask(step: Probe["step"]): Promise<Probe> {
    const id = this.nextId++;
    return new Promise((resolve, reject) => {
      const timer = setTimeout(() => {
        this.waiting.delete(id);
        reject(new Error("link probe: no answer"));
      }, answerSeconds * 1000);
      this.waiting.set(id, (probe) => {
        clearTimeout(timer);
        resolve(probe);
      });
      this.say(step, id, false);
    });
  }

  private say(step: Probe["step"], id: number, hasBytes: boolean): void {
    const body: Probe = { step, id };
    this.send(
      hasBytes
        ? { type: "probe", body, tensor: { shape: [pieceBytes], digest: fillerDigest }, bytes: filler }
        : { type: "probe", body },
    );
  }
}

const filler = new Uint8Array(pieceBytes);
const fillerDigest = createHash("sha256").update(filler).digest("hex");
/** A node takes at least so much, whatever the largest tensor is. */
export const largestProbeBytes = pieceBytes;
