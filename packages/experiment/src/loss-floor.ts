/** The loss that no model gets below, where it is known. */
import { createDataSource } from "@shardlab/learning/data/registry";
import { planModel } from "@shardlab/learning/spec";
import { createStreams } from "@shardlab/random";
import { hasLossFloor, type SwarmScenario } from "@shardlab/scenario";

/** The least expected loss on the data, in nats per token; undefined for data of which nobody knows it, such as texts. */
export function lossFloorOf(scenario: SwarmScenario, seed: number): number | undefined {
  if (!hasLossFloor(scenario)) return undefined;
  const { model, training } = scenario;
  const { data, microbatchSize } = training;
  const unused = (): never => {
    throw new Error(`text among data of symbols: ${data.kind}`);
  };
  const context = { plan: planModel(model), microbatchSize, streams: createStreams(seed), tokenizer: unused };
  return createDataSource(data, context).lossFloor;
}
