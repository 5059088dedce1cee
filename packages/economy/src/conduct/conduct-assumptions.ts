/** What a scenario takes for granted of how providers behave, and where that was checked. */
import type { Assumption } from "@shardlab/contracts";
import type { EconomySpec } from "../spec.ts";
import { hasConduct } from "./conduct-spec.ts";

const nobodyCheats = { statement: "Nobody cheats, and nobody checks: all work is what it claims to be." } as const;

export function conductAssumptions(spec: EconomySpec): Assumption[] {
  if (!hasConduct(spec)) return [nobodyCheats];
  const attacks = spec.attacks ?? [];
  const isChecked = spec.verification !== undefined && spec.verification.kind !== "no-verification";
  return [
    {
      statement: "Providers decide by the strategies of their groups, each from what it is shown alone.",
      checkedAgainst: "a search through all options, the replicator equation, and the regret bound of Exp3",
    },
    ...(attacks.length > 0 ? attackAssumptions(spec, isChecked) : [{ statement: "Nobody has an attack to run." }]),
    isChecked
      ? {
          statement:
            "Audits come by the epoch and the provider, by chance at an announced rate; what one finds bad is unpaid and left out of the model.",
          checkedAgainst: "the threshold of the inspection game in closed form, with and without stake",
        }
      : { statement: "Nobody checks: whatever is delivered is taken for what it claims to be." },
  ];
}

function attackAssumptions({ uncertainty }: EconomySpec, isChecked: boolean): Assumption[] {
  const rates = isChecked
    ? "what it saves, how often it is found and what it harms"
    : "what it saves and what it harms";
  const range = uncertainty === "drawn" ? "drawn from their ranges for each seed" : "taken at their likely values";
  return [
    { statement: `An attack is a profile of rates: ${rates} are assumptions, ${range}, and not simulated.` },
    {
      statement:
        "Own damage: who owns a model counts what its cheating takes off the model's value, by the elasticity of value in work around the plan.",
      checkedAgainst: "the share of ownership that deters under V = A C^eta, in closed form",
    },
  ];
}
