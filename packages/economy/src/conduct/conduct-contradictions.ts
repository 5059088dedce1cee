/** What a scenario says of conduct that does not go together. */
import { unknownName } from "@shardlab/contracts";
import { attackName } from "./conduct-spec.ts";

/** The part of an economy's spec that speaks of conduct. */
interface ConductSpec {
  readonly providers: readonly {
    readonly attacks?: readonly string[] | undefined;
    readonly strategy?: (Method & { readonly option?: unknown; readonly model?: unknown }) | undefined;
  }[];
  readonly attacks: readonly (Method & { readonly name?: unknown })[];
  readonly verification?: Method | undefined;
  readonly models: readonly { readonly name: string }[];
}

interface Method {
  readonly kind: string;
}

interface Contradiction {
  readonly path: (string | number)[];
  readonly message: string;
}

export function conductContradictions(spec: ConductSpec): Contradiction[] {
  const names = spec.attacks.map(attackName);
  const repeated = names.flatMap((name, index): Contradiction[] =>
    names.indexOf(name) < index ? [{ path: ["attacks", index], message: `duplicate attack: ${name}` }] : [],
  );
  const ofGroups = spec.providers.flatMap(({ attacks = [], strategy }, group): Contradiction[] => [
    ...attacks.flatMap((name, index) =>
      names.includes(name)
        ? []
        : [{ path: ["providers", group, "attacks", index], message: unknownName("attack", name, names) }],
    ),
    ...strategyContradictions(strategy, names, spec, ["providers", group, "strategy"]),
  ]);
  return [...repeated, ...ofGroups, ...stakeContradictions(spec)];
}

function strategyContradictions(
  strategy: ConductSpec["providers"][number]["strategy"],
  attacks: readonly string[],
  { models }: ConductSpec,
  path: (string | number)[],
): Contradiction[] {
  if (strategy === undefined) return [];
  const { option, model } = strategy;
  const known = ["rest", "honest", ...attacks];
  const modelNames = models.map(({ name }) => name);
  return [
    ...(strategy.kind === "fixed" && typeof option === "string" && !known.includes(option)
      ? [{ path: [...path, "option"], message: unknownName("option", option, known) }]
      : []),
    ...(typeof model === "string" && !modelNames.includes(model)
      ? [{ path: [...path, "model"], message: unknownName("model", model, modelNames) }]
      : []),
  ];
}

/** Who slashes needs verdicts, and verdicts need somebody who checks. */
function stakeContradictions(spec: ConductSpec): Contradiction[] {
  const { mechanism, verification } = spec as ConductSpec & { readonly mechanism?: { readonly kind: string } };
  const isUnchecked = verification === undefined || verification.kind === "no-verification";
  if (!isUnchecked || mechanism === undefined || !kindsWithin(mechanism).includes("slashing")) return [];
  return [
    {
      path: ["mechanism"],
      message: "slashing without verification: nobody is ever found bad (expected verification: random-audit)",
    },
  ];
}

/** Kinds of a rule and of the rules within it. */
function kindsWithin(spec: unknown): string[] {
  if (typeof spec !== "object" || spec === null) return [];
  const own = (spec as { kind?: unknown }).kind;
  return [...(typeof own === "string" ? [own] : []), ...Object.values(spec).flatMap(kindsWithin)];
}
