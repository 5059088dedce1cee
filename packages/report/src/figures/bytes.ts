import { axisY, dot, type Markish, ruleY } from "@observablehq/plot";
import { bottomAxis, numberAxis } from "../axes.ts";
import { bodyWidth, type Figure, type LegendEntry, labelSize } from "../figure.ts";
import { textWidth } from "../text.ts";
import { seriesColor, type Theme } from "../theme.ts";

/** Traffic of one worker, per update: means over seeds. */
export interface WorkerTraffic {
  /** Such as `stage 2, worker 3`; the same worker has the same name in every arm. */
  readonly worker: string;
  readonly sentBytesPerUpdate: number;
  readonly receivedBytesPerUpdate: number;
  /** What was sent of encoded tensors alone. */
  readonly sentTensorBytesPerUpdate: number;
}

/** @property seeds the number of runs behind each mean. */
export interface BytesData {
  readonly title: string;
  readonly seeds: number;
  readonly arms: readonly { readonly arm: string; readonly workers: readonly WorkerTraffic[] }[];
}

const axisHeight = 44;
const armHeight = 11;

interface Row extends WorkerTraffic {
  readonly color: string;
  readonly shift: number;
}

const scales = [
  [1e9, "GB"],
  [1e6, "MB"],
  [1e3, "kB"],
  [1, "B"],
] as const;

/** What each worker sends and receives in one update, arm below arm. */
export function bytes(data: BytesData, theme: Theme): Figure {
  const workers = [...new Set(data.arms.flatMap((arm) => arm.workers.map(({ worker }) => worker)))];
  const rows = data.arms.flatMap((arm, index) =>
    arm.workers.map((traffic): Row => {
      const shift = (index - (data.arms.length - 1) / 2) * armHeight;
      return { ...traffic, color: seriesColor(theme, index), shift };
    }),
  );
  const largest = Math.max(0, ...rows.map((row) => Math.max(row.sentBytesPerUpdate, row.receivedBytesPerUpdate)));
  const [factor, unit] = scales.find(([least]) => largest >= least) ?? [1, "B"];
  const height = workers.length * (data.arms.length * armHeight + 12) + axisHeight;
  const legend = [
    ...data.arms.map(
      ({ arm }, index): LegendEntry => ({ label: arm, color: seriesColor(theme, index), symbol: "line" }),
    ),
    { label: "sent", color: theme.muted, symbol: "dot" as const },
    { label: "received", color: theme.muted, symbol: "ring" as const },
  ];
  const several = data.seeds > 1 ? ` Means of ${data.seeds} seeds.` : "";
  return {
    title: data.title,
    subtitle: `Bytes that a worker sends and receives for one update, with all that goes over its link.${several}`,
    legend: legend,
    panels: [{ left: 0, top: 0, options: plotOptions(rows, { workers, factor, unit, height, theme }) }],
    bodyHeight: height,
  };
}

interface PlotParts {
  readonly workers: readonly string[];
  readonly factor: number;
  readonly unit: string;
  readonly height: number;
  readonly theme: Theme;
}

function plotOptions(rows: readonly Row[], { workers, factor, unit, height, theme }: PlotParts) {
  const sent = (row: Row): number => row.sentBytesPerUpdate / factor;
  const received = (row: Row): number => row.receivedBytesPerUpdate / factor;
  const x = numberAxis([0, ...rows.flatMap((row) => [sent(row), received(row)])], "linear", 7);
  const shifts = [...new Set(rows.map(({ shift }) => shift))];
  const marks: Markish[] = [
    ...bottomAxis(x, `${unit} per update`, theme),
    axisY({ label: null, tickSize: 0, tickPadding: 8, color: theme.text, fontSize: labelSize }),
    ...shifts.flatMap((dy) => {
      const here = rows.filter(({ shift }) => shift === dy);
      const stroke = (row: Row): string => row.color;
      return [
        ruleY(here, { y: "worker", x1: 0, x2: sent, dy, stroke, strokeWidth: 3, strokeOpacity: 0.35 }),
        dot(here, { y: "worker", x: sent, dy, r: 4, fill: stroke }),
        dot(here, {
          y: "worker",
          x: received,
          dy,
          r: 4,
          fill: theme.background,
          fillOpacity: 0,
          stroke,
          strokeWidth: 1.6,
        }),
      ];
    }),
  ];
  const marginLeft = Math.max(...workers.map((worker) => textWidth(worker, labelSize)), 0) + 14;
  return {
    width: bodyWidth,
    height,
    marginLeft,
    marginTop: 4,
    marginRight: 12,
    marginBottom: axisHeight - 4,
    x: x.scale,
    y: { type: "point" as const, domain: workers, padding: 0.5 },
    marks,
  };
}
