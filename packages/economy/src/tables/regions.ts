/** Regions where owners of accelerators live, with what their households pay for electricity. Sorted by kind. */

import { rowOfKind, type Source } from "@shardlab/contracts";
import { joulesPerKilowattHour } from "./figure.ts";

/** Round trip over the backbone to a coordinator in North America, in seconds, without the access link. */
export const backboneRoundTripSeconds = { near: 0.04, far: 0.1, remote: 0.18 } as const;
export type LatencyClass = keyof typeof backboneRoundTripSeconds;

/**
 * One region.
 *
 * @property electricityDollarsPerJoule what a household pays for one more joule, taxes included.
 * @property deviceOwnerShare share of the world's owners of discrete GPUs who live here; the table sums to 1.
 */
export interface Region {
  readonly kind: string;
  readonly electricityDollarsPerJoule: number;
  readonly latencyClass: LatencyClass;
  readonly deviceOwnerShare: number;
  readonly year: number;
  readonly sources: { readonly electricity: Source; readonly deviceOwnerShare: Source };
}

const perKilowattHour = (dollars: number): number => dollars / joulesPerKilowattHour;

const steamTraffic: Source = {
  citation:
    "Steam download traffic by region, July 2025 (GameDiscoverCo); that traffic stands for owners is an assumption",
  sureness: "secondary",
};
const steamRemainder: Source = {
  citation:
    "assumption: a split of what the Steam download traffic of July 2025 leaves over for this part of the world",
  sureness: "derived",
};
const globalPetrolPrices = (what: string): Source => ({
  citation: `GlobalPetrolPrices, household electricity, second quarter of 2025: ${what}`,
  sureness: "primary",
});
const recalled = (what: string): Source => ({ citation: what, sureness: "recalled" });

export const regions: readonly Region[] = [
  {
    kind: "canada-mexico",
    electricityDollarsPerJoule: perKilowattHour(0.12),
    latencyClass: "near",
    deviceOwnerShare: 0.024,
    year: 2025,
    sources: {
      electricity: recalled("Hydro-Québec comparison of prices 2024, and CFE"),
      deviceOwnerShare: steamTraffic,
    },
  },
  {
    kind: "china",
    electricityDollarsPerJoule: perKilowattHour(0.076),
    latencyClass: "remote",
    deviceOwnerShare: 0.261,
    year: 2025,
    sources: { electricity: recalled("GlobalPetrolPrices, China, 2024"), deviceOwnerShare: steamTraffic },
  },
  {
    kind: "eastern-europe",
    electricityDollarsPerJoule: perKilowattHour(0.2),
    latencyClass: "far",
    deviceOwnerShare: 0.104,
    year: 2025,
    sources: {
      electricity: recalled("Eurostat nrg_pc_204, second half of 2024, Poland to Hungary"),
      deviceOwnerShare: steamRemainder,
    },
  },
  {
    kind: "japan-korea-taiwan",
    electricityDollarsPerJoule: perKilowattHour(0.19),
    latencyClass: "far",
    deviceOwnerShare: 0.045,
    year: 2025,
    sources: { electricity: recalled("GlobalPetrolPrices 2024, weighted by owners"), deviceOwnerShare: steamTraffic },
  },
  {
    kind: "latin-america",
    electricityDollarsPerJoule: perKilowattHour(0.206),
    latencyClass: "far",
    deviceOwnerShare: 0.07,
    year: 2025,
    sources: { electricity: globalPetrolPrices("South America 0.206 $/kWh"), deviceOwnerShare: steamRemainder },
  },
  {
    kind: "middle-east-africa",
    electricityDollarsPerJoule: perKilowattHour(0.127),
    latencyClass: "remote",
    deviceOwnerShare: 0.03,
    year: 2025,
    sources: { electricity: globalPetrolPrices("Africa 0.127 $/kWh"), deviceOwnerShare: steamRemainder },
  },
  {
    kind: "nordics",
    electricityDollarsPerJoule: perKilowattHour(0.22),
    latencyClass: "far",
    deviceOwnerShare: 0.025,
    year: 2025,
    sources: { electricity: recalled("Eurostat nrg_pc_204, second half of 2024"), deviceOwnerShare: steamRemainder },
  },
  {
    kind: "oceania",
    electricityDollarsPerJoule: perKilowattHour(0.24),
    latencyClass: "remote",
    deviceOwnerShare: 0.025,
    year: 2025,
    sources: { electricity: globalPetrolPrices("Oceania 0.240 $/kWh"), deviceOwnerShare: steamRemainder },
  },
  {
    kind: "russia-central-asia",
    electricityDollarsPerJoule: perKilowattHour(0.065),
    latencyClass: "far",
    deviceOwnerShare: 0.07,
    year: 2025,
    sources: { electricity: recalled("GlobalPetrolPrices, Russia, 2024"), deviceOwnerShare: steamRemainder },
  },
  {
    kind: "south-southeast-asia",
    electricityDollarsPerJoule: perKilowattHour(0.084),
    latencyClass: "remote",
    deviceOwnerShare: 0.016,
    year: 2025,
    sources: { electricity: globalPetrolPrices("Asia 0.084 $/kWh"), deviceOwnerShare: steamTraffic },
  },
  {
    kind: "united-states",
    electricityDollarsPerJoule: perKilowattHour(0.165),
    latencyClass: "near",
    deviceOwnerShare: 0.204,
    year: 2025,
    sources: {
      electricity: recalled("EIA Electric Power Monthly, residential average of 2024"),
      deviceOwnerShare: steamTraffic,
    },
  },
  {
    kind: "western-europe",
    electricityDollarsPerJoule: perKilowattHour(0.32),
    latencyClass: "far",
    deviceOwnerShare: 0.126,
    year: 2025,
    sources: {
      electricity: recalled("Eurostat nrg_pc_204, second half of 2024; Germany 0.39 $/kWh in June 2024"),
      deviceOwnerShare: steamTraffic,
    },
  },
];

export const regionKinds: readonly string[] = regions.map((row) => row.kind);

/**
 * The region of this kind.
 *
 * @throws Error `unknown region: KIND (did you mean NEAREST?)`
 */
export const region = (kind: string): Region => rowOfKind("region", regions, kind);
