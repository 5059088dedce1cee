/**
 * Availability traces: when each of a number of nodes was present, as measured somewhere or made up.
 *
 * CSV, one interval a row; times in seconds from the start of the trace; `ending` (departure or crash) may be left out;
 * a row with neither start nor end names a node that is never present; lines that begin with # say nothing, but for the
 * horizon, which is the last end unless given:
 *
 *     # horizonSeconds 86400
 *     node,startSeconds,endSeconds,ending
 *     berlin-1,0,3600,departure
 *     berlin-1,7200,86400,crash
 *     tokyo-4,,,
 *
 * JSON, the same (`ending` and `horizonSeconds` may be left out):
 *
 *     { "version": 1, "horizonSeconds": 86400, "nodes": [
 *       { "name": "berlin-1", "intervals": [{ "startSeconds": 0, "endSeconds": 3600, "ending": "departure" }] } ] }
 *
 * The intervals of a node come in the order of time, do not overlap and last longer than 0 s. Intervals that end at the
 * horizon are cut off by the end of the measurement. Nodes are numbered in the order in which they are first named.
 */
import { shownText, type TextPlace, TraceFault } from "./trace-fault.ts";

/** The intervals of node i are those from `offsets[i]` up to and excluding `offsets[i + 1]`. */
export interface AvailabilityTrace {
  readonly names: readonly string[];
  readonly offsets: Int32Array;
  readonly startSeconds: Float64Array;
  readonly endSeconds: Float64Array;
  /** 1 where the interval ended by a crash. */
  readonly isCrash: Uint8Array;
  readonly horizonSeconds: number;
}

/** One field of a trace and where it stands. */
export interface Field {
  readonly text: string;
  /** Found out only when there is a fault to report, because counting lines takes long. */
  readonly place: () => TextPlace;
}

interface NodeIntervals {
  readonly starts: number[];
  readonly ends: number[];
  readonly isCrash: number[];
}

const endings = ["departure", "crash"];

/** Collects and checks intervals, whatever notation they came in. */
export class TraceBuilder {
  private readonly nodes = new Map<string, NodeIntervals>();
  private horizonSeconds: number | undefined;
  private lastEnd = 0;
  /** Where the largest end stands, to name when the horizon comes before it. */
  private lastEndPlace = (): TextPlace => ({ line: 1, column: 1 });

  setHorizon(horizon: Field): void {
    if (this.horizonSeconds !== undefined)
      throw new TraceFault(horizon.place(), `horizon given twice: ${horizon.text}`);
    this.horizonSeconds = secondsOf(horizon, "a horizon");
  }

  node(name: Field): void {
    this.intervalsOf(name);
  }

  interval(name: Field, start: Field, end: Field, ending: Field | undefined): void {
    const node = this.intervalsOf(name);
    const startSeconds = secondsOf(start, "a start");
    const endSeconds = secondsOf(end, "an end");
    const previousEnd = node.ends.at(-1) ?? 0;
    if (startSeconds < previousEnd) {
      const wanted = `expected at least ${previousEnd}, the end of the previous interval of ${shownText(name.text)}`;
      throw new TraceFault(start.place(), `start too early: ${start.text} (${wanted})`);
    }
    if (!(endSeconds > startSeconds)) {
      throw new TraceFault(end.place(), `end too early: ${end.text} (expected more than the start, ${startSeconds})`);
    }
    if (ending !== undefined && !endings.includes(ending.text)) {
      throw new TraceFault(ending.place(), `unknown ending: ${shownText(ending.text)} (expected departure or crash)`);
    }
    node.starts.push(startSeconds);
    node.ends.push(endSeconds);
    node.isCrash.push(ending?.text === "crash" ? 1 : 0);
    if (endSeconds <= this.lastEnd) return;
    this.lastEnd = endSeconds;
    this.lastEndPlace = end.place;
  }

  /** @throws TraceFault at `place` when there is nothing, and at an end that lies beyond the horizon */
  build(place: TextPlace): AvailabilityTrace {
    if (this.nodes.size === 0) throw new TraceFault(place, "no nodes: expected at least one");
    const horizonSeconds = this.horizonSeconds ?? this.lastEnd;
    if (horizonSeconds === 0) throw new TraceFault(place, "no horizon: expected an interval or a horizon above 0");
    if (this.lastEnd > horizonSeconds) {
      const wanted = `expected at most the horizon, ${horizonSeconds}`;
      throw new TraceFault(this.lastEndPlace(), `end too late: ${this.lastEnd} (${wanted})`);
    }
    const all = [...this.nodes.values()];
    const offsets = new Int32Array(all.length + 1);
    all.forEach(({ starts }, node) => {
      offsets[node + 1] = offsets[node] + starts.length;
    });
    return {
      names: [...this.nodes.keys()],
      offsets,
      startSeconds: Float64Array.from(all.flatMap(({ starts }) => starts)),
      endSeconds: Float64Array.from(all.flatMap(({ ends }) => ends)),
      isCrash: Uint8Array.from(all.flatMap(({ isCrash }) => isCrash)),
      horizonSeconds,
    };
  }

  private intervalsOf({ text, place }: Field): NodeIntervals {
    if (text === "") throw new TraceFault(place(), "missing node: expected a name");
    const known = this.nodes.get(text);
    if (known !== undefined) return known;
    const fresh = { starts: [], ends: [], isCrash: [] };
    this.nodes.set(text, fresh);
    return fresh;
  }
}

const decimal = /^[+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?$/;

function secondsOf({ text, place }: Field, noun: string): number {
  const seconds = decimal.test(text) ? Number(text) : Number.NaN;
  if (seconds >= 0 && seconds < Number.POSITIVE_INFINITY) return seconds;
  const shown = text === "" ? "nothing" : shownText(text);
  throw new TraceFault(place(), `not ${noun}: ${shown} (expected seconds from the start of the trace, 0 or more)`);
}
