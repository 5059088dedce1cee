import type { PlotOptions } from "@observablehq/plot";

/** A mean with its confidence interval over `count` runs. */
export interface Interval {
  readonly mean: number;
  readonly low: number;
  readonly high: number;
}

/** One plot inside a figure, placed in pixels from the figure's left edge and from the top of its body. */
export interface Panel {
  readonly left: number;
  readonly top: number;
  /** Heading above the panel; its line is part of the panel's height. */
  readonly heading?: string;
  readonly options: PlotOptions & { readonly width: number; readonly height: number };
}

/** How a legend shows a series. */
export type LegendSymbol = "dot" | "ring" | "line" | "dash" | "triangle" | "band" | "frame";

export interface LegendEntry {
  readonly label: string;
  readonly color: string;
  readonly symbol: LegendSymbol;
}

/** What a figure shows, before it is drawn: what `renderFigure` turns into SVG. */
export interface Figure {
  readonly title: string;
  /** What is plotted, over how many runs, and what the interval is. */
  readonly subtitle: string;
  /** A remark below the figure, such as what was left out. */
  readonly note?: string;
  readonly legend: readonly LegendEntry[];
  readonly panels: readonly Panel[];
  readonly bodyHeight: number;
}

/** Figures are drawn this wide, so that 12 px text is still readable when a page shows them at 640 px. */
export const figureWidth = 720;
export const figureMargin = 16;
export const bodyWidth = figureWidth - 2 * figureMargin;
export const labelSize = 12;
export const headingHeight = 22;
