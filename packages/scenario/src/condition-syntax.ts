/** Conditions on numbers, such as `verification.rate * verification.slash <= 1`: read from text into a tree. */
import { dimensions, magnitudes, shorten } from "@shardlab/contracts";
import { type Reading, readingsOf, readWritten } from "./written-number.ts";

type Arithmetic = "+" | "-" | "*" | "/";
type Comparison = "<" | "<=" | ">" | ">=" | "==" | "!=";
export type Operator = Arithmetic | Comparison | "and" | "or";

/** A part of a condition; columns count from 1 within the condition. */
export type Expression =
  | { readonly type: "number"; readonly readings: readonly Reading[]; readonly column: number }
  | { readonly type: "text"; readonly text: string; readonly column: number }
  | { readonly type: "path"; readonly path: string; readonly column: number }
  | { readonly type: "negate" | "not"; readonly operand: Expression; readonly column: number }
  | {
      readonly type: "binary";
      readonly operator: Operator;
      readonly left: Expression;
      readonly right: Expression;
      readonly column: number;
    };

/** What is wrong with a condition. */
export class ConditionFault extends Error {
  constructor(problem: string, column: number) {
    super(`${problem} at column ${column} of the condition`);
  }
}

interface Token {
  readonly type: "number" | "text" | "path" | "sign" | "end";
  readonly text: string;
  readonly column: number;
}

const signs = ["<=", ">=", "==", "!=", "<", ">", "+", "-", "*", "/", "(", ")"];
const digits = /(?:\d[\d_]*(?:\.\d+)?|\.\d+)(?:[eE][+-]?\d+)?/y;
const quoted = /"([^"]*)"|'([^']*)'/y;
// A hyphen belongs to the name that it stands in, as in `providers.data-centres.count`.
const segment = String.raw`[A-Za-z_$][\w$]*(?:-[A-Za-z0-9_]+)*`;
const path = new RegExp(String.raw`${segment}(?:\.(?:${segment}|\*|\d+)|\[[^\[\]]+\])*`, "y");

const unitsOf = (money: boolean): readonly string[] =>
  Object.values(dimensions).flatMap(({ units, example }) =>
    example.startsWith("$") === money ? Object.keys(units) : [],
  );
const suffixes = Object.keys(magnitudes);
const longestFirst = (units: readonly string[]): readonly string[] =>
  [...new Set(units)].filter((unit) => unit !== "").sort((a, b) => b.length - a.length);
const plainUnits = longestFirst([...unitsOf(false), ...suffixes, "%"]);
const moneyUnits = longestFirst(suffixes.flatMap((suffix) => unitsOf(true).map((unit) => suffix + unit)));

/** What `pattern` matches at `at`. */
function matchAt(pattern: RegExp, text: string, at: number): RegExpExecArray | null {
  pattern.lastIndex = at;
  return pattern.exec(text);
}

/** The end of the number that begins at `at`, its unit included. */
function endOfNumber(text: string, at: number): number | undefined {
  const isMoney = text[at] === "$";
  const number = matchAt(digits, text, isMoney ? at + 1 : at);
  if (!number) return undefined;
  const end = number.index + number[0].length;
  for (const gap of text[end] === " " ? [0, 1] : [0]) {
    const unit = (isMoney ? moneyUnits : plainUnits).find(
      (candidate) => text.startsWith(candidate, end + gap) && !/\w/.test(text[end + gap + candidate.length] ?? ""),
    );
    if (unit !== undefined) return end + gap + unit.length;
  }
  return end;
}

function tokenAt(text: string, at: number): Token {
  const column = at + 1;
  if (at >= text.length) return { type: "end", text: "", column };
  const end = endOfNumber(text, at);
  if (end !== undefined) return { type: "number", text: text.slice(at, end), column };
  const word = matchAt(path, text, at)?.[0];
  if (word !== undefined) {
    const isWord = word === "and" || word === "or" || word === "not";
    return { type: isWord ? "sign" : "path", text: word, column };
  }
  const string = matchAt(quoted, text, at);
  if (string) return { type: "text", text: string[0], column };
  const sign = signs.find((candidate) => text.startsWith(candidate, at));
  if (sign !== undefined) return { type: "sign", text: sign, column };
  throw new ConditionFault(`unexpected ${shorten(String.fromCodePoint(text.codePointAt(at) as number))}`, column);
}

function tokensOf(text: string): readonly Token[] {
  const tokens: Token[] = [];
  let at = 0;
  for (;;) {
    while (/\s/.test(text[at] ?? "")) at += 1;
    const token = tokenAt(text, at);
    tokens.push(token);
    if (token.type === "end") return tokens;
    at += token.text.length;
  }
}

const comparisons: readonly string[] = ["<", "<=", ">", ">=", "==", "!="];
/** Binary operators from the weakest to the strongest; `not` binds between `and` and the comparisons. */
const levels: readonly (readonly string[])[] = [["or"], ["and"], comparisons, ["+", "-"], ["*", "/"]];
const comparisonLevel = 2;

class ConditionParser {
  readonly #tokens: readonly Token[];
  #next = 0;

  constructor(text: string) {
    this.#tokens = tokensOf(text);
  }

  parse(): Expression {
    const expression = this.#level(0);
    if (this.#token.type !== "end") throw this.#unexpected("an operator such as <= or and");
    return expression;
  }

  get #token(): Token {
    return this.#tokens[this.#next] as Token;
  }

  #unexpected(wanted: string): ConditionFault {
    const { type, text, column } = this.#token;
    return new ConditionFault(`unexpected ${type === "end" ? "end" : shorten(text)} (expected ${wanted})`, column);
  }

  #take(...texts: readonly string[]): Token | undefined {
    const token = this.#token;
    if (token.type !== "sign" || !texts.includes(token.text)) return undefined;
    this.#next += 1;
    return token;
  }

  #level(level: number): Expression {
    const operators = levels[level];
    if (!operators) return this.#unary();
    if (level === comparisonLevel) {
      const not = this.#take("not");
      if (not) return { type: "not", operand: this.#level(level), column: not.column };
    }
    let left = this.#level(level + 1);
    for (let sign = this.#take(...operators); sign; sign = this.#take(...operators)) {
      const right = this.#level(level + 1);
      left = { type: "binary", operator: sign.text as Operator, left, right, column: sign.column };
      if (level === comparisonLevel && comparisons.includes(this.#token.text)) throw this.#unexpected("and or or");
    }
    return left;
  }

  #unary(): Expression {
    const minus = this.#take("-");
    if (minus) return { type: "negate", operand: this.#unary(), column: minus.column };
    if (this.#take("(")) {
      const inner = this.#level(0);
      if (!this.#take(")")) throw this.#unexpected(")");
      return inner;
    }
    const { type, text, column } = this.#token;
    const written = type === "number" ? readWritten(text) : undefined;
    if (type !== "path" && type !== "text" && !written) throw this.#unexpected("a number, a path or (");
    this.#next += 1;
    if (written) return { type: "number", readings: readingsOf(written), column };
    return type === "path" ? { type, path: text, column } : { type: "text", text: text.slice(1, -1), column };
  }
}

/** Reads a condition. @throws ConditionFault with the column of what is wrong. */
export function parseCondition(text: string): Expression {
  const expression = new ConditionParser(text).parse();
  if (isTruth(expression)) return expression;
  throw new ConditionFault("no comparison (expected one such as market.growth <= 20 %/y)", 1);
}

/** Whether an expression says yes or no, and not how much. */
export const isTruth = (expression: Expression): boolean =>
  expression.type === "not" || (expression.type === "binary" && !["+", "-", "*", "/"].includes(expression.operator));

/** The paths that a condition speaks of, each where it stands first. */
export function pathsOf(expression: Expression): readonly { path: string; column: number }[] {
  if (expression.type === "path") return [expression];
  if (expression.type === "negate" || expression.type === "not") return pathsOf(expression.operand);
  return expression.type === "binary" ? [...pathsOf(expression.left), ...pathsOf(expression.right)] : [];
}
