/** Availability traces in either notation. */
import type { AvailabilityTrace } from "./availability-trace.ts";
import { parseTraceCsv } from "./trace-csv.ts";
import { parseTraceJson } from "./trace-json.ts";

/**
 * Reads a trace: JSON when the text begins with a brace or bracket, CSV otherwise.
 * @throws TraceFault with line and column of the first fault, and what was expected
 */
export function parseTrace(text: string): AvailabilityTrace {
  return /^\s*[[{]/.test(text) ? parseTraceJson(text) : parseTraceCsv(text);
}
