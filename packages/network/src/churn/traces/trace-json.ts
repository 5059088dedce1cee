/** Availability traces as JSON; the format is described at `AvailabilityTrace`. */
import { type AvailabilityTrace, type Field, TraceBuilder } from "./availability-trace.ts";
import { nounOf, type Positioned, type PositionedEntry, readJson } from "./positioned-json.ts";
import { placeAt, shownText, TraceFault } from "./trace-fault.ts";

const formatVersion = 1;

/**
 * Reads a trace in JSON.
 * @throws TraceFault with line and column of the first fault, and what was expected
 */
export function parseTraceJson(text: string): AvailabilityTrace {
  const builder = new TraceBuilder();
  const reader = new TraceReader(text);
  const root = readJson(text);
  const trace = reader.object(root, ["version", "horizonSeconds", "nodes"], ["version", "nodes"]);
  const version = trace.get("version") as Positioned;
  if (version.value !== formatVersion) {
    throw reader.fault(version, `unknown version: ${nounOf(version)} (expected ${formatVersion})`);
  }
  const horizon = trace.get("horizonSeconds");
  if (horizon !== undefined) builder.setHorizon(reader.number(horizon));
  const seen = new Set<string>();
  for (const item of reader.list(trace.get("nodes") as Positioned)) {
    const node = reader.object(item, ["name", "intervals"], ["name", "intervals"]);
    const name = reader.text(node.get("name") as Positioned);
    if (seen.has(name.text)) throw new TraceFault(name.place(), `node given twice: ${shownText(name.text)}`);
    seen.add(name.text);
    builder.node(name);
    for (const entry of reader.list(node.get("intervals") as Positioned)) addInterval(reader, builder, name, entry);
  }
  return builder.build(placeAt(text, root.offset));
}

/** The trace as text that `parseTraceJson` reads back alike. */
export function formatTraceJson(trace: AvailabilityTrace): string {
  const nodes = trace.names.map((name, node) => ({
    name,
    intervals: Array.from({ length: trace.offsets[node + 1] - trace.offsets[node] }, (_, index) => {
      const i = trace.offsets[node] + index;
      const ending = trace.isCrash[i] === 1 ? "crash" : "departure";
      return { startSeconds: trace.startSeconds[i], endSeconds: trace.endSeconds[i], ending };
    }),
  }));
  return `${JSON.stringify({ version: formatVersion, horizonSeconds: trace.horizonSeconds, nodes }, undefined, 2)}\n`;
}

function addInterval(reader: TraceReader, builder: TraceBuilder, name: Field, item: Positioned): void {
  const interval = reader.object(item, ["startSeconds", "endSeconds", "ending"], ["startSeconds", "endSeconds"]);
  const start = reader.number(interval.get("startSeconds") as Positioned);
  const end = reader.number(interval.get("endSeconds") as Positioned);
  const ending = interval.get("ending");
  builder.interval(name, start, end, ending && reader.text(ending));
}

/** Reads values of expected types, or says where another one stands. */
class TraceReader {
  private readonly source: string;

  constructor(source: string) {
    this.source = source;
  }

  object(item: Positioned, known: readonly string[], required: readonly string[]): Map<string, Positioned> {
    if (!(item.value instanceof Map)) throw this.fault(item, `not an object: ${nounOf(item)}`);
    const entries = item.value as ReadonlyMap<string, PositionedEntry>;
    for (const [key, { keyOffset }] of entries) {
      if (known.includes(key)) continue;
      const message = `unknown key: ${shownText(key)} (expected ${known.join(", ")})`;
      throw new TraceFault(placeAt(this.source, keyOffset), message);
    }
    for (const key of required) if (!entries.has(key)) throw this.fault(item, `missing key: ${key}`);
    return new Map([...entries].map(([key, entry]) => [key, entry.item]));
  }

  list(item: Positioned): readonly Positioned[] {
    if (!Array.isArray(item.value)) throw this.fault(item, `not a list: ${nounOf(item)}`);
    return item.value as readonly Positioned[];
  }

  number(item: Positioned): Field {
    if (typeof item.value !== "number") throw this.fault(item, `not a number: ${nounOf(item)}`);
    return { text: String(item.value), place: () => placeAt(this.source, item.offset) };
  }

  text(item: Positioned): Field {
    if (typeof item.value !== "string") throw this.fault(item, `not a text in quotes: ${nounOf(item)}`);
    return { text: item.value, place: () => placeAt(this.source, item.offset) };
  }

  fault(item: Positioned, message: string): TraceFault {
    return new TraceFault(placeAt(this.source, item.offset), message);
  }
}
