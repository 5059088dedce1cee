/** A multilayer perceptron on a backend. */
import type { Backend } from "../backends/backend.ts";
import { dense } from "../layers/dense.ts";
import type { MlpSpec } from "../models/mlp.ts";
import { headPart } from "./head-part.ts";
import { featurePart, innerPart, type Parts } from "./part.ts";

export function mlpParts({ layers }: MlpSpec, backend: Backend): Parts {
  const hidden = dense(backend, true);
  const blocks = Array.from({ length: layers }, () => innerPart(backend, hidden));
  const head = headPart(backend, dense(backend, false));
  return { parts: [featurePart(backend, hidden), ...blocks, head], dispose: () => {} };
}
