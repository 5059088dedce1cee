/** Which parameters a stage holds, and where each is in its flattened gradient. */
import { elementsOf, type ModelPlan, type ParameterPlan } from "../models/model-plan.ts";
import { cutIntoStages, type StageParts } from "../stage-cut.ts";

/**
 * A stretch of the flattened gradient: what one part adds to one parameter. A single stage has two for a matrix that its first and
 * last part share, as several stages would, so that sums over replicas have the same order.
 */
export interface GradientSlot {
  readonly name: string;
  /** Index in `parameters`. */
  readonly parameter: number;
  readonly firstElement: number;
  readonly elementCount: number;
}

/**
 * @property parameters of the stage, in order, each once.
 * @property slots in the order of the parts and their parameters.
 * @property slotsOfPart for each part of the stage, the slots of its weights.
 * @property tiedSlot the slot of the matrix that another stage shares, or undefined.
 * @property countsTied false at the last stage, whose copy of a shared matrix is left out of the gradient's norm.
 */
export interface ShardLayout {
  readonly stage: number;
  readonly stages: number;
  readonly range: StageParts;
  readonly isFirst: boolean;
  readonly isLast: boolean;
  readonly parameters: readonly ParameterPlan[];
  readonly slots: readonly GradientSlot[];
  readonly slotsOfPart: readonly (readonly GradientSlot[])[];
  readonly elementCount: number;
  readonly tiedSlot: GradientSlot | undefined;
}

/** @throws Error `too many stages: ...`, `unknown stage: ...` */
export function shardLayout(plan: ModelPlan, stage: number, stages: number): ShardLayout {
  const range = cutIntoStages(plan, stages)[stage];
  if (range === undefined) throw new Error(`unknown stage: ${stage} of ${stages}`);
  const parameters: ParameterPlan[] = [];
  const slots: GradientSlot[] = [];
  let firstElement = 0;
  const slotsOfPart = plan.parts.slice(range.firstPart, range.endPart).map((part) =>
    part.parameters.map((wanted) => {
      const known = parameters.findIndex(({ name }) => name === wanted.name);
      if (known < 0) parameters.push(wanted);
      const elementCount = elementsOf(wanted.shape);
      const slot: GradientSlot = {
        ...{ name: known < 0 ? wanted.name : `${wanted.name} as head`, firstElement, elementCount },
        parameter: known < 0 ? parameters.length - 1 : known,
      };
      firstElement += elementCount;
      slots.push(slot);
      return slot;
    }),
  );
  return {
    ...{ stage, stages, range, parameters, slots, slotsOfPart },
    isFirst: range.firstPart === 0,
    isLast: range.endPart === plan.parts.length,
    elementCount: firstElement,
    tiedSlot: stages === 1 ? undefined : slots.find(({ parameter }) => parameters[parameter].isTied),
  };
}
