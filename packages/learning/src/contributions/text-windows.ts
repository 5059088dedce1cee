/** Windows of several texts in one batch, for models that read bytes. */
import type { RandomStream } from "@shardlab/random";
import type { Batch } from "../data/data-source.ts";

/** UTF-8 bytes of a text, each a token. */
export type TextBytes = Uint8Array;

/**
 * @property texts each window is of one of them, all alike likely.
 * @property context tokens of a window.
 */
export interface WindowsOptions {
  readonly texts: readonly TextBytes[];
  readonly context: number;
  readonly windows: number;
}

/**
 * Windows that begin anywhere in a text drawn at random; two draws each.
 * @throws Error `text too short: ...`, `missing input: texts`
 */
export function drawWindows({ texts, context, windows }: WindowsOptions, draws: RandomStream): Batch {
  if (texts.length === 0) throw new Error("missing input: texts");
  const tokens = new Int32Array(windows * context);
  const targets = new Int32Array(windows * context);
  for (let window = 0; window < windows; window++) {
    const text = texts[Math.floor(draws.uniform() * texts.length)];
    if (text.length <= context) throw new Error(`text too short: ${text.length} tokens for a context of ${context}`);
    const start = Math.floor(draws.uniform() * (text.length - context));
    tokens.set(text.subarray(start, start + context), window * context);
    targets.set(text.subarray(start + 1, start + 1 + context), window * context);
  }
  return { tokens, targets, features: new Float32Array(0) };
}

/** Equally many windows of each text at equal distances, the same in every run: what models are judged by. */
export function evenWindows({ texts, context, windows }: WindowsOptions): Batch {
  if (texts.length === 0) throw new Error("missing input: texts");
  const each = Math.ceil(windows / texts.length);
  const tokens = new Int32Array(each * texts.length * context);
  const targets = new Int32Array(tokens.length);
  for (const [index, text] of texts.entries()) {
    if (text.length <= context) throw new Error(`text too short: ${text.length} tokens for a context of ${context}`);
    for (let window = 0; window < each; window++) {
      const start = Math.floor((window * (text.length - context)) / each);
      const at = (index * each + window) * context;
      tokens.set(text.subarray(start, start + context), at);
      targets.set(text.subarray(start + 1, start + 1 + context), at);
    }
  }
  return { tokens, targets, features: new Float32Array(0) };
}
