/**
 * A small convolutional classifier: 3 x 3 convolutions of stride 1 that keep the size of the image, with rectified linear units
 * and residual connections between them (He, Zhang, Ren and Sun, CVPR 2016), and a dense head on all that comes out.
 * A row at a boundary is one image: [height, width, channels], flattened.
 */
import { z } from "zod";
import { type ModelPlan, type PartPlan, parameterPlan } from "./model-plan.ts";

export const convolutionalSpec = z
  .strictObject({
    kind: z.literal("convolutional"),
    imageSize: z.number().int().min(1).max(1024).default(8).describe("height and width of an image"),
    imageChannels: z.number().int().min(1).max(64).default(1),
    layers: z.number().int().min(1).max(1024).default(3).describe("convolutions after the first"),
    channels: z.number().int().min(1).max(4096).default(8).describe("of the convolutions"),
    classes: z.number().int().min(2).max(65_536).default(8),
  })
  .describe("a small convolutional classifier of square images");
export type ConvolutionalSpec = z.output<typeof convolutionalSpec>;

const kernelArea = 9;

export function convolutional(spec: ConvolutionalSpec): ModelPlan {
  const { imageSize, imageChannels, layers, channels, classes } = spec;
  const pixels = imageSize * imageSize;
  const layer = (name: string, shape: readonly [number, number], size: { rows: number; gain: number }): PartPlan => {
    const forwardFlop = 2 * size.rows * shape[0] * shape[1];
    return {
      name,
      parameters: [
        parameterPlan(`${name}.weights`, shape, { initial: { standardDeviation: Math.sqrt(size.gain / shape[0]) } }),
        parameterPlan(`${name}.bias`, [shape[1]], { initial: { constant: 0 } }),
      ],
      forwardFlop,
      backwardFlop: 2 * forwardFlop,
    };
  };
  const convolution = (name: string, inputs: number) =>
    layer(name, [kernelArea * inputs, channels], { rows: pixels, gain: 2 });
  const first = convolution("input", imageChannels);
  return {
    parts: [
      // The first layer passes no gradient on.
      { ...first, backwardFlop: first.forwardFlop },
      ...Array.from({ length: layers }, (_, block) => convolution(`blocks.${block}`, channels)),
      layer("head", [pixels * channels, classes], { rows: 1, gain: 1 }),
    ],
    blocks: layers,
    boundaryWidth: pixels * channels,
    rowsPerExample: 1,
    vocabulary: classes,
    features: pixels * imageChannels,
  };
}
