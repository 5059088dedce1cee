import { axisX, axisY, cell, type Markish, text } from "@observablehq/plot";
import { bodyWidth, type Figure, headingHeight, type Interval, labelSize, type Panel } from "../figure.ts";
import { formatNumber, textWidth } from "../text.ts";
import { seriesColor, type Theme } from "../theme.ts";

/** A payoff with the interval that it was measured with; a payoff that is known has one of no width. */
export type PayoffCell = Pick<Interval, "mean" | "low" | "high">;

/**
 * The payoffs of one role.
 *
 * @property heading such as the mechanism, or the role; absent where there is one table alone.
 * @property cells by row and column.
 * @property best whether the choice is between rows, against what the column is, or between columns.
 */
export interface PayoffTable {
  readonly heading?: string;
  readonly rows: readonly string[];
  readonly columns: readonly string[];
  readonly cells: readonly (readonly PayoffCell[])[];
  readonly best: "row" | "column";
}

/** @property rowLabel, columnLabel what rows and columns are: `earns`, `where the others play`. */
export interface PayoffMatrixData {
  readonly title: string;
  readonly subtitle: string;
  readonly unit: string;
  readonly rowLabel: string;
  readonly columnLabel: string;
  readonly tables: readonly PayoffTable[];
}

const headHeight = 50;
const gap = 18;
const slantFrom = 84;
const slantedHeadHeight = 130;

/** Room around cells: a cell with an interval has two lines. */
const roomyRow = 44;
const tightRow = 26;

interface Shown {
  readonly row: string;
  readonly column: string;
  readonly mean: number;
  readonly value: string;
  readonly range: string;
  readonly isBest: boolean;
}

/** Tables of what each strategy earns against each other; the best answer to each is framed. */
export function payoffMatrix(data: PayoffMatrixData, theme: Theme): Figure {
  let top = 0;
  const panels = data.tables.map((table): Panel => {
    const largest = Math.max(...table.cells.flat().map(({ mean }) => Math.abs(mean)), 1e-300);
    const options = tableOptions(table, { data, largest, theme });
    const panel = { left: 0, top, ...(table.heading !== undefined && { heading: table.heading }), options };
    top += (table.heading === undefined ? 0 : headingHeight) + options.height + gap;
    return panel;
  });
  return {
    title: data.title,
    subtitle: data.subtitle,
    legend: [
      { label: "gains", color: seriesColor(theme, 0), symbol: "band" },
      { label: "loses", color: seriesColor(theme, 1), symbol: "band" },
      { label: `best answer (${unitWords(data.unit)})`, color: theme.text, symbol: "frame" },
    ],
    panels,
    bodyHeight: top - gap,
  };
}

const unitWords = (unit: string): string =>
  unit === "" || unit === "1" ? "payoffs have no unit" : `payoffs in ${unit}`;

interface Drawing {
  readonly data: PayoffMatrixData;
  readonly largest: number;
  readonly theme: Theme;
}

function tableOptions(table: PayoffTable, { data, largest, theme }: Drawing): Panel["options"] {
  const marginLeft = Math.min(
    220,
    Math.max(...table.rows.map((row) => textWidth(row, labelSize)), textWidth(data.rowLabel, labelSize)) + 16,
  );
  const columnWidth = (bodyWidth - marginLeft) / table.columns.length;
  const isSlanted =
    Math.max(...table.columns.map((column) => textWidth(column, labelSize))) > Math.max(columnWidth, slantFrom * 0.5);
  const shown = shownCells(table);
  const isRoomy = columnWidth >= 86 && shown.some(({ range }) => range !== "");
  const marginTop = isSlanted ? slantedHeadHeight : headHeight;
  const size = columnWidth < 44 ? 9 : labelSize;
  return {
    ...{
      width: bodyWidth,
      height: marginTop + table.rows.length * (isRoomy ? roomyRow : tightRow),
      marginTop,
      marginLeft,
    },
    ...{ marginRight: isSlanted ? 64 : 2, marginBottom: 2 },
    x: { type: "band", domain: [...table.columns], padding: 0.06 },
    y: { type: "band", domain: [...table.rows], padding: 0.1 },
    marks: [
      axisX({
        ...{
          anchor: "top",
          label: data.columnLabel,
          labelAnchor: "left",
          labelArrow: "none",
          tickSize: 0,
          color: theme.text,
          fontSize: labelSize,
        },
        ...(isSlanted && { tickRotate: -45 }),
      }),
      axisY({
        label: data.rowLabel,
        labelArrow: "none",
        tickSize: 0,
        tickPadding: 8,
        color: theme.text,
        fontSize: labelSize,
      }),
      ...cellMarks(shown, { largest, theme, isRoomy, size }),
    ],
  };
}

function cellMarks(
  shown: readonly Shown[],
  { largest, theme, isRoomy, size }: { largest: number; theme: Theme; isRoomy: boolean; size: number },
): Markish[] {
  const place = { x: "column", y: "row" } as const;
  return [
    cell(shown, {
      ...place,
      fill: ({ mean }: Shown) => seriesColor(theme, mean >= 0 ? 0 : 1),
      // Weak enough for text to stand out on the strongest of them.
      fillOpacity: ({ mean }: Shown) => 0.05 + (0.4 * Math.abs(mean)) / largest,
    }),
    cell(
      shown.filter(({ isBest }) => isBest),
      { ...place, fill: "none", stroke: theme.text, strokeWidth: 2, inset: 1 },
    ),
    ...[true, false].map((hasRange) =>
      text(
        shown.filter(({ range }) => (range !== "") === hasRange),
        {
          ...place,
          text: "value",
          fill: theme.text,
          fontSize: size,
          fontWeight: 600,
          dy: isRoomy && hasRange ? -7 : 0,
        },
      ),
    ),
    ...(isRoomy ? [text(shown, { ...place, text: "range", fill: theme.text, fontSize: 10.5, dy: 9 })] : []),
  ];
}

function shownCells({ rows, columns, cells, best }: PayoffTable): Shown[] {
  return rows.flatMap((row, i) =>
    columns.map((column, j): Shown => {
      const { mean, low, high } = cells[i]?.[j] ?? { mean: Number.NaN, low: Number.NaN, high: Number.NaN };
      const rivals = best === "row" ? cells.map((others) => others[j]) : (cells[i] ?? []);
      const most = Math.max(...rivals.map((rival) => rival?.mean ?? Number.NEGATIVE_INFINITY));
      const range = low < high ? `${formatNumber(low)} to ${formatNumber(high)}` : "";
      return { row, column, mean, value: formatNumber(mean), range, isBest: mean === most };
    }),
  );
}
