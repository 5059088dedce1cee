/** Overrides from the command line: `market.growth=20 %/y`, `seeds.count=5`, `mechanism=grant`. */
import { shorten } from "@shardlab/contracts";
import type { z } from "zod";
import { select, setAt } from "./dotted-path.ts";
import type { Fault, Path } from "./fault.ts";
import { settingValue } from "./variation.ts";
import { readYaml } from "./yaml-source.ts";

/** A place that an override has set. */
export interface Overridden {
  readonly at: Path;
  /** The dotted path as it was given. */
  readonly path: string;
}

/** A fault of an override; it stands in no file. */
export const overrideFault = (path: string, message: string): Fault => ({
  line: 0,
  column: 0,
  path,
  message: `--set ${shorten(path)}: ${message}`,
});

export interface OverrideResult {
  readonly document: unknown;
  readonly overridden: readonly Overridden[];
  readonly faults: readonly Fault[];
}

/** `document` with overrides applied in order; values are read as YAML. */
export function applyOverrides(
  document: unknown,
  overrides: readonly string[],
  schema: z.core.$ZodType,
): OverrideResult {
  const overridden: Overridden[] = [];
  const faults: Fault[] = [];
  let current = document;
  for (const override of overrides) {
    const split = override.indexOf("=");
    const path = override.slice(0, Math.max(split, 0)).trim();
    if (path === "") {
      faults.push(overrideFault(override, "no path and value (expected PATH=VALUE, such as market.growth=20 %/y)"));
      continue;
    }
    const read = readYaml(override.slice(split + 1));
    if (read.faults.length > 0 || read.document === undefined) {
      const problem = override.slice(split + 1).trim() === "" ? "no value" : (read.faults[0]?.message ?? "no value");
      faults.push(overrideFault(path, problem));
      continue;
    }
    const selected = select({ schema, value: current }, path);
    if ("fault" in selected) {
      faults.push(overrideFault(path, selected.fault));
      continue;
    }
    for (const { path: at, place } of selected) {
      current = setAt({ schema, value: current }, at, settingValue(place, read.document));
      overridden.push({ at, path });
    }
  }
  return { document: current, overridden, faults };
}
