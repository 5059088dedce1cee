/** Nanoseconds per element of each kernel and function, beside the engine's own Math. Needs a build (`tsc -b`). */
import * as numerics from "../dist/index.js";

const size = 100_000;
const repeats = 20;

/** The median over `repeats` runs, in ns per element. */
function nanosecondsPerElement(work, elements = size) {
  work();
  const times = [];
  for (let i = 0; i < repeats; i++) {
    const start = process.hrtime.bigint();
    work();
    times.push(Number(process.hrtime.bigint() - start) / elements);
  }
  return times.sort((a, b) => a - b)[repeats >> 1];
}

const map = (f) => () => {
  for (let i = 0; i < size; i++) out[i] = f(x[i]);
};

const x = Float64Array.from({ length: size }, (_, i) => 0.001 + ((i * 7919) % size) * 2e-4);
const out = new Float64Array(size);
const options = 10;
const rows = size / options;
const choice = new Int32Array(rows);
const utilities = x.map((value) => value * 5);
const uniforms = Float64Array.from({ length: rows }, (_, i) => ((i * 31) % rows) / rows);
const position = { keyLow: 1, keyHigh: 2, blockLow: 3, blockHigh: 0, streamLow: 4, streamHigh: 5 };
const hash = numerics.createTraceHash();

const cases = [
  ["exp", map(numerics.exp), map(Math.exp)],
  ["expInto", () => numerics.expInto(x, out), map(Math.exp)],
  ["expm1", map(numerics.expm1), map(Math.expm1)],
  ["log", map(numerics.log), map(Math.log)],
  ["logInto", () => numerics.logInto(x, out), map(Math.log)],
  ["log1p", map(numerics.log1p), map(Math.log1p)],
  ["pow", map((v) => numerics.pow(v, 1.7)), map((v) => v ** 1.7)],
  ["sin", map(numerics.sin), map(Math.sin)],
  ["cos", map(numerics.cos), map(Math.cos)],
  ["blockSum", () => numerics.blockSum(x), () => x.reduce((a, b) => a + b, 0)],
  ["dot", () => numerics.dot(x, x), () => x.reduce((a, b) => a + b * b, 0)],
  [
    "logitChoice, row x option",
    () => numerics.logitChoice({ utilities, rows, options, temperature: 10, uniforms, choice }),
  ],
  ["philoxAcross", () => numerics.philoxAcross(position, 1, out), map(() => Math.random())],
  ["philoxPairsAcross", () => numerics.philoxPairsAcross(position, out), map(() => Math.random())],
  ["philoxAlong", () => numerics.philoxAlong(position, out), map(() => Math.random())],
  ["traceHash, double", () => hash.addFloat64Array(x)],
];

console.log("function                     ns  Math ns  ratio");
for (const [name, own, engine] of cases) {
  const ownTime = nanosecondsPerElement(own);
  const engineTime = engine ? nanosecondsPerElement(engine) : undefined;
  const comparison = engineTime
    ? `${engineTime.toFixed(2).padStart(9)}${(ownTime / engineTime).toFixed(2).padStart(7)}`
    : "";
  console.log(`${name.padEnd(26)}${ownTime.toFixed(2).padStart(5)}${comparison}`);
}
