/** Accelerators: what they compute, hold, draw and cost. Sorted by kind. */

import { rowOfKind, type Source } from "@shardlab/contracts";

export type DeviceGeneration = "ada" | "ampere" | "blackwell" | "cdna-3" | "hopper" | "turing" | "volta";

/**
 * One kind of accelerator.
 *
 * @property bf16FlopPerSecond peak of the matrix units: dense (no sparsity), 16-bit inputs, 32-bit accumulation. On
 *   devices whose `halfPrecision` is `fp16`, which have no bf16, it is the fp16 peak.
 * @property boardWatts the power limit of the board as shipped.
 * @property priceDollars what one costs on the street in 2025 (second-hand where it is no longer made), without a host.
 * @property rentalDollarsPerHour what one rents for on a peer-to-peer market in 2025 and 2026, with its share of a host.
 */
export interface Device {
  readonly kind: string;
  readonly generation: DeviceGeneration;
  readonly market: "consumer" | "datacentre";
  readonly releaseYear: number;
  readonly halfPrecision: "bf16" | "fp16";
  readonly bf16FlopPerSecond: number;
  readonly memoryBytes: number;
  readonly memoryBytesPerSecond: number;
  readonly boardWatts: number;
  readonly priceDollars: number;
  readonly rentalDollarsPerHour: number;
  readonly sources: { readonly specification: Source; readonly price: Source; readonly rental: Source };
}

/** The binary unit: vendors write GB and mean this. */
const gibibyte = 1_073_741_824;

const streetPrice: Source = {
  citation: "assumption: typical listing in 2025, new or second-hand",
  sureness: "recalled",
};
const rentalAssumed: Source = { citation: "assumption: typical Vast.ai listing in 2025", sureness: "recalled" };
const rentalSurvey: Source = {
  citation: "Vast.ai listings of May 2026, as collected by fairlane.systems (on-demand, mid of the range)",
  sureness: "secondary",
};
const rentalBlueprint: Source = {
  citation: "Vast.ai on-demand listings of June 2026, as collected by usagepricing.com (low end)",
  sureness: "secondary",
};

const ampereWhitepaper: Source = { citation: "NVIDIA GA102 whitepaper v2.1 (2021), appendix A", sureness: "recalled" };
const adaWhitepaper: Source = {
  citation: "NVIDIA Ada GPU architecture whitepaper v2 (2023), appendix A",
  sureness: "recalled",
};
const a100Datasheet: Source = {
  citation: "NVIDIA A100 datasheet (1758950 r4): 312 TFLOP/s dense, SXM 400 W",
  sureness: "secondary",
};
const h100Page: Source = {
  citation: "NVIDIA H100 product page: 1,979 TFLOP/s with sparsity, so 989.5 dense; SXM up to 700 W",
  sureness: "secondary",
};

export const devices: readonly Device[] = [
  {
    kind: "a100-40gb",
    generation: "ampere",
    market: "datacentre",
    releaseYear: 2020,
    halfPrecision: "bf16",
    bf16FlopPerSecond: 312e12,
    memoryBytes: 40 * gibibyte,
    memoryBytesPerSecond: 1.555e12,
    boardWatts: 400,
    priceDollars: 5500,
    rentalDollarsPerHour: 0.6,
    sources: { specification: a100Datasheet, price: streetPrice, rental: rentalSurvey },
  },
  {
    kind: "a100-80gb",
    generation: "ampere",
    market: "datacentre",
    releaseYear: 2020,
    halfPrecision: "bf16",
    bf16FlopPerSecond: 312e12,
    memoryBytes: 80 * gibibyte,
    memoryBytesPerSecond: 2.039e12,
    boardWatts: 400,
    priceDollars: 12_000,
    rentalDollarsPerHour: 1.17,
    sources: { specification: a100Datasheet, price: streetPrice, rental: rentalBlueprint },
  },
  {
    kind: "b200",
    generation: "blackwell",
    market: "datacentre",
    releaseYear: 2024,
    halfPrecision: "bf16",
    bf16FlopPerSecond: 2250e12,
    memoryBytes: 180 * gibibyte,
    memoryBytesPerSecond: 8e12,
    boardWatts: 1000,
    priceDollars: 40_000,
    rentalDollarsPerHour: 4.49,
    sources: {
      specification: { citation: "NVIDIA DGX B200 datasheet (2024), one of eight", sureness: "recalled" },
      price: streetPrice,
      rental: rentalBlueprint,
    },
  },
  {
    kind: "h100-sxm",
    generation: "hopper",
    market: "datacentre",
    releaseYear: 2022,
    halfPrecision: "bf16",
    bf16FlopPerSecond: 989.5e12,
    memoryBytes: 80 * gibibyte,
    memoryBytesPerSecond: 3.35e12,
    boardWatts: 700,
    priceDollars: 28_000,
    rentalDollarsPerHour: 2.1,
    sources: { specification: h100Page, price: streetPrice, rental: rentalSurvey },
  },
  {
    kind: "h200",
    generation: "hopper",
    market: "datacentre",
    releaseYear: 2024,
    halfPrecision: "bf16",
    bf16FlopPerSecond: 989.5e12,
    memoryBytes: 141 * gibibyte,
    memoryBytesPerSecond: 4.8e12,
    boardWatts: 700,
    priceDollars: 32_000,
    rentalDollarsPerHour: 3.5,
    sources: {
      specification: { citation: "NVIDIA H200 datasheet (2024), SXM", sureness: "recalled" },
      price: streetPrice,
      rental: rentalSurvey,
    },
  },
  {
    kind: "h800",
    generation: "hopper",
    market: "datacentre",
    releaseYear: 2023,
    halfPrecision: "bf16",
    bf16FlopPerSecond: 989.5e12,
    memoryBytes: 80 * gibibyte,
    memoryBytesPerSecond: 3.35e12,
    boardWatts: 700,
    priceDollars: 28_000,
    rentalDollarsPerHour: 2,
    sources: {
      specification: {
        citation: "assumption: an H100 SXM with slower NVLink and fp64, as reported at its release",
        sureness: "recalled",
      },
      price: streetPrice,
      rental: { citation: "DeepSeek-AI 2024, arXiv 2412.19437, table 1 (their assumption)", sureness: "secondary" },
    },
  },
  {
    kind: "l40s",
    generation: "ada",
    market: "datacentre",
    releaseYear: 2023,
    halfPrecision: "bf16",
    bf16FlopPerSecond: 362e12,
    memoryBytes: 48 * gibibyte,
    memoryBytesPerSecond: 0.864e12,
    boardWatts: 350,
    priceDollars: 8000,
    rentalDollarsPerHour: 0.75,
    sources: {
      specification: { citation: "NVIDIA L40S datasheet (2023): 733 TFLOP/s with sparsity", sureness: "recalled" },
      price: streetPrice,
      rental: rentalAssumed,
    },
  },
  {
    kind: "mi300x",
    generation: "cdna-3",
    market: "datacentre",
    releaseYear: 2023,
    halfPrecision: "bf16",
    bf16FlopPerSecond: 1307.4e12,
    memoryBytes: 192 * gibibyte,
    memoryBytesPerSecond: 5.3e12,
    boardWatts: 750,
    priceDollars: 16_000,
    rentalDollarsPerHour: 1.9,
    sources: {
      specification: { citation: "AMD Instinct MI300X datasheet (2023)", sureness: "recalled" },
      price: streetPrice,
      rental: rentalAssumed,
    },
  },
  {
    kind: "rtx-3060",
    generation: "ampere",
    market: "consumer",
    releaseYear: 2021,
    halfPrecision: "bf16",
    bf16FlopPerSecond: 25.5e12,
    memoryBytes: 12 * gibibyte,
    memoryBytesPerSecond: 0.36e12,
    boardWatts: 170,
    priceDollars: 280,
    rentalDollarsPerHour: 0.08,
    sources: {
      specification: {
        citation: "NVIDIA GA102 whitepaper v2.1: twice the 12.74 TFLOP/s of fp32, as on all GA10x",
        sureness: "derived",
      },
      price: streetPrice,
      rental: rentalAssumed,
    },
  },
  {
    kind: "rtx-3090",
    generation: "ampere",
    market: "consumer",
    releaseYear: 2020,
    halfPrecision: "bf16",
    bf16FlopPerSecond: 71.2e12,
    memoryBytes: 24 * gibibyte,
    memoryBytesPerSecond: 0.936e12,
    boardWatts: 350,
    priceDollars: 800,
    rentalDollarsPerHour: 0.22,
    sources: { specification: ampereWhitepaper, price: streetPrice, rental: rentalSurvey },
  },
  {
    kind: "rtx-4070-ti",
    generation: "ada",
    market: "consumer",
    releaseYear: 2023,
    halfPrecision: "bf16",
    bf16FlopPerSecond: 80.2e12,
    memoryBytes: 12 * gibibyte,
    memoryBytesPerSecond: 0.504e12,
    boardWatts: 285,
    priceDollars: 700,
    rentalDollarsPerHour: 0.15,
    sources: { specification: adaWhitepaper, price: streetPrice, rental: rentalAssumed },
  },
  {
    kind: "rtx-4080",
    generation: "ada",
    market: "consumer",
    releaseYear: 2022,
    halfPrecision: "bf16",
    bf16FlopPerSecond: 97.5e12,
    memoryBytes: 16 * gibibyte,
    memoryBytesPerSecond: 0.717e12,
    boardWatts: 320,
    priceDollars: 1000,
    rentalDollarsPerHour: 0.22,
    sources: { specification: adaWhitepaper, price: streetPrice, rental: rentalAssumed },
  },
  {
    kind: "rtx-4090",
    generation: "ada",
    market: "consumer",
    releaseYear: 2022,
    halfPrecision: "bf16",
    bf16FlopPerSecond: 165.2e12,
    memoryBytes: 24 * gibibyte,
    memoryBytesPerSecond: 1.008e12,
    boardWatts: 450,
    priceDollars: 2000,
    rentalDollarsPerHour: 0.4,
    sources: {
      specification: {
        citation: "NVIDIA Ada GPU architecture whitepaper v2 (2023), appendix A",
        sureness: "secondary",
      },
      price: streetPrice,
      rental: rentalSurvey,
    },
  },
  {
    kind: "rtx-5090",
    generation: "blackwell",
    market: "consumer",
    releaseYear: 2025,
    halfPrecision: "bf16",
    bf16FlopPerSecond: 209.5e12,
    memoryBytes: 32 * gibibyte,
    memoryBytesPerSecond: 1.792e12,
    boardWatts: 575,
    priceDollars: 2600,
    rentalDollarsPerHour: 0.76,
    sources: {
      specification: {
        citation: "NVIDIA RTX Blackwell architecture whitepaper (2025), appendix A",
        sureness: "recalled",
      },
      price: streetPrice,
      rental: { citation: "Spheron marketplace, March 2026", sureness: "primary" },
    },
  },
  {
    kind: "t4",
    generation: "turing",
    market: "datacentre",
    releaseYear: 2018,
    halfPrecision: "fp16",
    bf16FlopPerSecond: 65e12,
    memoryBytes: 16 * gibibyte,
    memoryBytesPerSecond: 0.32e12,
    boardWatts: 70,
    priceDollars: 600,
    rentalDollarsPerHour: 0.15,
    sources: {
      specification: { citation: "NVIDIA T4 datasheet (2019)", sureness: "recalled" },
      price: streetPrice,
      rental: rentalAssumed,
    },
  },
  {
    kind: "v100",
    generation: "volta",
    market: "datacentre",
    releaseYear: 2017,
    halfPrecision: "fp16",
    bf16FlopPerSecond: 125e12,
    memoryBytes: 32 * gibibyte,
    memoryBytesPerSecond: 0.9e12,
    boardWatts: 300,
    priceDollars: 700,
    rentalDollarsPerHour: 0.25,
    sources: {
      specification: { citation: "NVIDIA V100 datasheet: 125 TFLOP/s and 300 W (SXM2)", sureness: "secondary" },
      price: streetPrice,
      rental: rentalAssumed,
    },
  },
];

export const deviceKinds: readonly string[] = devices.map((row) => row.kind);

/**
 * The accelerator of this kind.
 *
 * @throws Error `unknown device: KIND (did you mean NEAREST?)`
 */
export const device = (kind: string): Device => rowOfKind("device", devices, kind);
