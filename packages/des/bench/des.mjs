/**
 * How fast the event loop is beside other simulators on the same machine. Every number comes from a process of its own;
 * the simulators take turns, round by round, and a ratio is the median of the ratios within each round.
 *
 *   node packages/des/bench/des.mjs [--rounds N] [--quick] [--json FILE] [--python PROGRAM] [--simjs FILE]
 */
import { writeFileSync } from "node:fs";
import { parseArgs } from "node:util";
import { findPeers, measure, shardlab } from "./peers.mjs";

const { values: options } = parseArgs({
  options: {
    rounds: { type: "string", default: "5" },
    quick: { type: "boolean", default: false },
    json: { type: "string" },
    python: { type: "string", default: "python3" },
    simjs: { type: "string" },
  },
});
const rounds = Number(options.rounds);
const scale = options.quick ? 0.2 : 1;

/** Arrivals at 0.8 and services at 1 a second: customers wait 0.8 / (1 - 0.8) = 4 s on average (Kleinrock 1975). */
const meanWait = 4;

/** Events before the measurement begins: enough for engines to finish compiling. */
const warmUpEvents = 1e6;

/** @param slowShare part of the events that slow peers are given; 0 leaves them out */
function holdCase(pending, events, slowShare) {
  const numbersOf = (share) => [pending, warmUpEvents * share, events * scale * share];
  const tolerance = 0.05;
  return {
    name: `hold, ${pending.toExponential(0).replace("+", "")} pending`,
    work: "hold",
    numbersOf,
    slowShare,
    expected: 1,
    tolerance,
  };
}

function queueCase(name, work, customers, slowShare) {
  const numbersOf = (share) => [(warmUpEvents / 2) * share, customers * scale * share];
  return { name: `M/M/1, ${name}`, work, numbersOf, slowShare, expected: meanWait, tolerance: 0.3 };
}

const cases = [
  { ...holdCase(1e3, 4e6, 0.05), targets: { "C++": 1 } },
  { ...holdCase(1e5, 2e6, 0.05), targets: { "C++": 0.8, "ns-3": 2 } },
  { ...holdCase(1e6, 2e6, 0), targets: { "C++": 1.2, "ns-3": 2 } },
  { ...queueCase("callbacks", "callbacks", 1e6, 0.1), targets: { "ns-3": 1.3 } },
  { ...queueCase("processes", "processes", 1e6, 0.1), targets: { SimPy: 28 } },
];

const median = (numbers) => [...numbers].sort((a, b) => a - b)[numbers.length >> 1];

const peers = findPeers(options);

function progress(text) {
  if (process.stderr.isTTY) process.stderr.write(`\r\x1b[K${text}`);
}

/** For each simulator that knows the work, its rates by round: of each variant, by name. */
function ratesOf(oneCase) {
  const taking = [shardlab, ...peers].filter(
    (peer) => peer.works[oneCase.work] && peer.variants.length > 0 && !(peer.isSlow && oneCase.slowShare === 0),
  );
  const rates = new Map(taking.map((peer) => [peer.name, peer.variants.map(() => [])]));
  for (let round = 0; round < rounds; round++) {
    for (const peer of taking) {
      const numbers = oneCase.numbersOf(peer.isSlow ? oneCase.slowShare : 1);
      for (const [index, variant] of peer.variants.entries()) {
        progress(`${oneCase.name}, round ${round + 1} of ${rounds}: ${peer.name}`);
        rates.get(peer.name)[index].push(measure(variant, peer, { ...oneCase, numbers }));
      }
    }
  }
  progress("");
  return rates;
}

function compare(oneCase) {
  const rates = ratesOf(oneCase);
  const [own] = rates.get(shardlab.name);
  const result = {
    name: oneCase.name,
    unitsPerSecond: { [shardlab.name]: median(own) },
    ratios: {},
    targets: oneCase.targets,
  };
  for (const peer of peers) {
    const ofVariants = rates.get(peer.name);
    if (!ofVariants) continue;
    const best = ofVariants.reduce((a, b) => (median(b) > median(a) ? b : a));
    result.unitsPerSecond[peer.name] = median(best);
    result.ratios[peer.name] = median(own.map((rate, round) => rate / best[round]));
  }
  return result;
}

function lineOf({ name, unitsPerSecond, ratios, targets }) {
  const cells = peers.map((peer) => {
    if (unitsPerSecond[peer.name] === undefined) return "-".padStart(20);
    const target = targets[peer.name] === undefined ? "" : ` of ${targets[peer.name]}`;
    return `${(unitsPerSecond[peer.name] / 1e6).toFixed(3)} ${ratios[peer.name].toFixed(2)}x${target}`.padStart(20);
  });
  return `${name.padEnd(22)}${(unitsPerSecond[shardlab.name] / 1e6).toFixed(3).padStart(9)}${cells.join("")}`;
}

console.log(
  `million events or customers per processor second; ShardLab's ratio to each peer (of the ratio aimed at); median of ${rounds} rounds`,
);
console.log(`${"".padEnd(22)}${shardlab.name.padStart(9)}${peers.map(({ name }) => name.padStart(20)).join("")}`);
const results = [];
for (const oneCase of cases) {
  const result = compare(oneCase);
  results.push(result);
  console.log(lineOf(result));
}
for (const { name, full, how, variants } of [shardlab, ...peers]) {
  console.log(`${name}: ${variants.length > 0 ? full : `missing; ${how}`}`);
}
if (options.json !== undefined) {
  writeFileSync(
    options.json,
    `${JSON.stringify({ node: process.version, rounds, quick: options.quick, results }, null, 2)}\n`,
  );
}
