/** How much compute the largest closed labs train with, and how fast it grows. */
import type { Source } from "@shardlab/contracts";

/** A figure, its unit and where it comes from. */
export interface FrontierFigure {
  readonly what: string;
  readonly value: number;
  readonly unit: string;
  readonly sources: { readonly figure: Source };
}

/** Accelerators of the largest cluster that trained one model in late 2024. */
export const clusterDevices: FrontierFigure = {
  what: "accelerators of the largest cluster",
  value: 100_000,
  unit: "H100",
  sources: {
    figure: {
      citation: "NVIDIA, press release of 28 October 2024: 100,000 Hopper GPUs in xAI's Colossus",
      sureness: "recalled",
    },
  },
};

/** Model FLOP utilisation of a very large run. */
export const clusterUtilization: FrontierFigure = {
  what: "utilisation of a very large run",
  value: 0.4,
  unit: "share",
  sources: {
    figure: {
      citation: "Grattafiori et al. 2024 (arXiv 2407.21783), table 4: 38 to 43 % on 8,192 to 16,384 H100",
      sureness: "secondary",
    },
  },
};

/** Factor a year by which the performance of the leading clusters grows. */
export const clusterGrowth: FrontierFigure = {
  what: "growth of the largest clusters",
  value: 2.5,
  unit: "1/y",
  sources: {
    figure: {
      citation:
        "Pilz, Rahman, Sanders, Emberson and Heim 2025, Epoch AI (arXiv 2504.16026): 2.5 times a year since 2019",
      sureness: "primary",
    },
  },
};

/** Factor a year by which the compute of frontier training runs grows, which also last longer every year. */
export const trainingComputeGrowth: FrontierFigure = {
  what: "growth of the largest training runs",
  value: 4.5,
  unit: "1/y",
  sources: {
    figure: {
      citation: "Sevilla and Roldan 2024, Epoch AI, Training compute of frontier AI models: 4 to 5 times a year",
      sureness: "secondary",
    },
  },
};

export const frontierFigures: readonly FrontierFigure[] = [
  clusterDevices,
  clusterUtilization,
  clusterGrowth,
  trainingComputeGrowth,
];
