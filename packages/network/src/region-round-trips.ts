/** Round trips between regions of the world over a backbone, without access links. Sorted by kind. */
import { type Source, unknownName } from "@shardlab/contracts";

/** One region, with the data centre whose measurements stand for it. */
export interface NetworkRegion {
  readonly kind: string;
  readonly measuredAt: string;
}

export const networkRegions: readonly NetworkRegion[] = [
  { kind: "australia", measuredAt: "Australia East (New South Wales)" },
  { kind: "brazil", measuredAt: "Brazil South (São Paulo state)" },
  { kind: "germany", measuredAt: "Germany West Central (Frankfurt)" },
  { kind: "gulf", measuredAt: "UAE North (Dubai)" },
  { kind: "india", measuredAt: "Central India (Pune)" },
  { kind: "japan", measuredAt: "Japan East (Tokyo, Saitama)" },
  { kind: "singapore", measuredAt: "Southeast Asia (Singapore)" },
  { kind: "south-africa", measuredAt: "South Africa North (Johannesburg)" },
  { kind: "united-kingdom", measuredAt: "UK South (London)" },
  { kind: "us-central", measuredAt: "Central US (Iowa)" },
  { kind: "us-east", measuredAt: "East US (Virginia)" },
  { kind: "us-west", measuredAt: "West US (California)" },
];

export const networkRegionKinds: readonly string[] = networkRegions.map(({ kind }) => kind);

/**
 * Medians over 30 days between Azure's data centres; consumers' routes are longer, by how much nobody publishes. They move
 * with the cables: some routes between Europe and Asia have been longer since cables in the Red Sea were cut in 2024.
 */
export const roundTripSource: Source = {
  citation:
    "Microsoft, Azure network round-trip latency statistics, P50 of 21 June to 21 July 2023 (azure-docs, networking/azure-network-latency.md, 21 July 2023)",
  sureness: "primary",
};

/** Milliseconds from the region of the row to the regions after it, in the table's order. */
const roundTripMilliseconds: readonly (readonly number[])[] = [
  [319, 237, 167, 140, 102, 89, 378, 238, 176, 204, 148],
  [189, 292, 305, 275, 341, 345, 178, 147, 116, 180],
  [116, 129, 217, 155, 180, 14, 109, 87, 147],
  [33, 148, 80, 257, 116, 222, 190, 258],
  [118, 50, 270, 130, 235, 203, 218],
  [70, 358, 217, 134, 156, 106],
  [296, 153, 197, 223, 169],
  [173, 274, 243, 312],
  [98, 76, 136],
  [24, 39],
  [64],
];

/** Round trip between two access networks of one region. */
export const withinRegionSource: Source = {
  citation: "assumption: through the exchange of the nearest large city and back, 10 ms",
  sureness: "recalled",
};
export const withinRegionSeconds = 0.01;

/** The index of a region. @throws Error `unknown region: united-kindom (did you mean united-kingdom?)` */
export function regionIndex(kind: string): number {
  const index = networkRegionKinds.indexOf(kind);
  if (index < 0) throw new Error(unknownName("region", kind, networkRegionKinds));
  return index;
}

/** Round trip between two regions in seconds, the same both ways. @throws Error `unknown region: ...` */
export function regionRoundTripSeconds(a: string, b: string): number {
  const [low, high] = [regionIndex(a), regionIndex(b)].sort((x, y) => x - y);
  return low === high ? withinRegionSeconds : roundTripMilliseconds[low][high - low - 1] / 1000;
}
