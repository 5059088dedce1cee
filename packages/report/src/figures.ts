import type { Figure } from "./figure.ts";
import { armComparison } from "./figures/arm-comparison.ts";
import { bytes } from "./figures/bytes.ts";
import { claimRegion } from "./figures/claim-region.ts";
import { crossing } from "./figures/crossing.ts";
import { difference } from "./figures/difference.ts";
import { frontier } from "./figures/frontier.ts";
import { loss } from "./figures/loss.ts";
import { ownershipConcentration } from "./figures/ownership-concentration.ts";
import { payoffMatrix } from "./figures/payoff-matrix.ts";
import { phasePortrait } from "./figures/phase-portrait.ts";
import { pipelineTimeline } from "./figures/pipeline-timeline.ts";
import { prediction } from "./figures/prediction.ts";
import { propertyMatrix } from "./figures/property-matrix.ts";
import { reproduction } from "./figures/reproduction.ts";
import { sobol } from "./figures/sobol.ts";
import { timeline } from "./figures/timeline.ts";
import { renderSvg } from "./svg.ts";
import { type Theme, type ThemeName, themes } from "./theme.ts";

/** Every kind of figure: a pure function from data and theme to what is drawn. */
export const figures = {
  "arm-comparison": armComparison,
  bytes,
  "claim-region": claimRegion,
  crossing,
  difference,
  frontier,
  loss,
  "ownership-concentration": ownershipConcentration,
  "payoff-matrix": payoffMatrix,
  "phase-portrait": phasePortrait,
  "pipeline-timeline": pipelineTimeline,
  prediction,
  "property-matrix": propertyMatrix,
  reproduction,
  sobol,
  timeline,
} as const;

export type FigureKind = keyof typeof figures;

/** What each kind of figure is drawn from. */
type FigureData = { [K in FigureKind]: Parameters<(typeof figures)[K]>[0] };
const draw: { [K in FigureKind]: (data: FigureData[K], theme: Theme) => Figure } = figures;

/** The data of a figure, under the kind of figure that shows it. */
export type FigureSpec<K extends FigureKind = FigureKind> = {
  [P in K]: { readonly kind: P; readonly data: FigureData[P] };
}[K];

function figureOf<K extends FigureKind>({ kind, data }: FigureSpec<K>, theme: Theme): Figure {
  return draw[kind](data, theme);
}

/**
 * Draws a figure as a standalone SVG document; the same data and theme give the same bytes.
 *
 * @throws Error `unknown figure: ...` with the kinds there are.
 */
export function renderFigure(spec: FigureSpec, options: { readonly theme: ThemeName }): string {
  if (!Object.hasOwn(figures, spec.kind)) {
    throw new Error(`unknown figure: ${spec.kind} (expected ${Object.keys(figures).join(", ")})`);
  }
  const theme = themes[options.theme];
  return renderSvg(figureOf(spec, theme), theme);
}
