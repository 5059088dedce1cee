/** What the distributions that take more than one draw need of a stream. */
export interface UniformSource {
  /** Uniform on [0, 1). */
  uniform(): number;
  /** Uniform on (0, 1). */
  uniformOpen(): number;
  /** Standard normal. */
  normal(): number;
}
