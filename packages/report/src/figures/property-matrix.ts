import { axisX, axisY, cell, type Markish, text } from "@observablehq/plot";
import { bodyWidth, type Figure, labelSize } from "../figure.ts";
import { formatNumber, textWidth } from "../text.ts";
import { seriesColor, type Theme } from "../theme.ts";

/** What is known of one property of one rule. */
export interface PropertyCell {
  readonly verdict: "proved" | "survived" | "counter-example" | "not-applicable";
  readonly isClaimed: boolean;
  /** Worlds in which it was tried. */
  readonly cases: number;
}

export interface PropertyRow {
  readonly rule: string;
  /** One for each property, in order. */
  readonly cells: readonly PropertyCell[];
}

/** @property subtitle how many cases were tried, and with which parameters. */
export interface PropertyMatrixData {
  readonly title: string;
  readonly subtitle: string;
  readonly properties: readonly string[];
  readonly rows: readonly PropertyRow[];
}

const rowHeight = 26;
const headHeight = 126;

interface Shown extends PropertyCell {
  readonly rule: string;
  readonly property: string;
}

/** A table of rules by properties: proved, survived so many cases, counter-example; filled where the rule claims it. */
export function propertyMatrix(data: PropertyMatrixData, theme: Theme): Figure {
  const labelWidth = Math.max(...data.rows.map(({ rule }) => textWidth(rule, labelSize)), 0) + 14;
  const height = headHeight + data.rows.length * rowHeight;
  const shown = data.rows.flatMap(({ rule, cells }) =>
    cells.map((known, index): Shown => ({ ...known, rule, property: data.properties[index] ?? "" })),
  );
  const options = {
    width: bodyWidth,
    height,
    marginTop: headHeight,
    marginLeft: labelWidth,
    // Slanted names of the last columns reach beyond them.
    marginRight: 64,
    marginBottom: 0,
    x: { type: "band" as const, domain: data.properties, padding: 0.06 },
    y: { type: "band" as const, domain: data.rows.map(({ rule }) => rule), padding: 0.12 },
    marks: marksOf(shown, theme),
  };
  const colors = colorsOf(theme);
  return {
    title: data.title,
    subtitle: data.subtitle,
    legend: [
      { label: "proof, both sides of its boundary tried", color: colors.proved, symbol: "band" },
      { label: "survived so many cases", color: colors.survived, symbol: "band" },
      { label: "counter-example (×)", color: colors["counter-example"], symbol: "band" },
      { label: "does not apply (–)", color: colors["not-applicable"], symbol: "band" },
    ],
    panels: [{ left: 0, top: 0, options }],
    bodyHeight: height,
    note: "A bold frame marks what the rule claims. A counter-example in a bold frame is a broken claim.",
  };
}

const colorsOf = (theme: Theme): Readonly<Record<PropertyCell["verdict"], string>> => ({
  proved: seriesColor(theme, 2),
  survived: seriesColor(theme, 6),
  "counter-example": seriesColor(theme, 1),
  "not-applicable": theme.rule,
});

function textOf({ verdict, cases }: PropertyCell): string {
  if (verdict === "proved") return "proof";
  if (verdict === "survived") return formatNumber(cases);
  return verdict === "counter-example" ? "×" : "–";
}

function marksOf(shown: readonly Shown[], theme: Theme): Markish[] {
  const colors = colorsOf(theme);
  const color = ({ verdict }: Shown): string => colors[verdict];
  const place = { x: "property", y: "rule" } as const;
  return [
    axisX({ anchor: "top", label: null, tickSize: 0, tickRotate: -45, color: theme.text, fontSize: labelSize }),
    axisY({ label: null, tickSize: 0, tickPadding: 8, color: theme.text, fontSize: labelSize }),
    cell(shown, { ...place, fill: color, fillOpacity: 0.25 }),
    cell(
      shown.filter(({ isClaimed }) => isClaimed),
      { ...place, stroke: color, strokeWidth: 1.75, fill: "none", inset: 0.5 },
    ),
    text(shown, { ...place, text: textOf, fill: theme.text, fontSize: 10 }),
  ];
}
