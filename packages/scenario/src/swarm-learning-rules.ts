/** What model, data, optimiser and compressors of a swarm have to do with one another. */
import { type CompressorSpec, createCompressor } from "@shardlab/compressors";
import { planModel } from "@shardlab/learning/spec";
import type { Finding, Path } from "./fault.ts";
import { noFindings, refuse, type SwarmRule } from "./swarm-rule.ts";
import type { SwarmScenario } from "./swarm-spec.ts";

function stagesFitModel({ model, training }: SwarmScenario): readonly Finding[] {
  const { stages } = training.parallelism;
  const { blocks } = planModel(model);
  if (stages <= blocks) return noFindings;
  return refuse(
    ["training", "parallelism", "stages"],
    `too many stages: ${stages} (expected at most ${blocks}, the layers)`,
  );
}

const isText = (kind: string): boolean => kind !== "markov" && kind !== "gaussian-mixture";

/** Vectors are classified by models that have features; everything else is a row of tokens. */
function dataSuitModel({ model, training }: SwarmScenario): readonly Finding[] {
  const { data } = training;
  const path = ["training", "data"];
  const isOfVectors = data.kind === "gaussian-mixture";
  const { features } = planModel(model);
  if (isOfVectors !== features > 0) {
    const expected = features > 0 ? "gaussian-mixture, as the model classifies vectors" : "text or markov";
    return refuse(path, `data that the model cannot read: ${data.kind} (expected ${expected})`);
  }
  return noFindings;
}

const singleBytes = 256;

function tokensFitVocabulary({ model, training }: SwarmScenario): readonly Finding[] {
  const { data, tokenizer } = training;
  const { features, vocabulary } = planModel(model);
  if (features > 0) return noFindings;
  const path = ["model", "vocabulary"];
  if (data.kind === "markov" && data.alphabet > vocabulary) {
    return refuse(
      path,
      `vocabulary too small: ${vocabulary} (expected at least the ${data.alphabet} symbols of the data)`,
    );
  }
  if (!isText(data.kind) || vocabulary >= singleBytes) return noFindings;
  return refuse(path, `vocabulary too small: ${vocabulary} (expected at least ${singleBytes} for ${tokenizer.kind})`);
}

/** The ranks that subspaces within a compressor ask for, and where. */
function ranksWithin(spec: unknown, path: Path): readonly { readonly rank: number; readonly path: Path }[] {
  if (typeof spec !== "object" || spec === null) return [];
  const own = spec as { readonly kind?: unknown; readonly rank?: unknown };
  const here =
    own.kind === "subspace" && typeof own.rank === "number" ? [{ rank: own.rank, path: [...path, "rank"] }] : [];
  return [...here, ...Object.entries(spec).flatMap(([key, inner]) => ranksWithin(inner, [...path, key]))];
}

/** A basis has no more columns than the model is wide. */
function ranksFitWidth({ model, training }: SwarmScenario): readonly Finding[] {
  const { boundaryWidth } = planModel(model);
  return (["activations", "gradients"] as const).flatMap((key) =>
    ranksWithin(training[key], ["training", key])
      .filter(({ rank }) => rank > boundaryWidth)
      .flatMap(({ rank, path }) => refuse(path, `rank above the width: ${rank} (expected at most ${boundaryWidth})`)),
  );
}

/** What the model must obey for its boundaries to lie in a subspace is known of transformers alone. */
function subspacesNeedTokens({ model, training }: SwarmScenario): readonly Finding[] {
  if (model.kind === "gpt") return noFindings;
  return (["activations", "gradients"] as const).flatMap((key) => {
    const hasSubspace = JSON.stringify(training[key]).includes('"subspace"');
    return hasSubspace
      ? refuse(["training", key], `subspace without tokens: ${model.kind} (expected model: gpt)`)
      : noFindings;
  });
}

/** Schedules that add up on the way; the default is taken for one where nothing was said. */
const summing = ["binomial-tree", "moshpit", "recursive-doubling", "recursive-halving-doubling"];

/** Lossy gradients are exchanged whole, and added up by each replica in one order. */
function gradientsSuitReduction({ model, training }: SwarmScenario): readonly Finding[] {
  const { gradients, parallelism } = training;
  const { replicas, reduction } = parallelism;
  if (replicas === 1 || !summing.includes(reduction.kind) || isLossless(gradients, model)) return noFindings;
  return refuse(
    ["training", "parallelism", "reduction"],
    `reduction that cannot add up what is compressed: ${reduction.kind} (expected none, as lossy gradients are exchanged whole)`,
  );
}

function isLossless(spec: CompressorSpec, model: SwarmScenario["model"]): boolean {
  const { boundaryWidth: width, vocabulary } = planModel(model);
  // A rank above the width is refused where it is written.
  if (ranksWithin(spec, []).some(({ rank }) => rank > width)) return true;
  const compressor = createCompressor(spec, { width, vocabulary, seed: 0 });
  return compressor.isLossless({ name: "gradient", role: "gradient", shape: [width * width] });
}

export const learningRules: readonly SwarmRule[] = [
  stagesFitModel,
  dataSuitModel,
  tokensFitVocabulary,
  ranksFitWidth,
  subspacesNeedTokens,
  gradientsSuitReduction,
];
