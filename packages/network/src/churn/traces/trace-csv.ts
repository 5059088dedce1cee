/** Availability traces as CSV; the format is described at `AvailabilityTrace`. */
import { type AvailabilityTrace, type Field, TraceBuilder } from "./availability-trace.ts";
import { shownText, type TextPlace, TraceFault } from "./trace-fault.ts";

const columns = ["node", "startSeconds", "endSeconds", "ending"];
const requiredColumns = columns.slice(0, 3);

/**
 * Reads a trace in CSV. Fields hold no commas or quotes; spaces around them do not count.
 * @throws TraceFault with line and column of the first fault, and what was expected
 */
export function parseTraceCsv(text: string): AvailabilityTrace {
  const builder = new TraceBuilder();
  let header: string[] | undefined;
  text
    .replace(/^\uFEFF/, "")
    .split("\n")
    .forEach((row, index) => {
      const line = index + 1;
      if (row.trim() === "") return;
      if (row.startsWith("#")) readComment(row, line, builder);
      else if (header === undefined) header = headerOf(fieldsOf(row, line));
      else addRow(fieldsOf(row, line), header, builder);
    });
  if (header === undefined)
    throw new TraceFault({ line: 1, column: 1 }, `missing header: expected ${columns.join(", ")}`);
  return builder.build({ line: 1, column: 1 });
}

/** The trace as text that `parseTraceCsv` reads back alike. */
export function formatTraceCsv(trace: AvailabilityTrace): string {
  const lines = [`# horizonSeconds ${trace.horizonSeconds}`, columns.join(",")];
  trace.names.forEach((name, node) => {
    if (/[,"\n#]|^\s|\s$/.test(name) || name === "") throw new Error(`name not possible in CSV: ${shownText(name)}`);
    const [from, to] = [trace.offsets[node], trace.offsets[node + 1]];
    if (from === to) lines.push(`${name},,,`);
    for (let i = from; i < to; i++) {
      const ending = trace.isCrash[i] === 1 ? "crash" : "departure";
      lines.push(`${name},${trace.startSeconds[i]},${trace.endSeconds[i]},${ending}`);
    }
  });
  return `${lines.join("\n")}\n`;
}

function readComment(row: string, line: number, builder: TraceBuilder): void {
  const match = /^#\s*horizonSeconds\b[\s:=]*/.exec(row);
  if (match !== null)
    builder.setHorizon({ text: row.slice(match[0].length).trim(), place: placeIn(row, line, match[0].length) });
}

const placeIn = (row: string, line: number, offset: number) => (): TextPlace => {
  const spaces = /^\s*/.exec(row.slice(offset))?.[0].length ?? 0;
  return { line, column: offset + (row.slice(offset).trim() === "" ? 0 : spaces) + 1 };
};

function fieldsOf(row: string, line: number): Field[] {
  const quote = row.indexOf('"');
  if (quote >= 0) throw new TraceFault({ line, column: quote + 1 }, "unexpected quote: fields are not quoted");
  let offset = 0;
  return row.split(",").map((part) => {
    const field = { text: part.trim(), place: placeIn(row.slice(0, offset + part.length), line, offset) };
    offset += part.length + 1;
    return field;
  });
}

function headerOf(fields: readonly Field[]): string[] {
  const names = fields.map(({ text }) => text);
  fields.forEach(({ text, place }, index) => {
    const wanted = `expected ${columns.join(", ")}`;
    if (!columns.includes(text)) throw new TraceFault(place(), `unknown column: ${shownText(text)} (${wanted})`);
    if (names.indexOf(text) < index) throw new TraceFault(place(), `column given twice: ${text}`);
  });
  for (const column of requiredColumns) {
    if (!names.includes(column)) throw new TraceFault(fields[0].place(), `missing column: ${column}`);
  }
  return names;
}

function addRow(fields: readonly Field[], header: readonly string[], builder: TraceBuilder): void {
  if (fields.length !== header.length) {
    const wanted = `expected ${header.length}: ${header.join(", ")}`;
    throw new TraceFault(fields[0].place(), `wrong number of fields: ${fields.length} (${wanted})`);
  }
  const [name, start, end] = requiredColumns.map((column) => fields[header.indexOf(column)]);
  const ending = fields[header.indexOf("ending")] as Field | undefined;
  if (start.text === "" && end.text === "") builder.node(name);
  else builder.interval(name, start, end, ending?.text === "" ? undefined : ending);
}
