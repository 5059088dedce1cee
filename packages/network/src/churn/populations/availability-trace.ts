/**
 * Availability trace: nodes come and go as recorded in a file (see `AvailabilityTrace` for the format).
 *
 * After the horizon the trace begins again (`wrap`: who is present at its end and its beginning stays through the seam),
 * or everything stays as it was at the end (`hold`), or those who were still present depart (`leave`). Recorded traces of
 * real systems are collected in the Failure Trace Archive (Kondo, Javadi, Iosup and Epema, CCGrid 2010).
 */
import { priorities } from "@shardlab/des";
import { z } from "zod";
import type { AvailabilityTrace } from "../traces/availability-trace.ts";
import { parseTrace } from "../traces/parse-trace.ts";
import { TraceFault } from "../traces/trace-fault.ts";
import type { Population, PopulationContext } from "./population.ts";

export const availabilityTraceSpec = z.strictObject({
  kind: z.literal("availability-trace"),
  file: z.string().min(1).describe("path of the trace, CSV or JSON"),
  atEnd: z.enum(["wrap", "hold", "leave"]).default("wrap").describe("what follows the trace's horizon"),
});
export type AvailabilityTraceSpec = z.output<typeof availabilityTraceSpec>;

/** @throws Error naming file, line and column of a fault in the trace, and what `readText` throws */
export function availabilityTrace(spec: AvailabilityTraceSpec, context: PopulationContext): Population {
  let trace: AvailabilityTrace;
  try {
    trace = parseTrace(context.readText(spec.file));
  } catch (cause) {
    throw cause instanceof TraceFault ? new Error(`${spec.file}:${cause.message}`, { cause }) : cause;
  }
  return new TracePopulation(trace, spec.atEnd, context);
}

class TracePopulation implements Population {
  private readonly trace: AvailabilityTrace;
  private readonly atEnd: AvailabilityTraceSpec["atEnd"];
  private readonly context: PopulationContext;
  /** Index of each node's current or next interval, and when the repetition of the trace that it is in began. */
  private readonly interval: Int32Array;
  private readonly originSeconds: Float64Array;
  private readonly begin: (node: number) => void;
  private readonly end: (node: number) => void;

  constructor(trace: AvailabilityTrace, atEnd: AvailabilityTraceSpec["atEnd"], context: PopulationContext) {
    this.trace = trace;
    this.atEnd = atEnd;
    this.context = context;
    this.interval = trace.offsets.slice(0, -1);
    this.originSeconds = new Float64Array(trace.names.length).fill(context.loop.now);
    this.begin = (node) => this.beginInterval(node);
    this.end = (node) => this.endInterval(node);
  }

  start(): void {
    this.originSeconds.fill(this.context.loop.now);
    for (let node = 0; node < this.trace.names.length; node++) this.awaitInterval(node);
  }

  /** Schedules the arrival that comes next, at once when it is due. */
  private awaitInterval(node: number): void {
    const { trace, originSeconds } = this;
    const [first, last] = [trace.offsets[node], trace.offsets[node + 1]];
    if (this.interval[node] === last) {
      if (this.atEnd !== "wrap" || first === last) {
        this.context.membership.forget(node);
        return;
      }
      this.rewind(node);
    }
    const arrivesAt = originSeconds[node] + trace.startSeconds[this.interval[node]];
    if (arrivesAt <= this.context.loop.now) this.beginInterval(node);
    else this.context.loop.schedule(arrivesAt - this.context.loop.now, this.begin, node, priorities.urgent);
  }

  private beginInterval(node: number): void {
    this.context.membership.arrive(node);
    this.awaitEnd(node);
  }

  private awaitEnd(node: number): void {
    const { trace, context } = this;
    const i = this.interval[node];
    const isCutOff = trace.endSeconds[i] >= trace.horizonSeconds;
    if (isCutOff && (this.atEnd === "hold" || this.isAlwaysPresent(node))) return;
    const endsAt = this.originSeconds[node] + trace.endSeconds[i];
    context.loop.schedule(Math.max(0, endsAt - context.loop.now), this.end, node, priorities.urgent);
  }

  private endInterval(node: number): void {
    const { trace, context } = this;
    const i = this.interval[node]++;
    const isCutOff = trace.endSeconds[i] >= trace.horizonSeconds;
    if (isCutOff && this.atEnd === "wrap" && trace.startSeconds[trace.offsets[node]] === 0) {
      this.rewind(node);
      this.awaitEnd(node);
      return;
    }
    if (trace.isCrash[i] === 1 && !(isCutOff && this.atEnd === "leave")) context.membership.crash(node);
    else context.membership.depart(node);
    this.awaitInterval(node);
  }

  /** Present through the seam and all the time between, so that nothing ever happens to it. */
  private isAlwaysPresent(node: number): boolean {
    const { offsets, startSeconds } = this.trace;
    return this.atEnd === "wrap" && offsets[node + 1] - offsets[node] === 1 && startSeconds[offsets[node]] === 0;
  }

  private rewind(node: number): void {
    this.interval[node] = this.trace.offsets[node];
    this.originSeconds[node] += this.trace.horizonSeconds;
  }
}
