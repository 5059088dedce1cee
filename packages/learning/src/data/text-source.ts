/** Text as data: one long row of tokens, its last part held out, windows of it drawn at random. */
import type { DataSplit } from "@shardlab/contracts";
import { z } from "zod";
import { type BatchId, batchUniforms, type DataContext, type DataSource } from "./data-source.ts";

export const textFields = {
  heldOut: z
    .number()
    .min(0.001)
    .max(0.9)
    .default(0.1)
    .describe("share of the text, at its end, that is never trained on"),
} as const;

/**
 * Microbatches of `text`: windows of context + 1 tokens, each beginning anywhere in its split. No window reaches over the
 * border between the splits, which lies between two characters.
 * @throws Error `text too short: ...`, `unsuitable data: ...`
 */
export function textSource(text: string, heldOut: number, context: DataContext): DataSource {
  const { plan, microbatchSize, streams } = context;
  if (plan.features > 0) throw new Error("unsuitable data: text (the model classifies vectors)");
  const border = borderOf(text, heldOut);
  const tokenizer = context.tokenizer(() => text.slice(0, border));
  const splits: Readonly<Record<DataSplit, Uint16Array>> = {
    training: tokenizer.encode(text.slice(0, border)),
    "held-out": tokenizer.encode(text.slice(border)),
  };
  const length = plan.rowsPerExample;
  for (const [split, { length: tokens }] of Object.entries(splits))
    if (tokens <= length)
      throw new Error(`text too short: ${tokens} tokens of ${split} data for a context of ${length}`);
  return {
    batch: (id: BatchId) => {
      const uniform = batchUniforms(streams, id);
      const all = splits[id.split];
      const tokens = new Int32Array(microbatchSize * length);
      const targets = new Int32Array(microbatchSize * length);
      for (let example = 0; example < microbatchSize; example++) {
        const start = Math.floor(uniform(example) * (all.length - length));
        tokens.set(all.subarray(start, start + length), example * length);
        targets.set(all.subarray(start + 1, start + 1 + length), example * length);
      }
      return { tokens, targets, features: new Float32Array(0) };
    },
  };
}

/** Where the held-out part begins; never in the middle of a character of two code units. */
function borderOf(text: string, heldOut: number): number {
  const border = Math.floor(text.length * (1 - heldOut));
  const unit = text.charCodeAt(border);
  return unit >= 0xdc00 && unit <= 0xdfff ? border + 1 : border;
}
