/** Postings per second of each kind, with the journal on, and nanoseconds per weight of the largest-remainder split. */
import { createLedger, splitByLargestRemainder } from "../dist/index.js";

/** Accounts on either side; a million of them in random order is bound by memory, not by the ledger. */
const rows = Number(process.argv[2] ?? 100_000);
const providers = { first: 2, count: rows };
const suppliers = { first: 2 + rows, count: rows };
const cash = 0;
const coin = 1;
const sponsor = 1;
const rounds = 60;

let state = 1;
function uniform() {
  state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
  return state / 4_294_967_296;
}
const scattered = ({ first, count }) => Int32Array.from({ length: rows }, () => first + Math.floor(uniform() * count));
const secondsOf = (work) => {
  const start = performance.now();
  work();
  return (performance.now() - start) / 1000;
};
/** Median seconds of one round, after warm-up. */
function medianSeconds(work) {
  const seconds = Array.from({ length: rounds }, () => secondsOf(work));
  return seconds.slice(10).sort((left, right) => left - right)[(rounds - 10) >> 1];
}

const ledger = createLedger({
  accounts: 2 + 2 * rows,
  assets: [
    { name: "cash", unit: "$", decimals: 6 },
    { name: "coin", unit: "coin", decimals: 0 },
  ],
  mayOverdraw: [0, sponsor],
});
const amount = Float64Array.from({ length: rows }, () => Math.floor(uniform() * 1000));
const wealth = new Float64Array(rows).fill(1e12);
for (const asset of [cash, coin]) {
  for (const to of [providers, suppliers]) ledger.postBatch({ reason: "open", asset, from: 0, to, amount: wealth });
}

const asset = Int32Array.from({ length: rows }, () => (uniform() < 0.5 ? cash : coin));
const fromColumn = scattered(providers);
const toColumn = scattered(suppliers);
const batches = {
  "one to range": { asset: cash, from: sponsor, to: providers },
  "one to column": { asset: cash, from: sponsor, to: toColumn },
  "range to one": { asset: cash, from: providers, to: sponsor },
  "column to one": { asset: cash, from: fromColumn, to: sponsor },
  "range to range": { asset: cash, from: providers, to: suppliers },
  "range to column": { asset: cash, from: providers, to: toColumn },
  "column to column": { asset: cash, from: fromColumn, to: toColumn },
  "column to column, two assets": { asset, from: fromColumn, to: toColumn },
};
for (const [name, sides] of Object.entries(batches)) {
  const seconds = medianSeconds(() => ledger.postBatch({ reason: name, ...sides, amount }));
  console.log(`${name.padEnd(30)} ${(rows / seconds / 1e6).toFixed(0).padStart(5)} M postings/s`);
}
const single = medianSeconds(() => {
  for (let row = 0; row < rows; row++) {
    ledger.post({ reason: "single", asset: cash, from: fromColumn[row], to: toColumn[row], amount: amount[row] });
  }
});
console.log(`${"singly".padEnd(30)} ${(rows / single / 1e6).toFixed(1).padStart(5)} M postings/s`);
ledger.checkConservation();

const holders = 1_000_000;
const columns = {
  "random doubles": Float64Array.from({ length: holders }, uniform),
  "small integers": Float64Array.from({ length: holders }, () => Math.floor(uniform() * 1000)),
  "all equal": new Float64Array(holders).fill(3),
};
const out = new Float64Array(holders);
for (const [name, weights] of Object.entries(columns)) {
  const seconds = medianSeconds(() => splitByLargestRemainder(123_456_789_012_345, weights, out));
  console.log(`${`split, ${name}`.padEnd(30)} ${((seconds / holders) * 1e9).toFixed(1).padStart(5)} ns per weight`);
}
const walk = medianSeconds(() => ledger.explain(2, coin));
console.log(`${"explain over 10^7 rows".padEnd(30)} ${(walk * 1e3).toFixed(0).padStart(5)} ms`);
