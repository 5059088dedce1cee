import { Decimal } from "decimal.js";
import { describe, expect, it } from "vitest";
import { cos } from "./cos.ts";
import { exp } from "./exp.ts";
import { expm1 } from "./expm1.ts";
import { log } from "./log.ts";
import { log1p } from "./log1p.ts";
import { pow } from "./pow.ts";
import { sin } from "./sin.ts";

/** Enough for x^y near 1 and for sines next to a zero. */
const Precise = Decimal.clone({ precision: 42 });
/** Enough for differences from 1 of 2^-100. */
const Fine = Decimal.clone({ precision: 80 });
/** Enough to take the largest double modulo pi / 2. */
const Long = Decimal.clone({ precision: 420 });
const halfPi = Long.acos(0);

/** 2^(20 i). */
const powersOfTwo = Array.from({ length: 55 }, (_, i) => new Long(2).pow(20 * i));

/** The exact value of a double; `new Decimal(x)` would read its shortest decimal text. */
function exact(x: number): Decimal {
  let scaled = x;
  let exponent = 0;
  while (!Number.isInteger(scaled)) {
    scaled *= 2 ** 20;
    exponent += 20;
  }
  const integer = new Long(BigInt(scaled).toString());
  return exponent === 0 ? integer : integer.div(powersOfTwo[exponent / 20]);
}

/** Spacing of the doubles around `x`. */
function ulp(x: Decimal): Decimal {
  const two = new Precise(2);
  if (x.abs().lt(two.pow(-1022))) return two.pow(-1074);
  let exponent = Precise.log2(x.abs()).floor().toNumber();
  if (two.pow(exponent).gt(x.abs())) exponent--;
  return two.pow(exponent - 52);
}

/** A small generator of its own for test arguments, uniform on [0, 1): Lehmer's 16807 modulo 2^31 - 1. */
function lehmer(seed: number): () => number {
  let state = seed;
  const next = (): number => {
    state = (state * 16807) % 2147483647;
    return state / 2147483647;
  };
  return () => (next() + next() / 2147483647) % 1;
}

type Arguments = readonly number[];

/** The largest error in ulp over `count` random arguments and the `special` ones. */
function largestError(
  f: (...x: number[]) => number,
  reference: (...x: Decimal[]) => Decimal,
  argumentsAt: (uniform: () => number) => Arguments,
  options: { count?: number; special?: readonly Arguments[] } = {},
): number {
  const uniform = lehmer(20_260_101);
  const list: Arguments[] = [...(options.special ?? [])];
  for (let i = 0; i < (options.count ?? 300); i++) list.push(argumentsAt(uniform));
  let largest = 0;
  for (const x of list) {
    const wanted = reference(...x.map((value) => new Precise(exact(value))));
    const error = new Precise(exact(f(...x))).minus(wanted).abs().div(ulp(wanted)).toNumber();
    largest = Math.max(largest, Number.isNaN(error) ? Number.POSITIVE_INFINITY : error);
  }
  return largest;
}

const symmetric = (uniform: () => number, bound: number): number => (2 * uniform() - 1) * bound;
/** Spread evenly over the exponents from `low` to `high`. */
const spread = (uniform: () => number, low: number, high: number): number =>
  (1 + uniform()) * 2 ** Math.floor(low + (high - low) * uniform());

describe("exp", () => {
  const reference = (x: Decimal): Decimal => x.exp();
  const borders = [0.34657359027997264, 0.3465735902799727, 1.0397207708399179, 708.3964185322641, 709.782712893384];
  it("is within 0.7 ulp for normal results", () => {
    const special = borders.flatMap((x) => [[x], [-Math.min(x, 708)]]);
    expect(largestError(exp, reference, (u) => [symmetric(u, 708)], { special })).toBeLessThan(0.7);
    expect(largestError(exp, reference, (u) => [symmetric(u, 1)])).toBeLessThan(0.7);
    expect(largestError(exp, reference, (u) => [spread(u, -60, -1)])).toBeLessThan(0.7);
  });
  it("is within 1 ulp for subnormal results", () => {
    const special = [[-745.1332191019411], [-745.1332191019412], [-744.4400719213812], [-708.3964185322641]];
    expect(largestError(exp, reference, (u) => [-708.4 - 37 * u()], { special })).toBeLessThan(1);
  });
});

describe("expm1", () => {
  it("is within 1.1 ulp", () => {
    const reference = (x: Decimal): Decimal => new Fine(x).exp().minus(1);
    expect(largestError(expm1, reference, (u) => [symmetric(u, 0.35)], { special: [[0.34], [-0.34]] })).toBeLessThan(
      0.95,
    );
    expect(largestError(expm1, reference, (u) => [symmetric(u, 3)])).toBeLessThan(1.1);
    expect(largestError(expm1, reference, (u) => [symmetric(u, 60)])).toBeLessThan(1.1);
    expect(largestError(expm1, reference, (u) => [-spread(u, -100, -2)], { count: 60 })).toBeLessThan(1.1);
  });
});

describe("log", () => {
  const reference = (x: Decimal): Decimal => x.ln();
  it("is within 0.9 ulp over the whole range, subnormal arguments included", () => {
    const special = [
      [5e-324],
      [2.2250738585072014e-308],
      [1.7976931348623157e308],
      [Math.SQRT1_2],
      [Math.SQRT2],
      [Math.E],
    ];
    expect(largestError(log, reference, (u) => [spread(u, -1074, 1023)], { special })).toBeLessThan(0.9);
    expect(largestError(log, reference, (u) => [4 * u()])).toBeLessThan(0.9);
  });
  it("is within 0.9 ulp next to 1", () => {
    const special = [[1 - 2 ** -53], [1 + 2 ** -52]];
    expect(largestError(log, reference, (u) => [1 + spread(u, -50, -2)], { special })).toBeLessThan(0.9);
    expect(largestError(log, reference, (u) => [1 - spread(u, -50, -3)])).toBeLessThan(0.9);
  });
});

describe("log1p", () => {
  it("is within 0.6 ulp", () => {
    const reference = (x: Decimal): Decimal => new Fine(x).plus(1).ln();
    const special = [[-1 + 2 ** -53], [-0.5], [2 ** -53], [1.7e308], [0.41421356237309503], [0.41421356237309515]];
    const short = { count: 60 };
    expect(largestError(log1p, reference, (u) => [symmetric(u, 1)], { special, count: 60 })).toBeLessThan(0.6);
    expect(largestError(log1p, reference, (u) => [spread(u, -100, 0)], short)).toBeLessThan(0.6);
    expect(largestError(log1p, reference, (u) => [-spread(u, -100, -1)], short)).toBeLessThan(0.6);
    expect(largestError(log1p, reference, (u) => [spread(u, 0, 900)], short)).toBeLessThan(0.6);
  });
});

describe("pow", () => {
  const reference = (x: Decimal, y: Decimal): Decimal => Precise.exp(new Precise(Precise.ln(x)).times(y));
  it("is within 0.75 ulp for normal results", () => {
    expect(largestError(pow, reference, (u) => [10 * u(), symmetric(u, 300)])).toBeLessThan(0.75);
    expect(largestError(pow, reference, (u) => [spread(u, -1000, 1000), symmetric(u, 1)])).toBeLessThan(0.75);
    expect(largestError(pow, reference, (u) => [1 + u() * 2 ** -20, u() * 2 ** 29])).toBeLessThan(0.75);
    expect(largestError(pow, reference, (u) => [1 - u() * 2 ** -20, u() * 2 ** 29])).toBeLessThan(0.75);
  });
  it("is within 1 ulp for subnormal results and bases", () => {
    expect(largestError(pow, reference, (u) => [10, -308 - 15 * u()])).toBeLessThan(1);
    expect(largestError(pow, reference, (u) => [u() * 1e-310, symmetric(u, 0.9)])).toBeLessThan(1);
  });
  it("returns exact results exactly", () => {
    for (let base = 2; base <= 40; base++) {
      let product = 1n;
      for (let exponent = 0; product < 2n ** 53n; exponent++, product *= BigInt(base)) {
        expect(pow(base, exponent)).toBe(Number(product));
        expect(pow(-base, exponent)).toBe(exponent % 2 === 0 ? Number(product) : -Number(product));
      }
    }
    for (let k = -1074; k <= 1023; k++) expect(pow(2, k)).toBe(2 ** k);
    for (let root = 1; root < 300; root++) expect(pow(root * root, 0.5)).toBe(root);
  });
});

/** The angle modulo pi / 2, and which quarter turn it is in. */
function reduced(x: Decimal): { r: Decimal; quadrant: number } {
  const Context = x.abs().lt(1e7) ? Fine : Long;
  const turns = new Context(x).div(halfPi).round();
  const r = new Context(x).minus(turns.times(halfPi));
  return { r: new Precise(r), quadrant: turns.mod(4).plus(4).mod(4).toNumber() };
}

function sineReference(x: Decimal, shift: number): Decimal {
  const { r, quadrant } = reduced(x);
  const turned = (quadrant + shift) % 4;
  const magnitude = turned % 2 === 0 ? r.sin() : r.cos();
  return turned < 2 ? magnitude : magnitude.neg();
}

describe.each([
  { name: "sin", f: sin, shift: 0 },
  { name: "cos", f: cos, shift: 1 },
])("$name", ({ f, shift }) => {
  const reference = (x: Decimal): Decimal => sineReference(x, shift);
  it("is within 0.8 ulp for ordinary angles", () => {
    expect(largestError(f, reference, (u) => [symmetric(u, 0.79)])).toBeLessThan(0.8);
    expect(largestError(f, reference, (u) => [symmetric(u, 30)])).toBeLessThan(0.8);
    expect(largestError(f, reference, (u) => [symmetric(u, 1e6)])).toBeLessThan(0.8);
    expect(largestError(f, reference, (u) => [spread(u, -60, -1)], { count: 100 })).toBeLessThan(0.8);
  });
  it("is within 0.8 ulp next to multiples of pi / 2 and for huge angles", () => {
    const special: Arguments[] = [1, 2, 3, 4, 5, 11, 22, 51, 355, 710, 1e5, 5e5].map((n) => [n * (Math.PI / 2)]);
    // 6381956970095103 * 2^797 is the double nearest to a multiple of pi / 2 (Muller, Elementary Functions).
    special.push(
      [6381956970095103 * 2 ** 797],
      [1.7976931348623157e308],
      [2 ** 1023],
      [799_999.9],
      [800_000.1],
      [1e22],
    );
    special.push(...special.map(([x]) => [-x]));
    expect(largestError(f, reference, (u) => [spread(u, 18, 1023)], { special, count: 150 })).toBeLessThan(0.8);
  });
});
