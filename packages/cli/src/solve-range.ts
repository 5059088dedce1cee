/** The range and the kind of a parameter that is searched. */
import { type LoadedScenario, numberAt, resolvedNumber } from "@shardlab/scenario";
import { InputError } from "./input-error.ts";
import type { Notation } from "./scenario-notation.ts";
import type { SolveCommandOptions } from "./solve-options.ts";

export interface SolveRange {
  readonly low: number;
  readonly high: number;
  readonly scale: "linear" | "log";
  readonly isInteger: boolean;
}

/** A plain number as a number, anything else as it would stand in a file. */
const rawOf = (text: string): number | string =>
  /^[+-]?(\d|\.\d)[\d._]*(e[+-]?\d+)?$/i.test(text.trim()) ? Number(text) : text;

/** A value in SI as a scenario file would write it. */
function written(si: number, { unit, scale }: Notation): number | string {
  const value = scale(si);
  if (unit.startsWith("$")) return `${value < 0 ? "-" : ""}$${Math.abs(value)}${unit.slice(1)}`;
  return unit === "" ? value : `${value} ${unit}`;
}

function valueAt(loaded: LoadedScenario, path: string, raw: unknown, option: string): number {
  try {
    return resolvedNumber(loaded, path, raw);
  } catch (error) {
    throw new InputError(`${option}: ${error instanceof Error ? error.message : String(error)}`);
  }
}

const isValid = (loaded: LoadedScenario, path: string, raw: unknown): boolean => {
  try {
    resolvedNumber(loaded, path, raw);
    return true;
  } catch {
    return false;
  }
};

/** How far a range reaches from the file's own value, unless the file or the person says: as far as it may, up to this. */
const reaches = [8, 4, 2, 1.5, 1.1];

/** The end of a range around `value` that the file may have. */
function reached(loaded: LoadedScenario, { path, notation }: SearchedPath, value: number, side: 1 | -1): number {
  const factor = reaches.find((reach) =>
    isValid(loaded, path, written(side > 0 ? value * reach : value / reach, notation)),
  );
  return factor === undefined ? value : side > 0 ? value * factor : value / factor;
}

interface SearchedPath {
  readonly path: string;
  readonly notation: Notation;
}

/** The range that the scenario's own analyses give a parameter, as it stands in the file. */
function rangeInFile({ resolved }: LoadedScenario, path: string): { low?: unknown; high?: unknown } {
  const { frontier, sensitivity } = resolved;
  if (frontier?.find.path === path) return frontier.find;
  return sensitivity?.parameters[path] ?? {};
}

/** The members of a group are written as a count (`50k`), which a file may give with decimals, and are whole all the same. */
const isCount = /\.count$/;

/** Whether a parameter takes whole numbers alone: the number between two that it takes is refused. */
function takesWholeNumbers(loaded: LoadedScenario, path: string, value: number): boolean {
  const next = [value + 1, value - 1].find((candidate) => isValid(loaded, path, candidate));
  return next !== undefined && isValid(loaded, path, value) && !isValid(loaded, path, (value + next) / 2);
}

/**
 * The range to search: what the person gives, else what the scenario's frontier or sensitivity analysis gives, else around
 * the scenario's own value.
 *
 * @throws InputError for a path without a number, a value that does not fit, or a range of nothing.
 */
export function solveRange(
  loaded: LoadedScenario,
  { from, to, scale, integer, over: path }: SolveCommandOptions,
  notation: Notation,
): SolveRange {
  const own = [loaded.resolved, ...loaded.points.map(({ resolved }) => resolved)]
    .map((resolved) => numberAt(resolved, path))
    .find((value) => value !== undefined);
  if (own === undefined) {
    // The message of the scenario package names what is there instead.
    valueAt(loaded, path, from === undefined ? 1 : rawOf(from), `--over ${path}`);
    throw new InputError(`--over ${path}: no number there (expected the dotted path of a number)`);
  }
  const inFile = rangeInFile(loaded, path);
  const end = (raw: string | undefined, given: unknown, option: string, side: 1 | -1): number => {
    if (raw !== undefined) return valueAt(loaded, path, rawOf(raw), option);
    if (given !== undefined) return valueAt(loaded, path, given, option);
    return reached(loaded, { path, notation }, own, side);
  };
  const low = end(from, inFile.low, "--from", -1);
  const high = end(to, inFile.high, "--to", 1);
  if (!(low < high)) {
    const range = `${notation.write(low)} to ${notation.write(high)}`;
    throw new InputError(`no range to search: ${range} (expected --from less than --to)`);
  }
  const isInteger = integer ?? (isCount.test(path) || takesWholeNumbers(loaded, path, own));
  if (isInteger && !(Math.ceil(low) < Math.floor(high))) {
    throw new InputError(`fewer than two whole values: ${notation.write(low)} to ${notation.write(high)}`);
  }
  if (scale === "log" && low <= 0) throw new InputError(`--scale log needs a range above 0: ${notation.write(low)}`);
  const ends = isInteger ? { low: Math.ceil(low), high: Math.floor(high) } : { low, high };
  const isWide = ends.low > 0 && ends.high / ends.low >= 8;
  return { ...ends, scale: scale ?? (isWide ? "log" : "linear"), isInteger };
}
