/** Classes of network link that a participant may sit behind. Sorted by kind. */

import { rowOfKind, type Source } from "@shardlab/contracts";

/**
 * One class of link.
 *
 * @property latencySeconds idle round trip to a server in the same metropolitan area: what the access link adds.
 * @property availability share of the time that the link is up.
 */
export interface Link {
  readonly kind: string;
  readonly downBytesPerSecond: number;
  readonly upBytesPerSecond: number;
  readonly latencySeconds: number;
  readonly availability: number;
  readonly sources: { readonly speed: Source; readonly latency: Source; readonly availability: Source };
}

const bytesPerMegabit = 125_000;

const measuringBroadband: Source = {
  citation: "FCC, Measuring Broadband America, 13th report (2024, data of 2022), latency by technology",
  sureness: "recalled",
};
const assumedAvailability: Source = {
  citation: "assumption: hours of outage a year usual for this class",
  sureness: "recalled",
};
const lineRate: Source = { citation: "line rate of the Ethernet class", sureness: "derived" };
const insideDatacentre: Source = {
  citation: "assumption: switched Ethernet or InfiniBand in one hall",
  sureness: "recalled",
};

export const links: readonly Link[] = [
  {
    kind: "cable",
    downBytesPerSecond: 300 * bytesPerMegabit,
    upBytesPerSecond: 20 * bytesPerMegabit,
    latencySeconds: 0.02,
    availability: 0.995,
    sources: {
      speed: { citation: "assumption: a common DOCSIS 3.1 tier in the United States", sureness: "recalled" },
      latency: measuringBroadband,
      availability: assumedAvailability,
    },
  },
  {
    kind: "datacentre-100g",
    downBytesPerSecond: 100_000 * bytesPerMegabit,
    upBytesPerSecond: 100_000 * bytesPerMegabit,
    latencySeconds: 20e-6,
    availability: 0.9999,
    sources: { speed: lineRate, latency: insideDatacentre, availability: assumedAvailability },
  },
  {
    kind: "datacentre-10g",
    downBytesPerSecond: 10_000 * bytesPerMegabit,
    upBytesPerSecond: 10_000 * bytesPerMegabit,
    latencySeconds: 1e-3,
    availability: 0.9995,
    sources: {
      speed: lineRate,
      latency: { citation: "assumption: between two halls of one city", sureness: "recalled" },
      availability: assumedAvailability,
    },
  },
  {
    kind: "datacentre-400g",
    downBytesPerSecond: 400_000 * bytesPerMegabit,
    upBytesPerSecond: 400_000 * bytesPerMegabit,
    latencySeconds: 10e-6,
    availability: 0.9999,
    sources: { speed: lineRate, latency: insideDatacentre, availability: assumedAvailability },
  },
  {
    kind: "dsl",
    downBytesPerSecond: 50 * bytesPerMegabit,
    upBytesPerSecond: 10 * bytesPerMegabit,
    latencySeconds: 0.035,
    availability: 0.99,
    sources: {
      speed: { citation: "assumption: a common VDSL2 profile", sureness: "recalled" },
      latency: measuringBroadband,
      availability: assumedAvailability,
    },
  },
  {
    kind: "fibre-gigabit",
    downBytesPerSecond: 940 * bytesPerMegabit,
    upBytesPerSecond: 940 * bytesPerMegabit,
    latencySeconds: 0.01,
    availability: 0.998,
    sources: {
      speed: { citation: "1 Gbit/s Ethernet less TCP/IP framing: 940 Mbit/s of goodput", sureness: "derived" },
      latency: measuringBroadband,
      availability: assumedAvailability,
    },
  },
  {
    kind: "median-fixed",
    downBytesPerSecond: 94 * bytesPerMegabit,
    upBytesPerSecond: 50 * bytesPerMegabit,
    latencySeconds: 0.01,
    availability: 0.995,
    sources: {
      speed: {
        citation: "Ookla Speedtest Global Index, mid-2024: global median download 93.93 Mbit/s (upload recalled)",
        sureness: "secondary",
      },
      latency: {
        citation: "Ookla, global median latency of fixed broadband, November 2022: 10 ms",
        sureness: "secondary",
      },
      availability: assumedAvailability,
    },
  },
  {
    kind: "mobile-5g",
    downBytesPerSecond: 200 * bytesPerMegabit,
    upBytesPerSecond: 20 * bytesPerMegabit,
    latencySeconds: 0.03,
    availability: 0.97,
    sources: {
      speed: {
        citation: "assumption: typical median of a national 5G network in Ookla's reports of 2024",
        sureness: "recalled",
      },
      latency: { citation: "Ookla, global median mobile latency, November 2022: 28 ms", sureness: "secondary" },
      availability: assumedAvailability,
    },
  },
  {
    kind: "satellite-leo",
    downBytesPerSecond: 100 * bytesPerMegabit,
    upBytesPerSecond: 12 * bytesPerMegabit,
    latencySeconds: 0.045,
    availability: 0.98,
    sources: {
      speed: {
        citation: "Ookla on Starlink in the United States, 2024: median download near 100 Mbit/s (upload recalled)",
        sureness: "secondary",
      },
      latency: { citation: "Ookla on Starlink in the United States, 2024", sureness: "recalled" },
      availability: assumedAvailability,
    },
  },
];

export const linkKinds: readonly string[] = links.map((row) => row.kind);

/**
 * The link of this kind.
 *
 * @throws Error `unknown link: KIND (did you mean NEAREST?)`
 */
export const link = (kind: string): Link => rowOfKind("link", links, kind);
