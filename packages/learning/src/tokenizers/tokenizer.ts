/** The contract of a tokenizer: text to ids below `vocabulary`, and back without loss. */
export interface Tokenizer {
  /** Ids are below this. */
  readonly vocabulary: number;
  encode(text: string): Uint16Array;
  decode(ids: ArrayLike<number>): string;
}

/**
 * @property vocabulary ids that the model knows.
 * @property sample text that stands for what will be encoded; read at most once.
 */
export interface TokenizerContext {
  readonly vocabulary: number;
  readonly sample: () => string;
}
