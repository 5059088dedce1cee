/** When and by how much expectations fall, for every kind of belief. */
import { epochsOf } from "../epoch.ts";
import type { BeliefInput, Beliefs } from "../valuation.ts";

/** The beliefs of a scenario, as far as they may fall. */
export interface FallibleBeliefs {
  readonly kind: "adaptive" | "optimistic" | "rational";
  readonly factor?: number;
  readonly until?: number;
  readonly afterwards?: number;
  readonly shock?: { readonly day: number; readonly factor: number };
}

export interface Fall {
  readonly epoch: number;
  /** What is believed after it in what was believed before. */
  readonly factor: number;
}

/** The fall that these beliefs are to take; none unless the scenario names one. */
export function fallOf(beliefs: FallibleBeliefs): Fall | undefined {
  if (beliefs.kind === "optimistic") {
    if (beliefs.until === undefined) return undefined;
    return { epoch: epochsOf(beliefs.until), factor: (beliefs.afterwards ?? 1) / (beliefs.factor ?? 1) };
  }
  return beliefs.shock && { epoch: epochsOf(beliefs.shock.day), factor: beliefs.shock.factor };
}

/**
 * Beliefs of those who forecast rightly and then, from one day on, take a unit to be worth `factor` times what they forecast.
 * Nobody foresees the fall, and the institution does not share it: the forecast is made without it.
 */
export function fallingBeliefs(beliefs: Beliefs, fall: Fall): Beliefs {
  const unitValue = new Float64Array(beliefs.unitValue.length);
  const dataUnitValue = new Float64Array(beliefs.dataUnitValue.length);
  const revise = (input: BeliefInput): void => {
    beliefs.revise(input);
    const factor = input.epoch >= fall.epoch ? fall.factor : 1;
    for (let i = 0; i < unitValue.length; i++) unitValue[i] = factor * beliefs.unitValue[i];
    for (let i = 0; i < dataUnitValue.length; i++) dataUnitValue[i] = factor * beliefs.dataUnitValue[i];
  };
  return { kind: beliefs.kind, unitValue, dataUnitValue, expectedValue: beliefs.expectedValue, revise };
}
