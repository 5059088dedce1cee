/** The strategies of a `game:` block as provider groups: what is wrong with them, and what they resolve to. */
import { alternatives, shown } from "@shardlab/contracts";
import { type Arms, narrowingFindings } from "./analyses.ts";
import type { AnalysisArm } from "./analysis-arms.ts";
import type { EconomyScenario } from "./economy-scenario.ts";
import type { Finding, Path } from "./fault.ts";
import type { GameSpec } from "./game-spec.ts";
import type { LoadedScenario } from "./loaded-scenario.ts";
import { economyOf } from "./scenario-spec.ts";
import { isRecord } from "./schema-place.ts";
import { type Setting, tryOut } from "./variation.ts";

type ProviderGroup = EconomyScenario["providers"][number];

/** The longest name of a provider group. */
const longestGroup = 40;

/** Fields that are the game's to decide. */
const decided: readonly string[] = ["group", "count"];

/** The name of the part of a group that plays a strategy. */
export const partOfGroup = (group: string, strategy: string): string => `${group}-${strategy}`;

/** What is wrong with a game, as far as its form is right: its arms, its group, and what its strategies change. */
export function gameFindings(raw: unknown, arms: Arms): readonly Finding[] {
  if (!isRecord(raw)) return [];
  return [...narrowingFindings(raw, "game", arms), ...choiceFindings(raw, arms)];
}

function choiceFindings(raw: Readonly<Record<string, unknown>>, arms: Arms): readonly Finding[] {
  if (typeof raw.group !== "string") return [];
  const { group } = raw;
  const document = arms.documents.find((candidate) => indexOfGroup(candidate.providers, group) >= 0);
  if (!document) {
    const known = arms.documents.flatMap(({ providers }) => groupNames(providers));
    const message = `unknown group: ${shown(group)}${alternatives(group, [...new Set(known)])}`;
    return known.length === 0 ? [] : [{ path: ["game", "group"], at: "value", message }];
  }
  const strategies = isRecord(raw.strategies) ? Object.entries(raw.strategies) : [];
  const names = groupNames(document.providers);
  return strategies.flatMap(([name, fields]): readonly Finding[] => {
    const at: Path = ["game", "strategies", name];
    const part = partOfGroup(group, name);
    if (part.length > longestGroup) {
      const message = `name too long: ${shown(part)} (expected at most ${longestGroup} characters with that of the group)`;
      return [{ path: at, at: "key", message }];
    }
    if (names.includes(part)) return [{ path: at, at: "key", message: `duplicate group: ${shown(part)}` }];
    if (!isRecord(fields)) return [];
    const taken = Object.keys(fields).filter((field) => decided.includes(field));
    if (taken.length > 0) {
      const message = `nothing to change: ${taken[0]} (the game decides it)`;
      return [{ path: [...at, taken[0] as string], at: "key", message }];
    }
    return tryOut({ ...arms, document }, settingsOf(document, group, { name, fields })).findings;
  });
}

const groupNames = (providers: unknown): string[] =>
  (Array.isArray(providers) ? providers : []).flatMap((one: unknown) =>
    isRecord(one) && typeof one.group === "string" ? [one.group] : [],
  );

const indexOfGroup = (providers: unknown, group: string): number =>
  Array.isArray(providers) ? providers.findIndex((one: unknown) => isRecord(one) && one.group === group) : -1;

function settingsOf(
  document: Readonly<Record<string, unknown>>,
  group: string,
  { name, fields }: { readonly name: string; readonly fields: Readonly<Record<string, unknown>> },
): Setting[] {
  const index = indexOfGroup(document.providers, group);
  return Object.entries(fields).map(([field, value]) => {
    const writtenAt: Path = ["game", "strategies", name, field];
    return { path: `providers.${index}.${field}`, value, writtenAt, pathAt: writtenAt };
  });
}

/**
 * The group of a game as each strategy has it in one arm, resolved, in the order of the file. Each still has the name and the
 * count of the whole group.
 *
 * @throws Error `no group ...` where the arm has no such group, which one of the sweep's points may lack.
 */
export function strategyGroups(
  loaded: LoadedScenario,
  game: GameSpec,
  { point, scenario }: AnalysisArm,
): ReadonlyMap<string, ProviderGroup> {
  const { document } = point;
  const { group, strategies } = game;
  const index = indexOfGroup(document.providers, group);
  if (index < 0) throw new Error(`no group ${group} in ${Object.values(point.coordinates).join(", ")}`);
  const present = economyOf(scenario).providers[index] as ProviderGroup;
  return new Map(
    Object.entries(strategies).map(([name, fields]) => {
      const ground = { document, language: loaded.language, known: new Set<string>() };
      const trial = tryOut(ground, settingsOf(document, group, { name, fields }));
      if (!trial.resolved) throw new Error(`invalid strategy: ${name} (${trial.findings[0]?.message ?? "unresolved"})`);
      const changed = economyOf(trial.resolved).providers[index] as ProviderGroup;
      // What `with` says of the group holds too, except where the strategy speaks itself.
      const own = Object.keys(fields).map((field) => field.split(".")[0] as keyof ProviderGroup);
      return [name, { ...present, ...Object.fromEntries(own.map((field) => [field, changed[field]])) }];
    }),
  );
}
