/**
 * A multilayer perceptron for classification: dense layers with rectified linear units, and a dense head. Matrices begin with
 * standard deviation sqrt(2 / inputs) (He, Zhang, Ren and Sun, ICCV 2015), the head with 1 / sqrt(inputs).
 */
import { z } from "zod";
import { type ModelPlan, type PartPlan, parameterPlan } from "./model-plan.ts";

export const mlpSpec = z
  .strictObject({
    kind: z.literal("mlp"),
    features: z.number().int().min(1).max(65_536).default(32).describe("numbers of an example"),
    layers: z.number().int().min(1).max(1024).default(4).describe("hidden layers after the first"),
    width: z.number().int().min(1).max(65_536).default(64).describe("units of a hidden layer"),
    classes: z.number().int().min(2).max(65_536).default(8),
  })
  .describe("a multilayer perceptron that classifies vectors");
export type MlpSpec = z.output<typeof mlpSpec>;

export function mlp({ features, layers, width, classes }: MlpSpec): ModelPlan {
  const dense = (name: string, shape: readonly [number, number], gain: number): PartPlan => {
    const forwardFlop = 2 * shape[0] * shape[1];
    return {
      name,
      parameters: [
        parameterPlan(`${name}.weights`, shape, { initial: { standardDeviation: Math.sqrt(gain / shape[0]) } }),
        parameterPlan(`${name}.bias`, [shape[1]], { initial: { constant: 0 } }),
      ],
      forwardFlop,
      backwardFlop: 2 * forwardFlop,
    };
  };
  const first = dense("input", [features, width], 2);
  return {
    parts: [
      // The first layer passes no gradient on.
      { ...first, backwardFlop: first.forwardFlop },
      ...Array.from({ length: layers }, (_, block) => dense(`blocks.${block}`, [width, width], 2)),
      dense("head", [width, classes], 1),
    ],
    blocks: layers,
    boundaryWidth: width,
    rowsPerExample: 1,
    vocabulary: classes,
    features,
  };
}
