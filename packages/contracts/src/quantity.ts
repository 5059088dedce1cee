/** Quantities in scenario files: a number with a unit, read into SI (seconds, bytes, FLOP, watts, dollars). */
import { z } from "zod";

/** What a quantity measures: its SI meaning, the units that a file may use, and an example for messages. */
interface Dimension {
  readonly noun: string;
  readonly si: string;
  readonly example: string;
  readonly units: Readonly<Record<string, number>>;
}

const minute = 60;
const hour = 3600;
const day = 86_400;
/** The Julian year, as astronomers and the SI brochure use it. */
const year = 365.25 * day;

const byteUnits = { B: 1, kB: 1e3, MB: 1e6, GB: 1e9, TB: 1e12, PB: 1e15 };
const binaryByteUnits = { KiB: 2 ** 10, MiB: 2 ** 20, GiB: 2 ** 30, TiB: 2 ** 40 };
const flopUnits = { MFLOP: 1e6, GFLOP: 1e9, TFLOP: 1e12, PFLOP: 1e15, EFLOP: 1e18, ZFLOP: 1e21 };

const over = (units: Record<string, number>, per: string, divisor: number): Record<string, number> =>
  Object.fromEntries(Object.entries(units).map(([unit, factor]) => [`${unit}/${per}`, factor / divisor]));

/** Every dimension that a scenario file can speak of. A money quantity is written `$5M` or `$2.10/h`. */
export const dimensions = {
  duration: {
    noun: "a duration",
    si: "s",
    example: "40 ms",
    units: { ns: 1e-9, us: 1e-6, ms: 1e-3, s: 1, min: minute, h: hour, d: day, week: 7 * day, y: year },
  },
  dataSize: { noun: "a data size", si: "B", example: "1.2 GiB", units: { ...byteUnits, ...binaryByteUnits } },
  dataRate: {
    noun: "a data rate",
    si: "B/s",
    example: "80 Mbit/s",
    units: {
      ...over({ bit: 1 / 8, kbit: 1e3 / 8, Mbit: 1e6 / 8, Gbit: 1e9 / 8, Tbit: 1e12 / 8 }, "s", 1),
      ...over(byteUnits, "s", 1),
    },
  },
  compute: { noun: "an amount of compute", si: "FLOP", example: "300 ZFLOP", units: { FLOP: 1, ...flopUnits } },
  computeRate: {
    noun: "a compute rate",
    si: "FLOP/s",
    example: "165 TFLOP/s",
    units: over({ FLOP: 1, ...flopUnits }, "s", 1),
  },
  communicationIntensity: {
    noun: "bytes sent per unit of compute",
    si: "B/FLOP",
    example: "0.11 MB/TFLOP",
    units: { ...over({ kB: 1e3, MB: 1e6, GB: 1e9 }, "TFLOP", 1e12), ...over({ kB: 1e3, MB: 1e6 }, "PFLOP", 1e15) },
  },
  power: { noun: "a power", si: "W", example: "450 W", units: { W: 1, kW: 1e3, MW: 1e6 } },
  annualRate: {
    noun: "a rate per year",
    si: "1/s",
    example: "15 %/y",
    units: { "%/y": 0.01 / year, "/y": 1 / year, "%/month": 0.01 / (year / 12), "%/d": 0.01 / day, "/d": 1 / day },
  },
  money: { noun: "an amount of money", si: "$", example: "$3M", units: { "": 1 } },
  moneyRate: {
    noun: "money per time",
    si: "$/s",
    example: "$2.10/h",
    units: { "/s": 1, "/h": 1 / hour, "/d": 1 / day, "/month": 12 / year, "/y": 1 / year },
  },
  energyPrice: {
    noun: "a price of energy",
    si: "$/J",
    example: "$0.15/kWh",
    units: { "/kWh": 1 / 3.6e6, "/MWh": 1 / 3.6e9 },
  },
  tokenPrice: {
    noun: "a price per token",
    si: "$/token",
    example: "$0.60/Mtoken",
    units: { "/token": 1, "/ktoken": 1e-3, "/Mtoken": 1e-6, "/Gtoken": 1e-9, "/Btoken": 1e-9, "/Ttoken": 1e-12 },
  },
} as const satisfies Record<string, Dimension>;

export type DimensionName = keyof typeof dimensions;

/** Suffixes of counts and of money. */
export const magnitudes = { "": 1, k: 1e3, M: 1e6, B: 1e9, T: 1e12 } as const;
const unsigned = String.raw`(?:\d[\d_]*\.?\d*|\.\d+)(?:[eE][+-]?\d+)?`;
const numeral = `[+-]?${unsigned}`;
const isMoney = (dimension: Dimension): boolean => dimension.example.startsWith("$");
const escapeForPattern = (text: string): string => text.replace(/[.*+?^${}()|[\]\\/]/g, "\\$&");

/**
 * The regular expression, as source text, that a quantity of this dimension matches; also the JSON Schema pattern.
 * The sign of money stands before the dollar: `-$5`.
 */
function patternOf(dimension: Dimension): string {
  const units = Object.keys(dimension.units).map(escapeForPattern).join("|");
  return isMoney(dimension) ? `^(-?)\\$\\s?(${unsigned})([kMBT]?)(${units})$` : `^(${numeral})\\s?(${units})$`;
}

const patterns = new Map<DimensionName, RegExp>();

/** The compiled pattern of a dimension; compiling costs more than matching. */
function compiledPattern(name: DimensionName): RegExp {
  const known = patterns.get(name);
  if (known) return known;
  const pattern = new RegExp(patternOf(dimensions[name]));
  patterns.set(name, pattern);
  return pattern;
}

/** Reads `text` as a quantity in SI, or returns what is wrong with it. */
export function readQuantity(name: DimensionName, text: string): { value: number } | { fault: string } {
  const dimension: Dimension = dimensions[name];
  const match = compiledPattern(name).exec(text.trim());
  if (!match) {
    const units = Object.keys(dimension.units).filter((unit) => unit !== "");
    const choice = units.length > 0 ? `; units: ${units.join(", ")}` : "";
    return { fault: `expected ${dimension.noun} such as ${dimension.example}${choice}` };
  }
  const number = (part: string | undefined): number => Number((part ?? "").replaceAll("_", ""));
  if (!Number.isFinite(number(match[isMoney(dimension) ? 2 : 1]))) return { fault: "expected a finite number" };
  const unit = dimension.units[match.at(-1) ?? ""] as number;
  if (!isMoney(dimension)) return { value: number(match[1]) * unit };
  const sign = match[1] === "-" ? -1 : 1;
  return { value: sign * number(match[2]) * magnitudes[match[3] as keyof typeof magnitudes] * unit };
}

/** Bounds in the same notation as the file (`min: "1 d"`); both are inclusive unless `above` is given instead of `min`. */
export interface QuantityBounds {
  readonly min?: string;
  readonly max?: string;
  /** An exclusive lower bound. */
  readonly above?: string;
}

function boundOf(name: DimensionName, text: string | undefined): number | undefined {
  if (text === undefined) return undefined;
  const read = readQuantity(name, text);
  if ("fault" in read) throw new Error(`invalid bound: ${text} (${read.fault})`);
  return read.value;
}

/**
 * The schema of a quantity: a string in the file, an SI number in the resolved scenario.
 * A bare number is refused, because a number without a unit is how such files go wrong.
 */
export function quantity(name: DimensionName, bounds: QuantityBounds = {}): QuantitySchema {
  const dimension: Dimension = dimensions[name];
  const wanted = `expected ${dimension.noun} with a unit, such as ${dimension.example}`;
  const min = boundOf(name, bounds.min);
  const max = boundOf(name, bounds.max);
  const above = boundOf(name, bounds.above);
  return z
    .string({ error: (issue) => (issue.input === undefined ? undefined : wanted) })
    .meta({
      description: `${dimension.noun} (${dimension.si})`,
      pattern: patternOf(dimension),
      examples: [dimension.example],
    })
    .transform((text, context): number => {
      const read = readQuantity(name, text);
      const refuse = (message: string): number => {
        context.issues.push({ code: "custom", message, input: text });
        return z.NEVER;
      };
      if ("fault" in read) return refuse(read.fault);
      if (min !== undefined && read.value < min) return refuse(`too small: expected at least ${bounds.min}`);
      if (above !== undefined && read.value <= above) return refuse(`too small: expected more than ${bounds.above}`);
      if (max !== undefined && read.value > max) return refuse(`too large: expected at most ${bounds.max}`);
      return read.value;
    });
}

/** What a schema made by `quantity` measures; undefined for any other schema. */
export function dimensionOf(schema: z.core.$ZodType): DimensionName | undefined {
  const { def } = (schema as z.core.$ZodTypes)._zod;
  const pattern = def.type === "pipe" ? z.globalRegistry.get(def.in)?.pattern : undefined;
  if (pattern === undefined) return undefined;
  return (Object.keys(dimensions) as DimensionName[]).find((name) => patternOf(dimensions[name]) === pattern);
}

export type QuantitySchema = z.ZodPipe<z.ZodString, z.ZodTransform<number, string>>;

const countPattern = `^(${numeral})\\s?([kMBT]?)$`;

/**
 * A count of things (parameters, tokens): `1_000`, `70B`, `1.4T`. Suffixes: k, M, B (10^9), T (10^12).
 *
 * @param bounds `isWhole` refuses fractions, for what is counted one by one.
 */
export function count(bounds: { min?: number; max?: number; isWhole?: boolean } = {}) {
  const { min = 0, max = 1e18, isWhole = false } = bounds;
  return z
    .union([z.number(), z.string().meta({ pattern: countPattern, examples: ["70B"] })], {
      error: (issue) => (issue.input === undefined ? undefined : "expected a count such as 1000, 70B or 1.4T"),
    })
    .transform((input, context): number => {
      const match = typeof input === "number" ? undefined : new RegExp(countPattern).exec(input.trim());
      const value =
        typeof input === "number"
          ? input
          : match
            ? Number((match[1] ?? "").replaceAll("_", "")) * magnitudes[match[2] as keyof typeof magnitudes]
            : Number.NaN;
      const isInRange = Number.isFinite(value) && value >= min && value <= max;
      if (isInRange && (!isWhole || Number.isInteger(value))) return value;
      const message = isInRange
        ? "expected a whole number"
        : Number.isFinite(value)
          ? `out of range: expected ${min} to ${max}`
          : "expected a count such as 1000, 70B or 1.4T";
      context.issues.push({ code: "custom", message, input });
      return z.NEVER;
    });
}

const sharePattern = `^(${numeral})\\s?%$`;

/** A share between 0 and 1, written `0.9` or `90 %`. */
export function share(bounds: { min?: number; max?: number } = {}) {
  const { min = 0, max = 1 } = bounds;
  const wanted = `expected a share between ${min} and ${max}, such as 0.9 or 90 %`;
  return z
    .union([z.number(), z.string().meta({ pattern: sharePattern, examples: ["90 %"] })], {
      error: (issue) => (issue.input === undefined ? undefined : wanted),
    })
    .transform((input, context): number => {
      const match = typeof input === "number" ? undefined : new RegExp(sharePattern).exec(input.trim());
      const value =
        typeof input === "number" ? input : match ? Number((match[1] ?? "").replaceAll("_", "")) / 100 : Number.NaN;
      if (value >= min && value <= max) return value;
      context.issues.push({ code: "custom", message: wanted, input });
      return z.NEVER;
    });
}
