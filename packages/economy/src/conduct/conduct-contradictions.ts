/** What a scenario says of conduct that does not go together. */
import { type Kinded, kindsWithin, unknownName } from "@shardlab/contracts";
import { attackName } from "./conduct-spec.ts";
import { type StakingGroup, stakeContradictions } from "./stake-contradictions.ts";

/** The part of an economy's spec that speaks of conduct. */
interface ConductSpec {
  readonly providers: readonly (StakingGroup & {
    readonly attacks?: readonly string[] | undefined;
    readonly strategy?: (Method & { readonly option?: unknown; readonly model?: unknown }) | undefined;
  })[];
  readonly attacks: readonly (Method & { readonly name?: unknown; readonly detection?: unknown })[];
  readonly verification?: (Method & { readonly falsePositive?: unknown; readonly sharpness?: unknown }) | undefined;
  readonly training: { readonly utilization: number; readonly communication: number };
  readonly models: readonly { readonly name: string }[];
}

interface Method {
  readonly kind: string;
}

interface Contradiction {
  readonly path: (string | number)[];
  readonly message: string;
}

/** What a provider can do besides attacks, by the names that strategies use. */
const optionsBesides: readonly string[] = ["rest", "honest"];

export function conductContradictions(spec: ConductSpec): Contradiction[] {
  const names = spec.attacks.map(attackName);
  const repeated = names.flatMap((name, index): Contradiction[] =>
    names.indexOf(name) < index ? [{ path: ["attacks", index], message: `duplicate attack: ${name}` }] : [],
  );
  const taken = names.flatMap((name, index): Contradiction[] =>
    optionsBesides.includes(name)
      ? [
          {
            path: ["attacks", index, "name"],
            message: `name of an option that is no attack: ${name} (expected another)`,
          },
        ]
      : [],
  );
  const ofGroups = spec.providers.flatMap(({ attacks, strategy }, group): Contradiction[] => [
    ...(attacks ?? []).flatMap((name, index) =>
      names.includes(name)
        ? []
        : [{ path: ["providers", group, "attacks", index], message: unknownName("attack", name, names) }],
    ),
    ...strategyContradictions(strategy, attacks ?? names, spec, ["providers", group, "strategy"]),
  ]);
  return [...repeated, ...taken, ...ofGroups, ...checkContradictions(spec), ...mechanismContradictions(spec)];
}

function strategyContradictions(
  strategy: ConductSpec["providers"][number]["strategy"],
  attacks: readonly string[],
  { models }: ConductSpec,
  path: (string | number)[],
): Contradiction[] {
  if (strategy === undefined) return [];
  const { option, model } = strategy;
  const known = [...optionsBesides, ...attacks];
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

/** Audits that find honest work bad more often than any cheating punish honesty. */
function checkContradictions({ attacks, verification }: ConductSpec): Contradiction[] {
  const { falsePositive, sharpness } = verification ?? {};
  const detections = attacks.flatMap(({ detection }) => (typeof detection === "number" ? [detection] : []));
  if (typeof falsePositive !== "number" || typeof sharpness !== "number" || detections.length === 0) return [];
  const most = Math.min(1, sharpness * Math.max(...detections));
  if (falsePositive === 0 || falsePositive <= most) return [];
  const path = ["verification", "falsePositive"];
  const expected = `expected at most ${most}, the largest chance to find an attack`;
  return [{ path, message: `falsePositive above every detection: ${falsePositive} (${expected})` }];
}

/** Rules that take something from whoever is found bad. */
const taking = ["slashing", "escrow"];

/** Who slashes needs verdicts, and verdicts need somebody who checks. */
function mechanismContradictions(spec: ConductSpec): Contradiction[] {
  const { mechanism, verification } = spec as ConductSpec & { readonly mechanism?: Kinded };
  if (mechanism === undefined) return [];
  const isUnchecked = verification === undefined || verification.kind === "no-verification";
  const kind = isUnchecked ? kindsWithin(mechanism).find((one) => taking.includes(one)) : undefined;
  const message = `${kind} without verification: nobody is ever found bad (expected verification: random-audit)`;
  return [
    ...(kind === undefined ? [] : [{ path: ["mechanism"], message }]),
    ...stakeContradictions(mechanism, spec.providers, spec.training),
  ];
}
