/** A claim as its runs put it to the test. */
import { analysisArms, armLabel, type ClaimSpec, type LoadedScenario, resolvedNumber } from "@shardlab/scenario";

/**
 * A parameter of the region: its dotted path, and its range in SI.
 *
 * @property label what figures call it, where the file gives it a name.
 * @property written the lower end as the file writes it, such as `$5B/y`, which tells the unit to write values in.
 */
export interface RegionParameter {
  readonly path: string;
  readonly label?: string;
  readonly written?: string;
  readonly low: number;
  readonly high: number;
  readonly scale: "linear" | "log";
}

/**
 * What is stored of a claim with its runs.
 *
 * @property criteria what each part says, and the relation of measures that it stands for; the claim is true where all hold.
 * @property arms labels of the arms that were run.
 * @property draws rows of the Saltelli design; the region is judged by twice as many points.
 * @property seeds runs of each point.
 */
export interface ClaimDesign {
  readonly number: number;
  readonly statement: string;
  readonly source: string | null;
  readonly criteria: readonly { readonly says: string; readonly holds: string }[];
  readonly region: readonly RegionParameter[];
  readonly arms: readonly string[];
  readonly draws: number;
  readonly seeds: number;
}

export function claimDesign(loaded: LoadedScenario, claim: ClaimSpec): ClaimDesign {
  const { number, statement, source, criteria, draws, seeds, region } = claim;
  return {
    ...{ number, statement, source: source ?? null, criteria, draws, seeds },
    arms: analysisArms(loaded, claim).map(({ point }) => armLabel(point)),
    region: Object.entries(region).map(([path, { low, high, scale, label }]): RegionParameter => {
      const range = { low: resolvedNumber(loaded, path, low), high: resolvedNumber(loaded, path, high) };
      const named = label === undefined ? {} : { label };
      return { path, scale, ...range, ...named, ...(typeof low === "string" ? { written: low } : {}) };
    }),
  };
}
