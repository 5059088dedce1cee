import { line } from "@observablehq/plot";
import { bottomAxis, leftAxis, type NumberAxis } from "../axes.ts";
import { bodyWidth, type Figure } from "../figure.ts";
import { formatNumber } from "../text.ts";
import { seriesColor, type Theme } from "../theme.ts";

/**
 * The Lorenz curve of one arm.
 *
 * @property curve points from (0, 0) to (1, 1): the share `owned` by the poorest `holders` of all holders.
 * @property gini 0 when all own the same, towards 1 when one owns all.
 * @property nakamoto the least number of holders that together own more than half.
 */
export interface OwnershipCurve {
  readonly arm: string;
  readonly curve: readonly { readonly holders: number; readonly owned: number }[];
  readonly gini: number;
  readonly nakamoto: number;
}

/** @property subtitle whose ownership, when, over how many seeds, and what the curve is of them (one seed, mean). */
export interface OwnershipConcentrationData {
  readonly title: string;
  readonly subtitle: string;
  readonly arms: readonly OwnershipCurve[];
}

const height = 400;
const percent: NumberAxis = {
  scale: { type: "linear", domain: [0, 1] },
  ticks: [0, 0.2, 0.4, 0.6, 0.8, 1],
  format: (value) => formatNumber(100 * value),
  labelWidth: 24,
};

/** Lorenz curves of ownership, one per arm, with Gini coefficient and Nakamoto coefficient in the legend. */
export function ownershipConcentration(data: OwnershipConcentrationData, theme: Theme): Figure {
  const arms = data.arms.map((arm, index) => ({ ...arm, color: seriesColor(theme, index) }));
  const options = {
    width: bodyWidth,
    height,
    marginTop: 26,
    marginBottom: 44,
    marginLeft: percent.labelWidth + 14,
    marginRight: 24,
    x: percent.scale,
    y: percent.scale,
    marks: [
      ...bottomAxis(percent, "Share of holders, those who own least first (%)", theme),
      ...leftAxis(percent, "Share of ownership (%)", theme),
      line(
        [
          [0, 0],
          [1, 1],
        ],
        { stroke: theme.rule, strokeWidth: 1.5, strokeDasharray: "4 3" },
      ),
      ...arms.map(({ curve, color }) => line(curve, { x: "holders", y: "owned", stroke: color, strokeWidth: 2.25 })),
    ],
  };
  return {
    title: data.title,
    subtitle: data.subtitle,
    legend: [
      ...arms.map(({ arm, gini, nakamoto, color }) => ({
        label: `${arm}: Gini ${gini.toFixed(2)}, Nakamoto ${formatNumber(nakamoto)}`,
        color,
        symbol: "line" as const,
      })),
      { label: "everybody owns the same", color: theme.rule, symbol: "dash" },
    ],
    panels: [{ left: 0, top: 0, options }],
    bodyHeight: height,
  };
}
