/**
 * How the economy scales: providers x 365 epochs x 10 models, each size in a process of its own so that its peak memory is
 * its own. Prints seconds of the clock and of the processor, the ratio to the size before, and peak memory.
 *
 *   node packages/economy/bench/economy.mjs [--attacks] [providers ...]
 *
 * With --attacks, half of the providers reply best and half choose by logit among honest work and two attacks, random audits check
 * them, and the rule is slashing around protocol-models.
 */
import { spawnSync } from "node:child_process";
import { fileURLToPath } from "node:url";

const withAttacks = process.argv.includes("--attacks");
const sizes = process.argv
  .slice(2)
  .filter((argument) => !argument.startsWith("--"))
  .map(Number);
const models = 10;

/** Rates as the schema of scenarios fills them in. */
const checked = {
  attacks: [
    { kind: "zero-gradient", costSaved: 1, detection: 1, damage: 1, qualityLoss: 0, relativeError: 0 },
    { kind: "low-precision", costSaved: 0.4, detection: 0.5, damage: 0.1, qualityLoss: 0, relativeError: 0.5 },
  ],
  verification: { kind: "random-audit", rate: 0.1, sharpness: 1, falsePositive: 0.001, auditCost: 1 },
};

async function measure(providers) {
  const { runEconomy } = await import("../dist/index.js");
  const { economySpec } = await import("../dist/spec.js");
  const { createMechanism, mechanismSpec } = await import("@shardlab/mechanisms");
  const { conductFamilies } = await import("@shardlab/experiment/conduct-families");
  const spread = { opportunitySpread: 0.5, discountRateSpread: 0.4, wealthSpread: 0.7 };
  const repliesBest = withAttacks ? { strategy: { kind: "best-response" } } : {};
  const spec = economySpec.parse({
    horizon: "365 d",
    outlay: `$${3000 * providers}`,
    providers: [
      { group: "gamers", count: providers / 2, device: "rtx-4090", ...spread, ...repliesBest },
      { group: "miners", count: providers / 2, device: "rtx-3090", devices: 4, link: "fibre-gigabit", ...spread },
    ],
    data: [{ group: "publishers", count: 100, tokens: "20B", tokensSpread: 0.8, reservationSpread: 0.8 }],
    models: Array.from({ length: models }, (_, index) => ({
      name: `model-${index}`,
      parameters: `${20 + 10 * index}B`,
      targetTokens: `${providers / 1000}T`,
      publicTokens: "2T",
      plannedTraining: "300 d",
    })),
    market: { revenueMultiple: 3 },
    beliefs: { kind: "adaptive" },
    ...(withAttacks && checked),
  });
  const own = { kind: "protocol-models" };
  const mechanism = createMechanism(mechanismSpec.parse(withAttacks ? { kind: "slashing", of: own } : own));
  const started = performance.now();
  const outcome = runEconomy(spec, mechanism, { seed: 1, detail: "measures", families: conductFamilies });
  const seconds = (performance.now() - started) / 1000;
  const { user } = process.cpuUsage();
  const participation = outcome.measures.find(({ name }) => name === "participation").value;
  const bytes = process.resourceUsage().maxRSS * 1024;
  process.stdout.write(
    JSON.stringify({ seconds, userSeconds: user / 1e6, bytes, participation, traceHash: outcome.traceHash }),
  );
}

if (process.argv.includes("--child")) {
  await measure(sizes[0]);
} else {
  const rule = withAttacks ? "slashing of protocol-models, two attacks, audits" : "protocol-models";
  console.log(`economy: providers x 365 epochs x 10 models, ${rule}, weekly revision, one core`);
  const flags = withAttacks ? ["--attacks"] : [];
  let before;
  for (const providers of sizes.length > 0 ? sizes : [1e4, 1e5, 1e6]) {
    const child = spawnSync(
      process.execPath,
      [fileURLToPath(import.meta.url), "--child", ...flags, String(providers)],
      {
        stdio: ["ignore", "pipe", "inherit"],
      },
    );
    const { seconds, userSeconds, bytes, participation, traceHash } = JSON.parse(child.stdout.toString());
    const perDecision = (seconds * 1e9) / (providers * 365 * models);
    const growth = before === undefined ? "" : `, x ${(seconds / before).toFixed(1)}`;
    console.log(
      `  ${providers.toExponential(0)}: ${seconds.toFixed(2)} s (processor ${userSeconds.toFixed(2)} s)${growth}, ${perDecision.toFixed(1)} ns per provider, epoch and model, ` +
        `${(bytes / 2 ** 20).toFixed(0)} MiB, participation ${(100 * participation).toFixed(0)} %, trace ${traceHash}`,
    );
    before = seconds;
  }
}
