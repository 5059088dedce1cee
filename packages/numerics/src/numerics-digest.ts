/** One number for the bits of every function, to hold engines and machines to each other. */
import { blockSum, dot } from "./block-sum.ts";
import { cos } from "./cos.ts";
import { expInto, logInto } from "./elementwise.ts";
import { exp } from "./exp.ts";
import { expm1 } from "./expm1.ts";
import { log } from "./log.ts";
import { log1p } from "./log1p.ts";
import { pow } from "./pow.ts";
import { sin } from "./sin.ts";
import { createTraceHash } from "./trace-hash.ts";

const argumentCount = 100_000;

const functions: Readonly<Record<string, (x: number, y: number) => number>> = { cos, exp, expm1, log, log1p, pow, sin };

/** Doubles with any bits at all in every fourth place, and in the others ones between -b and b for b = 1, 30 and 800. */
function digestArguments(count: number): Float64Array {
  const values = new Float64Array(count);
  const words = new Int32Array(values.buffer);
  let state = 1;
  const next = (): number => {
    // xorshift32 (Marsaglia 2003).
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    return state;
  };
  const bounds = [1, 30, 800];
  for (let i = 0; i < count; i++) {
    const high = next();
    const low = next();
    if (i % 4 === 0) {
      words[2 * i] = low;
      words[2 * i + 1] = high;
    } else values[i] = ((high + low * 2 ** -32) * bounds[(i % 4) - 1]) / 2 ** 31;
  }
  return values;
}

/** What `numericsDigest` is on every engine; another number means that traces from here differ from everybody else's. */
export const expectedNumericsDigest = "6497ba9f1d4be0d2";

/** 16 hexadecimal digits over 10^5 values of each scalar function and the results of the array kernels. */
export function numericsDigest(): string {
  const hash = createTraceHash();
  const x = digestArguments(argumentCount);
  const out = new Float64Array(argumentCount);
  for (const [name, f] of Object.entries(functions)) {
    for (let i = 0; i < argumentCount; i++) out[i] = f(x[i], x[argumentCount - 1 - i]);
    hash.addText(name);
    hash.addFloat64Array(out);
  }
  for (const kernel of [expInto, logInto]) {
    kernel(x, out);
    hash.addFloat64Array(out);
  }
  const bounded = x.map((value, i) => (i % 4 === 0 ? i : value));
  hash.addFloat64(blockSum(bounded));
  hash.addFloat64(dot(bounded, bounded));
  return hash.digest();
}
