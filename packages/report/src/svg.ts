import { plot } from "@observablehq/plot";
import { JSDOM } from "jsdom";
import {
  bodyWidth,
  type Figure,
  figureMargin,
  figureWidth,
  headingHeight,
  type LegendEntry,
  labelSize,
  type Panel,
} from "./figure.ts";
import { balanceText, textWidth, wrapText } from "./text.ts";
import { fontFamily, type Theme } from "./theme.ts";

const svgNamespace = "http://www.w3.org/2000/svg";
const titleSize = 16;
const titleLine = 22;
const textLine = 17;
const legendLine = 20;
const symbolWidth = 22;
const entryGap = 18;

type Attributes = Readonly<Record<string, string | number>>;

/** Draws SVG elements into one document. */
interface Pen {
  readonly document: Document;
  readonly theme: Theme;
  element(parent: Element, name: string, attributes: Attributes, text?: string): Element;
}

function penOf(document: Document, theme: Theme): Pen {
  return {
    document,
    theme,
    element(parent, name, attributes, text) {
      const node = document.createElementNS(svgNamespace, name);
      for (const [key, value] of Object.entries(attributes)) node.setAttribute(key, String(value));
      if (text !== undefined) node.textContent = text;
      parent.appendChild(node);
      return node;
    },
  };
}

/** Writes lines of text from `top` downwards and returns where the next thing goes. */
function drawLines(pen: Pen, parent: Element, lines: readonly string[], top: number, style: Attributes): number {
  const size = Number(style["font-size"]);
  const step = size >= titleSize ? titleLine : textLine;
  lines.forEach((line, index) => {
    pen.element(parent, "text", { x: figureMargin, y: top + index * step + size, ...style }, line);
  });
  return top + lines.length * step;
}

function drawSymbol(pen: Pen, parent: Element, { color, symbol }: LegendEntry, left: number, middle: number): void {
  const center = left + symbolWidth / 2 - 3;
  const line = { x1: left, x2: left + symbolWidth - 6, y1: middle, y2: middle, stroke: color, "stroke-width": 2.5 };
  if (symbol === "line") pen.element(parent, "line", line);
  if (symbol === "dash") pen.element(parent, "line", { ...line, "stroke-width": 1.5, "stroke-dasharray": "4 3" });
  if (symbol === "dot") pen.element(parent, "circle", { cx: center, cy: middle, r: 4.5, fill: color });
  if (symbol === "ring") {
    pen.element(parent, "circle", {
      cx: center,
      cy: middle,
      r: 4,
      fill: pen.theme.background,
      stroke: color,
      "stroke-width": 2,
    });
  }
  if (symbol === "triangle") {
    const points = `${center - 5},${middle + 4} ${center + 5},${middle + 4} ${center},${middle - 5}`;
    pen.element(parent, "polygon", { points, fill: pen.theme.background, stroke: color, "stroke-width": 1.5 });
  }
  const box = { x: left, y: middle - 5, width: symbolWidth - 6, height: 10 };
  if (symbol === "band") pen.element(parent, "rect", { ...box, fill: color, "fill-opacity": 0.25 });
  if (symbol === "frame") pen.element(parent, "rect", { ...box, fill: "none", stroke: color, "stroke-width": 2 });
}

/** Lays the legend out in rows from `top` downwards and returns where the next thing goes. */
function drawLegend(pen: Pen, parent: Element, entries: readonly LegendEntry[], top: number): number {
  if (entries.length === 0) return top;
  const group = pen.element(parent, "g", { "aria-label": "legend" });
  const widths = entries.map((entry) => symbolWidth + textWidth(entry.label, labelSize) + entryGap);
  const oneRow = widths.reduce((sum, width) => sum + width, 0) - entryGap <= bodyWidth;
  const widest = Math.max(...widths);
  let left = figureMargin;
  let row = top + 4;
  entries.forEach((entry, index) => {
    // Entries that need several rows stand in columns.
    const width = oneRow ? (widths[index] ?? widest) : widest;
    if (left > figureMargin && left + width - entryGap > figureWidth - figureMargin) {
      left = figureMargin;
      row += legendLine;
    }
    drawSymbol(pen, group, entry, left, row + legendLine / 2);
    const place = { x: left + symbolWidth, y: row + legendLine / 2 + 4, "font-size": labelSize, fill: pen.theme.text };
    pen.element(group, "text", place, entry.label);
    left += width;
  });
  return row + legendLine;
}

/** Draws one panel with Observable Plot and nests it, without Plot's style sheet, which other renderers cannot read. */
function drawPanel(pen: Pen, parent: Element, panel: Panel, bodyTop: number): void {
  const top = bodyTop + panel.top;
  const offset = panel.heading === undefined ? 0 : headingHeight;
  if (panel.heading !== undefined) {
    const style = {
      x: figureMargin + panel.left,
      y: top + 13,
      "font-size": 13,
      "font-weight": 600,
      fill: pen.theme.text,
    };
    pen.element(parent, "text", style, panel.heading);
  }
  const drawing = plot({ ...panel.options, document: pen.document, className: "plot" });
  for (const sheet of drawing.querySelectorAll("style")) sheet.remove();
  for (const name of ["class", "font-family", "viewBox"]) drawing.removeAttribute(name);
  drawing.setAttribute("x", String(figureMargin + panel.left));
  drawing.setAttribute("y", String(top + offset));
  drawing.setAttribute("font-size", String(labelSize));
  drawing.setAttribute("overflow", "visible");
  parent.appendChild(drawing);
}

/**
 * Draws a figure as a standalone SVG document. The same figure and theme give the same bytes.
 *
 * @param figure what a function of `figures/` returned.
 */
export function renderSvg(figure: Figure, theme: Theme): string {
  const { window } = new JSDOM("");
  const pen = penOf(window.document, theme);
  const root = window.document.createElementNS(svgNamespace, "svg");
  const ground = pen.element(root, "rect", { width: figureWidth, fill: theme.background });

  const title = balanceText(figure.title, titleSize, bodyWidth);
  let top = drawLines(pen, root, title, figureMargin - 4, {
    "font-size": titleSize,
    "font-weight": 600,
    fill: theme.text,
  });
  const remark = { "font-size": labelSize, fill: theme.muted };
  top = drawLines(pen, root, wrapText(figure.subtitle, labelSize, bodyWidth), top + 2, remark);
  top = drawLegend(pen, root, figure.legend, top) + 10;
  for (const panel of figure.panels) drawPanel(pen, root, panel, top);
  top += figure.bodyHeight;
  if (figure.note !== undefined) {
    top = drawLines(pen, root, wrapText(figure.note, labelSize, bodyWidth), top + 6, remark);
  }

  const height = Math.ceil(top + figureMargin - 4);
  ground.setAttribute("height", String(height));
  const attributes: Attributes = {
    viewBox: `0 0 ${figureWidth} ${height}`,
    width: figureWidth,
    height,
    role: "img",
    "aria-label": figure.title,
    "font-family": fontFamily,
    color: theme.text,
  };
  for (const [key, value] of Object.entries(attributes)) root.setAttribute(key, String(value));
  return new window.XMLSerializer().serializeToString(root);
}
