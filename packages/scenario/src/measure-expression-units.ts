/** Gives expressions their units: what may be added and compared, and a number for every seed. */
import { alternatives, type DimensionName, dimensions } from "@shardlab/contracts";
import { type Expression, expressionFault, type MeasureReference, type Operator } from "./measure-expression.ts";

/** Powers of base units, such as `{ FLOP: 1, s: -1 }`, and how many of them one unit as written is. */
interface Unit {
  readonly powers: Readonly<Record<string, number>>;
  readonly factor: number;
}

const plainUnit: Unit = { powers: {}, factor: 1 };

/** Units of one base that stand alone in scenario files; the others are quotients of these. */
const baseDimensions: readonly DimensionName[] = ["duration", "dataSize", "compute", "power"];
const tokenPrefixes: Readonly<Record<string, number>> = { "": 1, k: 1e3, M: 1e6, G: 1e9, B: 1e9, T: 1e12 };

function symbols(): Map<string, Unit> {
  const known = new Map<string, Unit>([
    ["", plainUnit],
    ["1", plainUnit],
    ["share", plainUnit],
    ["%", { powers: {}, factor: 0.01 }],
    ["$", { powers: { $: 1 }, factor: 1 }],
  ]);
  for (const name of baseDimensions) {
    const { si, units } = dimensions[name];
    for (const [symbol, factor] of Object.entries(units)) known.set(symbol, { powers: { [si]: 1 }, factor });
  }
  for (const [prefix, factor] of Object.entries(tokenPrefixes)) {
    known.set(`${prefix}token`, { powers: { token: 1 }, factor });
  }
  return known;
}

const knownSymbols = symbols();

function combine(left: Unit, right: Unit, sign: 1 | -1): Unit {
  const powers: Record<string, number> = { ...left.powers };
  for (const [base, power] of Object.entries(right.powers)) {
    powers[base] = (powers[base] ?? 0) + sign * power;
    if (powers[base] === 0) delete powers[base];
  }
  return { powers, factor: sign > 0 ? left.factor * right.factor : left.factor / right.factor };
}

/** The unit that `text` (`ZFLOP/d`) is; a symbol that nobody knows (`nat`) is a base of its own. */
function unitOf(text: string): Unit {
  const [first, ...rest] = text.split("/");
  const symbol = (name: string): Unit => knownSymbols.get(name) ?? { powers: { [name]: 1 }, factor: 1 };
  return rest.reduce((unit, name) => combine(unit, symbol(name), -1), symbol(first));
}

const isSame = (left: Unit, right: Unit): boolean => {
  const bases = new Set([...Object.keys(left.powers), ...Object.keys(right.powers)]);
  return [...bases].every((base) => left.powers[base] === right.powers[base]);
};

/** The value of a measure of an arm, in the unit in which runs give it; undefined where it does not exist. */
export type MeasureLookup = (reference: MeasureReference) => number | undefined;

/**
 * An expression with its unit.
 *
 * @property unit as it is written, for messages and answers; values are in it.
 * @property isBare whether it is made of numbers without units alone, which take the unit of what they meet.
 * @property evaluate undefined where a measure does not exist.
 */
export interface TypedExpression {
  readonly unit: string;
  readonly isBare: boolean;
  readonly evaluate: (lookup: MeasureLookup) => number | undefined;
}

/** Internally in base units. */
interface Typed {
  readonly unit: Unit;
  readonly text: string;
  readonly isBare: boolean;
  readonly evaluate: (lookup: MeasureLookup) => number | undefined;
}

/** Units of all measures by name, and where an expression stands that is being typed. */
export type UnitsByMeasure = ReadonlyMap<string, string>;

function typeNumber({ value, unit, column }: Extract<Expression, { kind: "number" }>, units: UnitsByMeasure): Typed {
  if (unit === undefined) return { unit: plainUnit, text: "", isBare: true, evaluate: () => value };
  const spoken = new Set([...knownSymbols.keys(), ...[...units.values()].flatMap((text) => text.split("/"))]);
  for (const symbol of unit.split("/")) {
    if (spoken.has(symbol)) continue;
    const choice = alternatives(
      symbol,
      [...spoken].filter((known) => known !== "" && known !== "1"),
    );
    throw expressionFault(column, `unknown unit: ${symbol}${choice}`);
  }
  const read = unitOf(unit);
  return { unit: read, text: unit, isBare: false, evaluate: () => value * read.factor };
}

function typeMeasure(reference: MeasureReference, units: UnitsByMeasure): Typed {
  const text = units.get(reference.name);
  if (text === undefined) {
    const parts = /^(.+)[-/](.+)$/.exec(reference.name);
    const isOperation = parts !== null && (units.has(parts[1]) || units.has(parts[2]));
    const hint = isOperation
      ? " (an operator needs a space beside it)"
      : alternatives(reference.name, [...units.keys()]);
    throw expressionFault(reference.column, `unknown measure: ${reference.name}${hint}`);
  }
  const unit = unitOf(text);
  const evaluate = (lookup: MeasureLookup): number | undefined => {
    const value = lookup(reference);
    return value === undefined ? undefined : value * unit.factor;
  };
  return { unit, text: text === "1" ? "" : text, isBare: false, evaluate };
}

const operations: { readonly [K in Operator]: (left: number, right: number) => number } = {
  "+": (left, right) => left + right,
  "-": (left, right) => left - right,
  "*": (left, right) => left * right,
  "/": (left, right) => left / right,
};

/** A bare number takes the unit of what it meets. */
function inUnitOf(bare: Typed, other: Typed): Typed {
  if (!bare.isBare || other.isBare) return bare;
  const { factor } = other.unit;
  const evaluate = (lookup: MeasureLookup): number | undefined => {
    const value = bare.evaluate(lookup);
    return value === undefined ? undefined : value * factor;
  };
  return { unit: other.unit, text: other.text, isBare: false, evaluate };
}

function joined(operator: Operator, left: Typed, right: Typed, column: number): Typed {
  const isProduct = operator === "*" || operator === "/";
  const [ours, theirs] = isProduct ? [left, right] : [inUnitOf(left, right), inUnitOf(right, left)];
  if (!isProduct && !isSame(ours.unit, theirs.unit)) {
    const named = (typed: Typed): string => (typed.text === "" ? "a plain number" : typed.text);
    throw expressionFault(column, `units do not fit: ${named(ours)} and ${named(theirs)}`);
  }
  const evaluate = (lookup: MeasureLookup): number | undefined => {
    const [a, b] = [ours.evaluate(lookup), theirs.evaluate(lookup)];
    const value = a === undefined || b === undefined ? undefined : operations[operator](a, b);
    return value !== undefined && Number.isFinite(value) ? value : undefined;
  };
  const isBare = ours.isBare && theirs.isBare;
  if (!isProduct) return { unit: ours.unit, text: ours.text, isBare, evaluate };
  const unit = combine(ours.unit, theirs.unit, operator === "*" ? 1 : -1);
  return { unit, text: productText(ours.text, operator, theirs.text), isBare, evaluate };
}

function productText(left: string, operator: "*" | "/" | Operator, right: string): string {
  const [a, b] = [left === "share" || left === "%" ? "" : left, right === "share" || right === "%" ? "" : right];
  if (b === "") return a;
  if (operator === "*") return a === "" ? b : `${a} ${b}`;
  return a === b ? "" : `${a === "" ? "1" : a}/${b.includes("/") ? `(${b})` : b}`;
}

function typed(expression: Expression, units: UnitsByMeasure): Typed {
  switch (expression.kind) {
    case "number":
      return typeNumber(expression, units);
    case "measure":
      return typeMeasure(expression, units);
    case "negative": {
      const inner = typed(expression.inner, units);
      const evaluate = (lookup: MeasureLookup): number | undefined => {
        const value = inner.evaluate(lookup);
        return value === undefined ? undefined : -value;
      };
      return { ...inner, evaluate };
    }
    case "binary":
      return joined(
        expression.operator,
        typed(expression.left, units),
        typed(expression.right, units),
        expression.column,
      );
  }
}

/**
 * The difference of two expressions in the unit of the left one (of the right one where the left is a bare number).
 *
 * @throws ExpressionError with a column for an unknown measure or unit, and for units that do not fit.
 */
export function typedDifference(left: Expression, right: Expression, units: UnitsByMeasure): TypedExpression {
  const difference = joined("-", typed(left, units), typed(right, units), right.column);
  const { text, isBare, evaluate } = difference;
  const written = unitOf(text);
  // A product that is no unit by itself (`ZFLOP d`) is told in base units.
  const isWritten = isSame(written, difference.unit);
  const scale = isWritten ? written.factor : 1;
  const inUnit = (lookup: MeasureLookup): number | undefined => {
    const value = evaluate(lookup);
    return value === undefined ? undefined : value / scale;
  };
  return { unit: isWritten ? text : baseText(difference.unit), isBare, evaluate: inUnit };
}

/**
 * Both sides of a relation in one unit, as numbers.
 *
 * @throws ExpressionError with a column for an unknown measure or unit, and for units that do not fit.
 */
export function typedSides(left: Expression, right: Expression, units: UnitsByMeasure) {
  const [one, other] = [typed(left, units), typed(right, units)];
  const [ours, theirs] = [inUnitOf(one, other), inUnitOf(other, one)];
  if (!isSame(ours.unit, theirs.unit)) joined("-", one, other, right.column);
  return { left: ours.evaluate, right: theirs.evaluate };
}

/** `FLOP s`, `1/$^2`. */
function baseText({ powers }: Unit): string {
  const side = (sign: 1 | -1): string =>
    Object.entries(powers)
      .filter(([, power]) => power * sign > 0)
      .map(([base, power]) => (Math.abs(power) === 1 ? base : `${base}^${Math.abs(power)}`))
      .join(" ");
  const [above, below] = [side(1), side(-1)];
  return below === "" ? above : `${above || "1"}/${below}`;
}
