/**
 * Fixed: always the same, whatever it is worth: resting, honest work or a named attack, for a named model or for the one where
 * that is worth most.
 *
 * The invader of an empirical game, and the lazy or hostile minority of a sensitivity analysis. Where the option is not open
 * (the model takes no work, or cash lacks) it rests.
 */
import { type DecisionTable, optionOf, type Strategy, unknownName } from "@shardlab/contracts";
import { z } from "zod";
import { ownInterest } from "./reply.ts";

export const fixedSpec = z.strictObject({
  kind: z.literal("fixed"),
  option: z.string().min(1).max(100).default("honest").describe("`rest`, `honest`, or the name of an attack"),
  model: z.string().min(1).max(100).optional().describe("name of the model to work for; the best unless given"),
});
export type FixedSpec = z.output<typeof fixedSpec>;

export const fixed = ({ kind, option, model }: FixedSpec): Strategy => ({
  kind,
  ...ownInterest,
  sees: ["offer"],
  begin: ({ models, attacks }) => {
    const attack = attackNamed(option, attacks);
    const chosen = model === undefined ? models.map((_, index) => index) : [modelNamed(model, models)];
    const wanted = new Set(attack === undefined ? [] : chosen.map((index) => optionOf(index, attack, attacks.length)));
    return (table, choice) => {
      for (let row = 0; row < table.rows; row++) choice[row] = openOption(table, row, wanted);
    };
  },
});

/** The best of the wanted options that are open, even where resting is worth more. */
function openOption(table: DecisionTable, row: number, wanted: ReadonlySet<number>): number {
  let best = 0;
  let most = Number.NEGATIVE_INFINITY;
  for (const option of wanted) {
    const utility = table.utilities[row * table.options + option];
    if (utility > most) [best, most] = [option, utility];
  }
  return best;
}

/** Number of the attack, -1 for honest work, undefined for resting. @throws Error `unknown option: ...` */
function attackNamed(option: string, attacks: readonly string[]): number | undefined {
  if (option === "rest") return undefined;
  if (option === "honest") return -1;
  const found = attacks.indexOf(option);
  if (found < 0) throw new Error(unknownName("option", option, ["rest", "honest", ...attacks]));
  return found;
}

function modelNamed(model: string, models: readonly string[]): number {
  const found = models.indexOf(model);
  if (found < 0) throw new Error(unknownName("model", model, models));
  return found;
}
