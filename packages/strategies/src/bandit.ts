/**
 * Bandit: learns from its own pay alone which option is worth taking, by trying.
 *
 * Exp3: each provider keeps a weight for each option, draws an option with probability
 *
 *   p_i = (1 - gamma) w_i / sum w + gamma / K,
 *
 * and multiplies the weight of the option drawn by exp(gamma r / (p_i K)), with r its pay scaled to [0, 1] between `worst` and `best`.
 * Against any payoffs its expected regret over T decisions is at most 2.63 sqrt(T K ln K) for the tuned gamma (theorem 3.1 and
 * corollary 3.2). It sees no offer and nobody else. Source: Auer, Cesa-Bianchi, Freund and Schapire, "The nonstochastic multiarmed
 * bandit problem" (SIAM Journal on Computing 32, 2002). Weights are kept as logarithms. Checked: regret against the bound, and draws against
 * plain weights.
 */
import type { DecisionTable, Strategy } from "@shardlab/contracts";
import { exp } from "@shardlab/numerics";
import { z } from "zod";
import { ownInterest } from "./reply.ts";

export const banditSpec = z
  .strictObject({
    kind: z.literal("bandit"),
    exploration: z.number().positive().max(1).default(0.1).describe("gamma: share of decisions that only try"),
    worst: z.number().min(-1000).max(1000).default(-1).describe("pay that counts as 0, in daily rental values"),
    best: z.number().min(-1000).max(1000).default(3).describe("pay that counts as 1, in daily rental values"),
  })
  .refine(({ worst, best }) => worst < best, { error: "expected more than worst", path: ["best"] });
export type BanditSpec = z.output<typeof banditSpec>;

export const bandit = (spec: BanditSpec): Strategy => ({
  kind: spec.kind,
  ...ownInterest,
  sees: ["own-pay"],
  begin: ({ providers, models, attacks }) => {
    const options = 1 + models.length * (1 + attacks.length);
    const memory: Memory = {
      spec,
      options,
      logWeights: new Float64Array(providers * options),
      chances: new Float64Array(options),
      drawn: new Int32Array(providers).fill(-1),
      drawnChance: new Float64Array(providers),
    };
    return (table, choice) => {
      for (let row = 0; row < table.rows; row++) {
        learn(memory, table, row);
        choice[row] = draw(memory, table.provider[row], table.uniforms[row]);
      }
    };
  },
});

interface Memory {
  readonly spec: BanditSpec;
  readonly options: number;
  /** providers x options. */
  readonly logWeights: Float64Array;
  /** Of one decision. */
  readonly chances: Float64Array;
  /** Each provider's last draw, and how likely it was. */
  readonly drawn: Int32Array;
  readonly drawnChance: Float64Array;
}

function learn(memory: Memory, table: DecisionTable, row: number): void {
  const { exploration, worst, best } = memory.spec;
  const provider = table.provider[row];
  const option = memory.drawn[provider];
  if (option < 0) return;
  const reward = Math.min(1, Math.max(0, (table.earned[row] - worst) / (best - worst)));
  memory.logWeights[provider * memory.options + option] +=
    (exploration * reward) / (memory.drawnChance[provider] * memory.options);
}

function draw(memory: Memory, provider: number, uniform: number): number {
  const { exploration } = memory.spec;
  const { options, logWeights, chances, drawn, drawnChance } = memory;
  const first = provider * options;
  let most = Number.NEGATIVE_INFINITY;
  for (let option = 0; option < options; option++) most = Math.max(most, logWeights[first + option]);
  let sum = 0;
  for (let option = 0; option < options; option++) {
    chances[option] = exp(logWeights[first + option] - most);
    sum += chances[option];
  }
  let left = uniform;
  let chosen = options - 1;
  for (let option = 0; option < options; option++) {
    chances[option] = ((1 - exploration) * chances[option]) / sum + exploration / options;
    left -= chances[option];
    if (left >= 0) continue;
    chosen = option;
    break;
  }
  drawn[provider] = chosen;
  drawnChance[provider] = chances[chosen];
  return chosen;
}
