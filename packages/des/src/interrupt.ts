/** What is thrown into a process that another one interrupts. */

export class Interrupt<Cause = unknown> extends Error {
  override readonly name = "Interrupt";
  declare readonly cause: Cause;

  constructor(cause: Cause) {
    super(cause === undefined ? "interrupted" : `interrupted: ${String(cause)}`, { cause });
  }
}
