/** A convolutional classifier on a backend. */
import type { Backend } from "../backends/backend.ts";
import { convolution } from "../layers/convolution.ts";
import { dense } from "../layers/dense.ts";
import { residual } from "../layers/layer.ts";
import type { ConvolutionalSpec } from "../models/convolutional.ts";
import { headPart } from "./head-part.ts";
import { featurePart, innerPart, type Parts } from "./part.ts";

export function convolutionalParts(spec: ConvolutionalSpec, backend: Backend): Parts {
  const { imageSize, imageChannels, layers, channels } = spec;
  const first = convolution(backend, { imageSize, inputs: imageChannels });
  const inner = convolution(backend, { imageSize, inputs: channels });
  const blocks = Array.from({ length: layers }, () => innerPart(backend, residual(backend, inner)));
  const head = headPart(backend, dense(backend, false));
  return { parts: [featurePart(backend, first), ...blocks, head], dispose: () => {} };
}
