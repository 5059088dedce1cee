/** What a person can act on: an unknown arm, a misspelt measure, a range that makes no sense. One line, no stack. */
export class ExperimentError extends Error {
  override readonly name = "ExperimentError";
}
