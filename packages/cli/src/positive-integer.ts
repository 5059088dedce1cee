import { InvalidArgumentError } from "commander";

/** Reads the argument of an option. @throws InvalidArgumentError for anything but a whole number of at least 1 */
export function positiveInteger(text: string): number {
  const value = Number(text);
  if (!Number.isInteger(value) || value < 1) throw new InvalidArgumentError("expected a whole number of at least 1.");
  return value;
}
