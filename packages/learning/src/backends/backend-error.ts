/** What stands in the way of a backend and what a person can do about it, in one line. */
export class BackendError extends Error {
  override readonly name = "BackendError";
}
