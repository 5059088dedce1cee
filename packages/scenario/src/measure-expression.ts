/**
 * Relations between measured quantities, such as `protocol-models:compute >= 1.2 * closed-lab:compute`.
 *
 * ```
 * relation := sum ("=" | "<=" | ">=") sum
 * sum      := product (("+" | "-") product)*
 * product  := factor (("*" | "/") factor)*
 * factor   := "-" factor | "(" sum ")" | number | measure
 * number   := digits, with a suffix (`50k`), a unit (`2 ZFLOP`, `20 %/y`) or as money (`$1.5M`)
 * measure  := [arm ":"] name
 * name     := letters, digits and `_`, joined by single `-`, `/` or `.` without spaces; anything else in quotes
 * ```
 *
 * So `payoff/lazy` and `cash-up-front` are names, while `revenue - outlay` and `revenue / outlay` are sums and quotients:
 * an operator between two names has a space on at least one side.
 */
export type Operator = "+" | "-" | "*" | "/";
export type Relation = "=" | "<=" | ">=";

/** @property column where it begins, counted from 1. */
export type Expression =
  | { readonly kind: "number"; readonly value: number; readonly unit: string | undefined; readonly column: number }
  | { readonly kind: "measure"; readonly arm: string | undefined; readonly name: string; readonly column: number }
  | { readonly kind: "negative"; readonly inner: Expression; readonly column: number }
  | {
      readonly kind: "binary";
      readonly operator: Operator;
      readonly left: Expression;
      readonly right: Expression;
      readonly column: number;
    };

export type MeasureReference = Extract<Expression, { kind: "measure" }>;

export interface MeasureRelation {
  readonly left: Expression;
  readonly right: Expression;
  readonly relation: Relation;
}

/** What is wrong with an expression; one line, no stack. */
export class ExpressionError extends Error {
  override readonly name = "ExpressionError";
}

/** What is wrong at a column of an expression. */
export const expressionFault = (column: number, message: string): ExpressionError =>
  new ExpressionError(`column ${column} of the expression: ${message}`);

const patterns = {
  space: /\s*/y,
  money: /\$\s?([\d_]*\.?\d+(?:[eE][+-]?\d+)?)([kMBT]?)((?:\/[A-Za-z]+)*)/y,
  number: /([\d_]*\.?\d+(?:[eE][+-]?\d+)?)(?:([kMBT])(?![A-Za-z\d])|\s?((?:%|[A-Za-z]+)(?:\/[A-Za-z]+)*))?/y,
  name: /[A-Za-z_]\w*(?:[-/.]\w+)*/y,
  quoted: /"([^"]+)"|'([^']+)'/y,
  symbol: /<=|>=|=|[-+*/():]/y,
} as const;

const suffixes: Readonly<Record<string, number>> = { k: 1e3, M: 1e6, B: 1e9, T: 1e12 };
const longestExpression = 1000;
const deepestNesting = 100;

class Parser {
  private readonly text: string;
  private at = 0;
  private depth = 0;

  constructor(text: string) {
    this.text = text;
  }

  relation(): MeasureRelation {
    if (this.text.length > longestExpression) {
      throw new ExpressionError(`expression too long: ${this.text.length} characters (expected at most 1000)`);
    }
    const left = this.sum();
    const column = this.column();
    const relation = this.take("symbol")?.[0];
    if (relation !== "=" && relation !== "<=" && relation !== ">=") {
      throw expressionFault(column, `${this.foundAt(column)} (expected =, <= or >=)`);
    }
    const right = this.sum();
    const end = this.column();
    if (end <= this.text.length) throw expressionFault(end, `${this.foundAt(end)} (expected an operator or the end)`);
    return { left, right, relation };
  }

  private sum(): Expression {
    return this.chain(["+", "-"], () => this.chain(["*", "/"], () => this.factor()));
  }

  private chain(operators: readonly Operator[], operand: () => Expression): Expression {
    let left = operand();
    for (;;) {
      const column = this.column();
      const operator = operators.find((candidate) => this.text[this.at] === candidate);
      if (operator === undefined) return left;
      this.at += 1;
      left = { kind: "binary", operator, left, right: operand(), column };
    }
  }

  private factor(): Expression {
    const column = this.column();
    this.depth += 1;
    if (this.depth > deepestNesting) throw expressionFault(column, "nested too deeply");
    try {
      if (this.accept("-")) return { kind: "negative", inner: this.factor(), column };
      if (this.accept("(")) {
        const inner = this.sum();
        const end = this.column();
        if (!this.accept(")")) throw expressionFault(end, `${this.foundAt(end)} (expected a closing parenthesis)`);
        return inner;
      }
      return this.number(column) ?? this.measure(column);
    } finally {
      this.depth -= 1;
    }
  }

  private number(column: number): Expression | undefined {
    const money = this.take("money");
    if (money) {
      const [, digits, suffix, per] = money;
      return { kind: "number", value: numeral(digits) * (suffixes[suffix] ?? 1), unit: `$${per}`, column };
    }
    const plain = this.take("number");
    if (!plain) return undefined;
    const [, digits, suffix, unit] = plain;
    return { kind: "number", value: numeral(digits) * (suffixes[suffix] ?? 1), unit, column };
  }

  private measure(column: number): Expression {
    const first = this.name();
    if (first === undefined) {
      throw expressionFault(column, `${this.foundAt(column)} (expected a measure, a number or a parenthesis)`);
    }
    if (!this.accept(":")) return { kind: "measure", arm: undefined, name: first, column };
    const at = this.column();
    const name = this.name();
    if (name === undefined) throw expressionFault(at, `${this.foundAt(at)} (expected a measure of ${first})`);
    return { kind: "measure", arm: first, name, column };
  }

  private name(): string | undefined {
    const quoted = this.take("quoted");
    return quoted ? (quoted[1] ?? quoted[2]) : this.take("name")?.[0];
  }

  private accept(symbol: string): boolean {
    this.skipSpace();
    if (this.text[this.at] !== symbol) return false;
    this.at += 1;
    return true;
  }

  private take(kind: keyof typeof patterns): RegExpExecArray | undefined {
    this.skipSpace();
    const pattern = patterns[kind];
    pattern.lastIndex = this.at;
    const found = pattern.exec(this.text);
    if (!found) return undefined;
    this.at = pattern.lastIndex;
    return found;
  }

  private skipSpace(): void {
    patterns.space.lastIndex = this.at;
    patterns.space.exec(this.text);
    this.at = patterns.space.lastIndex;
  }

  /** The column of what comes next. */
  private column(): number {
    this.skipSpace();
    return this.at + 1;
  }

  private foundAt(column: number): string {
    const rest = this.text.slice(column - 1);
    return rest === "" ? "unexpected end" : `unexpected ${/^[\w$%.]+|^./u.exec(rest)?.[0] ?? rest[0]}`;
  }
}

const numeral = (digits: string): number => Number(digits.replaceAll("_", ""));

/**
 * Reads a relation.
 *
 * @throws ExpressionError with the column of what is wrong.
 */
export const parseRelation = (text: string): MeasureRelation => new Parser(text).relation();

/** The measures of an expression, in the order in which they stand. */
export function referencesOf(expression: Expression): MeasureReference[] {
  if (expression.kind === "measure") return [expression];
  if (expression.kind === "negative") return referencesOf(expression.inner);
  return expression.kind === "binary" ? [...referencesOf(expression.left), ...referencesOf(expression.right)] : [];
}

/** An expression as it would be written: for answers that repeat what was asked. */
export function referenceText({ arm, name }: MeasureReference): string {
  return arm === undefined ? name : `${arm}:${name}`;
}
