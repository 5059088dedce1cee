/** How weights begin: each parameter from a stream of its own, so that a stage begins as it would in the whole model. */
import type { Streams } from "@shardlab/random";
import { elementsOf, type ParameterPlan } from "../models/model-plan.ts";
import { type Projection, projectRows } from "./projection.ts";

/** Row-major; within the subspace where `projection` is given. */
export function initialWeights(
  plan: ParameterPlan,
  streams: Streams,
  projection: Projection | undefined,
): Float32Array {
  const { shape, initial, draws } = plan;
  const values = new Float32Array(elementsOf(shape));
  if ("constant" in initial) return values.fill(initial.constant);
  const stream = streams.stream(draws.stream, draws.entity);
  for (let i = 0; i < values.length; i++) values[i] = stream.normal(0, initial.standardDeviation);
  return projection === undefined ? values : projectRows(values, projection);
}
