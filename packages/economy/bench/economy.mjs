/**
 * How the economy scales: providers x 365 epochs x 10 models, each size in a process of its own so that its peak memory is
 * its own. Prints seconds, the ratio to the size before, and peak memory.
 *
 *   node packages/economy/bench/economy.mjs [providers ...]
 */
import { spawnSync } from "node:child_process";
import { fileURLToPath } from "node:url";

const sizes = process.argv
  .slice(2)
  .filter((argument) => argument !== "--child")
  .map(Number);
const models = 10;

async function measure(providers) {
  const { runEconomy } = await import("../dist/index.js");
  const { economySpec } = await import("../dist/spec.js");
  const { createMechanism, mechanismSpec } = await import("@shardlab/mechanisms");
  const spread = { opportunitySpread: 0.5, discountRateSpread: 0.4, wealthSpread: 0.7 };
  const spec = economySpec.parse({
    horizon: "365 d",
    outlay: `$${3000 * providers}`,
    providers: [
      { group: "gamers", count: providers / 2, device: "rtx-4090", ...spread },
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
  });
  const mechanism = createMechanism(mechanismSpec.parse({ kind: "protocol-models" }));
  const started = performance.now();
  const outcome = runEconomy(spec, mechanism, { seed: 1, detail: "measures" });
  const seconds = (performance.now() - started) / 1000;
  const participation = outcome.measures.find(({ name }) => name === "participation").value;
  const bytes = process.resourceUsage().maxRSS * 1024;
  process.stdout.write(JSON.stringify({ seconds, bytes, participation, traceHash: outcome.traceHash }));
}

if (process.argv.includes("--child")) {
  await measure(sizes[0]);
} else {
  console.log("economy: providers x 365 epochs x 10 models, protocol-models, weekly revision, one core");
  let before;
  for (const providers of sizes.length > 0 ? sizes : [1e4, 1e5, 1e6]) {
    const child = spawnSync(process.execPath, [fileURLToPath(import.meta.url), "--child", String(providers)], {
      stdio: ["ignore", "pipe", "inherit"],
    });
    const { seconds, bytes, participation, traceHash } = JSON.parse(child.stdout.toString());
    const perDecision = (seconds * 1e9) / (providers * 365 * models);
    const growth = before === undefined ? "" : `, x ${(seconds / before).toFixed(1)}`;
    console.log(
      `  ${providers.toExponential(0)}: ${seconds.toFixed(2)} s${growth}, ${perDecision.toFixed(1)} ns per provider, epoch and model, ` +
        `${(bytes / 2 ** 20).toFixed(0)} MiB, participation ${(100 * participation).toFixed(0)} %, trace ${traceHash}`,
    );
    before = seconds;
  }
}
