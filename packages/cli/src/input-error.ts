/** What is wrong with what a person gave the command: printed as it is, exit code 2, no stack trace. */
export class InputError extends Error {
  override readonly name = "InputError";
}
