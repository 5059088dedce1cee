/** What readers of an experiment's results need to know of its plan; stored in `experiment.json`. */
import type { ModelCheck } from "@shardlab/contracts";
import { modelChecks } from "@shardlab/economy";
import { type Coordinate, type JsonObject, runIdOf, writeExperiment } from "@shardlab/results";
import { isEconomy, isSwarm, scenarioHash } from "@shardlab/scenario";
import type { ClaimDesign } from "./claim-design.ts";
import type { Plan } from "./plan.ts";

/**
 * @property challenger the arm that the others are compared with; null with a single arm.
 * @property yesIf what a yes to the question means; null for a question that is not of that kind.
 * @property measures those to show, in order; null for all.
 * @property checks where the world's models were checked against published figures.
 * @property runs ids of every run of the plan: other folders beside them belong to earlier versions of the scenario.
 */
export interface ExperimentDesign {
  readonly scenarioHash: string;
  readonly modelHash: string;
  readonly challenger: string | null;
  readonly yesIf: "challenger-leads" | null;
  readonly measures: readonly string[] | null;
  readonly arms: readonly { readonly label: string; readonly coordinates: Readonly<Record<string, Coordinate>> }[];
  readonly sensitivity: { readonly measure: string; readonly parameters: readonly string[] } | null;
  readonly frontier: FrontierPaths | null;
  readonly claim: ClaimDesign | null;
  readonly runs: readonly string[];
  readonly checks: readonly ModelCheck[];
}

/** The arm that is tried, and the dotted paths of the axis, the lines and the searched parameter. */
export interface FrontierPaths {
  readonly challenger: string;
  readonly over: string;
  readonly lines: string;
  readonly find: string;
  readonly measure: string;
}

/**
 * In the economy the frontier's challenger, else the arm with the mechanism that the scenario itself names, else the first
 * arm. In the swarm the arm that the scenario itself describes: engines do not compete, and nor do arms among which it is not.
 */
function challengerOf({ scenario, arms, scenarioHash: own }: Plan): string | null {
  if (arms.length < 2) return null;
  if (isSwarm(scenario)) {
    const isOneEngine = arms.every((arm) => arm.scenario.engine === scenario.engine);
    return (isOneEngine && arms.find((arm) => scenarioHash(arm.scenario) === own)?.label) || null;
  }
  const mechanism = JSON.stringify(scenario.mechanism);
  const named = arms.find((arm) => isEconomy(arm.scenario) && JSON.stringify(arm.scenario.mechanism) === mechanism);
  return scenario.frontier?.challenger ?? (named ?? arms[0]).label;
}

export function designOf(plan: Plan): ExperimentDesign {
  const { scenario, arms, tasks, scenarioHash, modelHash } = plan;
  const { sensitivity, frontier } = scenario;
  return {
    scenarioHash,
    modelHash,
    challenger: challengerOf(plan),
    yesIf: scenario.yesIf ?? null,
    measures: scenario.measure ?? null,
    arms: arms.map(({ label, coordinates }) => ({ label, coordinates })),
    sensitivity: sensitivity ? { measure: sensitivity.measure, parameters: Object.keys(sensitivity.parameters) } : null,
    frontier: frontier
      ? {
          challenger: frontier.challenger,
          over: frontier.over.path,
          lines: frontier.lines.path,
          find: frontier.find.path,
          measure: frontier.measure,
        }
      : null,
    claim: plan.claim,
    runs: tasks.map(({ runHash }) => runIdOf(runHash)),
    checks: isEconomy(scenario) ? modelChecks() : [],
  };
}

/** Writes `experiment.json`: card, design, and what was found, so that the folder tells its story without the scenario. */
export function recordExperiment(directory: string, plan: Plan, summary: object): void {
  const { question, expect, reference, runningTime } = plan.scenario;
  writeExperiment(directory, {
    name: plan.experiment,
    card: { question, expect, reference, runningTime },
    design: designOf(plan) as unknown as JsonObject,
    summary: summary as JsonObject,
  });
}
