/**
 * What a study of incentives costs: 10^4 providers with weekly revision and adaptive beliefs for a year, with two attacks,
 * audits and a stake. Prints milliseconds of a run, by the clock and by the processor, and what 200 points of 20 seeds come to on
 * two cores, against a quarter of an hour.
 *
 *   node packages/economy/bench/incentives.mjs [runs]
 */
import { runEconomy } from "@shardlab/economy";
import { economySpec } from "@shardlab/economy/spec";
import { conductFamilies } from "@shardlab/experiment/conduct-families";
import { createMechanism, mechanismSpec } from "@shardlab/mechanisms";

const runs = Number(process.argv[2] ?? 5);
const study = { runs: 200 * 20, cores: 2, minutes: 15 };

const spread = { opportunitySpread: 0.5, discountRateSpread: 0.4, wealthSpread: 0.7 };
const spec = economySpec.parse({
  horizon: "365 d",
  outlay: "$30M",
  providers: [
    { group: "gamers", count: 5000, device: "rtx-4090", ...spread, strategy: { kind: "best-response" } },
    { group: "miners", count: 5000, device: "rtx-3090", devices: 4, link: "fibre-gigabit", ...spread },
  ],
  models: [{ name: "open", parameters: "70B", targetTokens: "10T", publicTokens: "2T", plannedTraining: "300 d" }],
  market: { revenueMultiple: 3 },
  beliefs: { kind: "adaptive" },
  attacks: [
    { kind: "zero-gradient", costSaved: 1, detection: 1, damage: 1, qualityLoss: 0, relativeError: 0 },
    { kind: "low-precision", costSaved: 0.4, detection: 0.5, damage: 0.1, qualityLoss: 0, relativeError: 0.5 },
  ],
  verification: { kind: "random-audit", rate: 0.1, sharpness: 1, falsePositive: 0.001, auditCost: 1 },
});
const mechanism = createMechanism(mechanismSpec.parse({ kind: "slashing", of: { kind: "protocol-models" } }));
const run = (seed) => runEconomy(spec, mechanism, { seed, detail: "measures", families: conductFamilies });

// The first run compiles.
run(0);
const [started, { user }] = [performance.now(), process.cpuUsage()];
for (let seed = 1; seed <= runs; seed++) run(seed);
const milliseconds = (performance.now() - started) / runs;
const ofProcessor = (process.cpuUsage().user - user) / 1000 / runs;
const minutes = (perRun) => (perRun * study.runs) / study.cores / 60_000;
console.log(
  `incentives: ${milliseconds.toFixed(0)} ms per run (processor ${ofProcessor.toFixed(0)} ms); ${study.runs} runs on ${study.cores} cores: ` +
    `${minutes(milliseconds).toFixed(1)} min by the clock, ${minutes(ofProcessor).toFixed(1)} min by the processor (expected at most ${study.minutes})`,
);
