/** The strategies that a scenario can name; a missing factory does not compile. */
import type { Strategy } from "@shardlab/contracts";
import { z } from "zod";
import { bandit, banditSpec } from "./bandit.ts";
import { bestResponse, bestResponseSpec } from "./best-response.ts";
import { coalition, coalitionSpec } from "./coalition.ts";
import { designer, designerSpec } from "./designer.ts";
import { fixed, fixedSpec } from "./fixed.ts";
import { honest, honestSpec } from "./honest.ts";
import { logit, logitSpec } from "./logit.ts";
import { replicator, replicatorSpec } from "./replicator.ts";
import { speculator, speculatorSpec } from "./speculator.ts";
import { sybil, sybilSpec } from "./sybil.ts";

export const strategySpec = z.discriminatedUnion("kind", [
  banditSpec,
  bestResponseSpec,
  coalitionSpec,
  designerSpec,
  fixedSpec,
  honestSpec,
  logitSpec,
  replicatorSpec,
  speculatorSpec,
  sybilSpec,
]);
export type StrategySpec = z.output<typeof strategySpec>;
export type StrategyKind = StrategySpec["kind"];

const factories: { [K in StrategyKind]: (spec: Extract<StrategySpec, { kind: K }>) => Strategy } = {
  bandit,
  "best-response": bestResponse,
  coalition,
  designer,
  fixed,
  honest,
  logit,
  replicator,
  speculator,
  sybil,
};

export const strategyKinds = Object.keys(factories) as readonly StrategyKind[];

/** Makes the strategy that `spec` describes. */
export function createStrategy<K extends StrategyKind>(spec: Extract<StrategySpec, { kind: K }>): Strategy {
  const create: (spec: Extract<StrategySpec, { kind: K }>) => Strategy = factories[spec.kind as K];
  return create(spec);
}
