/** The forms that a scenario may have, and which of them a document is meant in. */
import { type EconomyScenario, type EconomyScenarioSpec, economyScenarioSpec } from "./economy-scenario.ts";
import { type SwarmScenario, type SwarmScenarioSpec, swarmScenarioSpec } from "./swarm-spec.ts";

export type ScenarioSpec = EconomyScenarioSpec | SwarmScenarioSpec;

/** A resolved scenario: every default filled in, every quantity in SI. */
export type Scenario = EconomyScenario | SwarmScenario;

/** The economy in epochs, or the swarm, simulated event by event or on real processes. */
export type ScenarioForm = "economy" | "swarm";

export const scenarioForms = { economy: economyScenarioSpec, swarm: swarmScenarioSpec } as const;

export const isSwarm = (scenario: Scenario): scenario is SwarmScenario => scenario.resolution === "events";
export const isEconomy = (scenario: Scenario): scenario is EconomyScenario => scenario.resolution === "epochs";

/** @throws Error `not a scenario of the economy: ...` */
export function economyOf(scenario: Scenario): EconomyScenario {
  if (isEconomy(scenario)) return scenario;
  throw new Error(`not a scenario of the economy: ${scenario.engine}, ${scenario.resolution}`);
}

/** The schema that a resolved scenario was resolved by, plugins apart. */
export const specOf = (scenario: Scenario): ScenarioSpec => scenarioForms[isSwarm(scenario) ? "swarm" : "economy"];

const keysOf = (form: ScenarioForm): readonly string[] => Object.keys(scenarioForms[form].shape);

/** Keys that one form has and the other lacks. */
export const keysOfOneForm = (form: ScenarioForm): readonly string[] =>
  keysOf(form).filter((key) => !keysOf(form === "swarm" ? "economy" : "swarm").includes(key));

/**
 * The form that a document is meant in, whatever is wrong with it: what it says under `resolution`; else the form of which it
 * has more keys that the other lacks; else what it says under `engine`.
 */
export function formOf(document: Readonly<Record<string, unknown>>): ScenarioForm {
  if (document.resolution === "events") return "swarm";
  if (document.resolution === "epochs") return "economy";
  const count = (form: ScenarioForm): number =>
    keysOfOneForm(form).filter((key) => Object.hasOwn(document, key)).length;
  const lead = count("swarm") - count("economy");
  return lead > 0 || (lead === 0 && document.engine === "hardware") ? "swarm" : "economy";
}
