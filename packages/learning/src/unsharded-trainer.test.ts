/** The trainer that sharded runs are compared with, where replicas are many. */
import { expect, test } from "vitest";
import { openBackend } from "./backends/index.ts";
import { model, training } from "./fixtures/stage-chain.ts";
import { UnshardedTrainer } from "./unsharded-trainer.ts";

test("a replica without a microbatch adds nothing", async () => {
  const backend = await openBackend({ kind: "cpu" });
  const options = { backend, model, training, seed: 3, microbatches: 2, stages: 2 };
  const [few, many] = [2, 5].map((replicas) => new UnshardedTrainer({ ...options, replicas }));
  for (let update = 0; update < 2; update++) expect(await many.update(update)).toEqual(await few.update(update));
  for (const name of few.parameterNames) expect(await many.weights(name)).toEqual(await few.weights(name));
  for (const trainer of [few, many]) trainer.dispose();
  backend.dispose();
});
