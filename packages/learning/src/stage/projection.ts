/**
 * Weights within a subspace (Ramasinghe et al., "Protocol models: scaling decentralized training with communication-efficient
 * model parallelism", arXiv 2506.01260): what writes to the residual stream of the stages before the last keeps its rows in the
 * span of an orthonormal basis U, W <- W U U^T, so that all that crosses a boundary lies there too, but for a frozen part of the token
 * embedding that every stage knows. The gradients of these weights are projected likewise before the optimiser sees them: then
 * the projection of what crosses a boundary backwards takes nothing away either.
 */
import type { SubspaceConstraint } from "@shardlab/contracts";
import type { Tensor, Tensor2D } from "@tensorflow/tfjs-core";
import type { Backend } from "../backends/backend.ts";
import type { ModelPlan, ParameterPlan } from "../models/model-plan.ts";

/** @property basis [width, rank], orthonormal columns. */
export interface Projection {
  readonly width: number;
  readonly rank: number;
  readonly basis: Float32Array;
}

/** @throws Error `unsuitable constraint: ...` */
export function projectionOf(plan: ModelPlan, constraint: SubspaceConstraint): Projection {
  const { boundaryWidth: width, vocabulary } = plan;
  const { rank, basis, frozenEmbedding } = constraint;
  if (plan.features > 0) throw new Error("unsuitable constraint: a subspace (the model has no token embedding)");
  if (basis.length !== width * rank || frozenEmbedding.length !== vocabulary * width)
    throw new Error(
      `unsuitable constraint: a basis of ${basis.length} and an embedding of ${frozenEmbedding.length} elements for width ${width} and vocabulary ${vocabulary}`,
    );
  return { width, rank, basis };
}

/** Whether a parameter of a stage keeps within the subspace. One stage alone has no boundary, and nothing to keep. */
export const isProjected = (plan: ParameterPlan, { stage, stages }: { stage: number; stages: number }): boolean =>
  plan.writesToResidual && (stage < stages - 1 || (plan.isTied && stages > 1));

/** Rows of `values` [rows, width] within the span of the basis, in double precision. */
export function projectRows(values: Float32Array, { width, rank, basis }: Projection): Float32Array {
  const projected = new Float32Array(values.length);
  const coefficients = new Float64Array(rank);
  for (let first = 0; first < values.length; first += width) {
    coefficients.fill(0);
    for (let i = 0; i < width; i++)
      for (let k = 0; k < rank; k++) coefficients[k] += values[first + i] * basis[i * rank + k];
    for (let i = 0; i < width; i++) {
      let sum = 0;
      for (let k = 0; k < rank; k++) sum += coefficients[k] * basis[i * rank + k];
      projected[first + i] = sum;
    }
  }
  return projected;
}

/** The same on the backend: [rows, width], or a vector of the same elements. */
export const projectTensor = (backend: Backend, tensor: Tensor, basis: Tensor2D): Tensor =>
  backend.matMul(backend.matMul(tensor as Tensor2D, basis), basis, false, true);
