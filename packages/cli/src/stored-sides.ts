/** Finds the stored experiment and arm that a person named. */

import { existsSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { alternatives } from "@shardlab/contracts";
import { InputError } from "./input-error.ts";

export interface NamedSide {
  readonly directory: string;
  readonly selector: string | undefined;
}

const isExperiment = (directory: string): boolean => existsSync(join(directory, "experiment.json"));

function experimentsIn(out: string): string[] {
  if (!existsSync(out)) return [];
  return readdirSync(out, { withFileTypes: true })
    .filter((entry) => entry.isDirectory() && isExperiment(join(out, entry.name)))
    .map(({ name }) => name)
    .sort();
}

function directoryOf(name: string, out: string): string {
  for (const candidate of [join(out, name), name]) if (isExperiment(candidate)) return candidate;
  const known = experimentsIn(out);
  const expected = known.length > 0 ? alternatives(name, known) : ` (nothing is stored in ${out})`;
  throw new InputError(`unknown experiment: ${name}${expected}`);
}

/**
 * Reads `EXPERIMENT[:ARM][@DIR]`; without an experiment it is that of `other`.
 *
 * @throws InputError with the experiments there are.
 */
export function namedSide(text: string, out: string, other?: NamedSide): NamedSide {
  const at = text.lastIndexOf("@");
  const [named, folder] = at > 0 ? [text.slice(0, at), text.slice(at + 1)] : [text, out];
  if (isExperiment(named)) return { directory: named, selector: undefined };
  const colon = named.indexOf(":");
  const [name, selector] = colon < 0 ? [named, undefined] : [named.slice(0, colon), named.slice(colon + 1)];
  if (selector === "") throw new InputError(`no arm after the colon: ${text}`);
  if (name === "" && other) return { directory: other.directory, selector };
  if (name === "") throw new InputError(`no experiment: ${text} (expected EXPERIMENT or EXPERIMENT:ARM)`);
  return { directory: directoryOf(name, folder), selector };
}
