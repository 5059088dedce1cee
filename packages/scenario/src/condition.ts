/** Whether a condition holds at a point of a sweep. Numbers are in SI, and their units have to agree. */
import { type DimensionName, shown } from "@shardlab/contracts";
import { ConditionFault, type Expression, isTruth, type Operator } from "./condition-syntax.ts";

/** Powers of seconds, bytes, FLOP, dollars and joules; tokens, shares and counts are plain numbers. */
type Unit = readonly [seconds: number, bytes: number, flop: number, dollars: number, joules: number];

const plain: Unit = [0, 0, 0, 0, 0];

const units: Readonly<Record<DimensionName, Unit>> = {
  duration: [1, 0, 0, 0, 0],
  dataSize: [0, 1, 0, 0, 0],
  dataRate: [-1, 1, 0, 0, 0],
  compute: [0, 0, 1, 0, 0],
  computeRate: [-1, 0, 1, 0, 0],
  communicationIntensity: [0, 1, -1, 0, 0],
  power: [-1, 0, 0, 0, 1],
  annualRate: [-1, 0, 0, 0, 0],
  money: [0, 0, 0, 1, 0],
  moneyRate: [-1, 0, 0, 1, 0],
  energyPrice: [0, 0, 0, 1, -1],
  tokenPrice: [0, 0, 0, 1, 0],
};

const unitOf = (dimension: DimensionName | "plain"): Unit => (dimension === "plain" ? plain : units[dimension]);
const symbols = ["s", "B", "FLOP", "$", "J"];

const isSame = (a: Unit, b: Unit): boolean => a.every((power, index) => power === b[index]);

/** A unit in words: `$/s`, or `plain number`. */
function nameOf(unit: Unit): string {
  const part = (sign: number): string =>
    unit.flatMap((power, index) => Array<string>(Math.max(0, power * sign)).fill(symbols[index] as string)).join(" ");
  const [above, below] = [part(1), part(-1)];
  if (above === "" && below === "") return "plain number";
  return below === "" ? above : `${above === "" ? 1 : above}/${below}`;
}

/** What stands at a path of one point: the numbers that it selects, or the texts (a map counts as its kind). */
export type Found =
  | { readonly numbers: readonly number[]; readonly dimension: DimensionName | "plain" }
  | { readonly texts: readonly string[] };

/** Looks a path up at one point; undefined where the point has nothing there, such as a key of another kind. */
export type LookUp = (path: string, column: number) => Found | undefined;

/** Thrown where a point lacks what the condition speaks of. */
class DoesNotApply extends Error {}

interface Quantity {
  readonly numbers: readonly number[];
  readonly unit: Unit;
}

/**
 * Whether the condition holds at a point; undefined where it speaks of something that the point lacks. A path with `*` stands
 * for all that it selects, element by element, and the condition has to hold for each.
 *
 * @throws ConditionFault where units differ or text is calculated with.
 */
export function conditionHolds(condition: Expression, lookUp: LookUp): boolean | undefined {
  try {
    return truth(condition, lookUp);
  } catch (error) {
    if (error instanceof DoesNotApply) return undefined;
    throw error;
  }
}

function truth(expression: Expression, lookUp: LookUp): boolean {
  if (expression.type === "not") return !truth(expression.operand, lookUp);
  if (expression.type !== "binary" || !isTruth(expression)) {
    throw new ConditionFault("no comparison (expected one such as market.growth <= 20 %/y)", expression.column);
  }
  const { operator, left, right } = expression;
  if (operator === "and") return truth(left, lookUp) && truth(right, lookUp);
  if (operator === "or") return truth(left, lookUp) || truth(right, lookUp);
  return compare(expression, lookUp);
}

type Binary = Extract<Expression, { type: "binary" }>;

const comparers: Partial<Record<Operator, (a: number, b: number) => boolean>> = {
  "<": (a, b) => a < b,
  "<=": (a, b) => a <= b,
  ">": (a, b) => a > b,
  ">=": (a, b) => a >= b,
  "==": (a, b) => a === b,
  "!=": (a, b) => a !== b,
};

function compare(expression: Binary, lookUp: LookUp): boolean {
  const texts = textsOf(expression.left, lookUp) ?? textsOf(expression.right, lookUp);
  if (texts) return compareTexts(expression, lookUp);
  const { a, b } = sameUnit(expression, lookUp);
  const holds = comparers[expression.operator] as (a: number, b: number) => boolean;
  return pairwise(a, b, expression.column).every(([x, y]) => {
    if (Number.isNaN(x) || Number.isNaN(y)) throw new ConditionFault("no number: 0 / 0", expression.column);
    return holds(x, y);
  });
}

function compareTexts({ operator, left, right, column }: Binary, lookUp: LookUp): boolean {
  const [a, b] = [textsOf(left, lookUp), textsOf(right, lookUp)];
  if (!a || !b) throw new ConditionFault("text against a number", column);
  if (operator !== "==" && operator !== "!=")
    throw new ConditionFault(`text with ${operator} (expected == or !=)`, column);
  return pairwise(a, b, column).every(([x, y]) => (x === y) === (operator === "=="));
}

/** The texts that an expression stands for; undefined where it is numbers. */
function textsOf(expression: Expression, lookUp: LookUp): readonly string[] | undefined {
  if (expression.type === "text") return [expression.text];
  const found = expression.type === "path" ? lookUp(expression.path, expression.column) : undefined;
  return found && "texts" in found ? found.texts : undefined;
}

function pairwise<T>(a: readonly T[], b: readonly T[], column: number): readonly (readonly [T, T])[] {
  const length = Math.max(a.length, b.length);
  if ((a.length !== length && a.length !== 1) || (b.length !== length && b.length !== 1)) {
    throw new ConditionFault(`${a.length} values against ${b.length}`, column);
  }
  return Array.from({ length }, (_, index) => [a[a.length === 1 ? 0 : index] as T, b[b.length === 1 ? 0 : index] as T]);
}

interface Pair {
  readonly a: readonly number[];
  readonly b: readonly number[];
  readonly unit: Unit;
}

/** Both sides in one unit. A literal that can be read in several ways (`70B`) is read as the other side is. */
function sameUnit({ left, right, column, operator }: Binary, lookUp: LookUp): Pair {
  const isLiteralFirst = left.type === "number";
  const first = quantity(isLiteralFirst ? right : left, lookUp);
  const second = quantity(isLiteralFirst ? left : right, lookUp, first.unit);
  const [a, b] = isLiteralFirst ? [second, first] : [first, second];
  if (isSame(a.unit, b.unit)) return { a: a.numbers, b: b.numbers, unit: a.unit };
  throw new ConditionFault(`different units: ${nameOf(a.unit)} ${operator} ${nameOf(b.unit)}`, column);
}

function quantity(expression: Expression, lookUp: LookUp, wanted: Unit = plain): Quantity {
  if (expression.type === "number") {
    const { readings } = expression;
    const reading = readings.find(({ dimension }) => isSame(unitOf(dimension), wanted)) ?? readings.at(-1);
    return { numbers: [reading?.value ?? Number.NaN], unit: unitOf(reading?.dimension ?? "plain") };
  }
  if (expression.type === "path") {
    const found = lookUp(expression.path, expression.column);
    if (!found) throw new DoesNotApply();
    if ("numbers" in found) return { numbers: found.numbers, unit: unitOf(found.dimension) };
    throw new ConditionFault(`not a number: ${shown(expression.path)}`, expression.column);
  }
  if (expression.type === "negate") {
    const { numbers, unit } = quantity(expression.operand, lookUp, wanted);
    return { numbers: numbers.map((value) => -value), unit };
  }
  if (expression.type === "binary" && !isTruth(expression)) return calculated(expression, lookUp);
  throw new ConditionFault(
    expression.type === "text" ? "text where a number is expected" : "a comparison where a number is expected",
    expression.column,
  );
}

function calculated(expression: Binary, lookUp: LookUp): Quantity {
  const { operator, left, right, column } = expression;
  if (operator === "+" || operator === "-") {
    const { a, b, unit } = sameUnit(expression, lookUp);
    const sign = operator === "+" ? 1 : -1;
    return { numbers: pairwise(a, b, column).map(([x, y]) => x + sign * y), unit };
  }
  const [a, b] = [quantity(left, lookUp), quantity(right, lookUp)];
  const sign = operator === "*" ? 1 : -1;
  const unit = a.unit.map((power, index) => power + sign * (b.unit[index] as number)) as unknown as Unit;
  return {
    numbers: pairwise(a.numbers, b.numbers, column).map(([x, y]) => (operator === "*" ? x * y : x / y)),
    unit,
  };
}
