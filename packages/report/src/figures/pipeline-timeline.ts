import { axisY, type Markish, rect, ruleX, text } from "@observablehq/plot";
import { bottomAxis, numberAxis } from "../axes.ts";
import { bodyWidth, type Figure, headingHeight, type LegendEntry, labelSize, type Panel } from "../figure.ts";
import { textWidth } from "../text.ts";
import { seriesColor, type Theme } from "../theme.ts";

/** What a worker's device may do, in the words of the figure. */
export const timelineTasks = ["forward", "backward", "reduce", "apply", "evaluate", "other"] as const;
export type TimelineTask = (typeof timelineTasks)[number];

/** @property label written inside, where there is room: the number of the microbatch. */
export interface TaskSpan {
  readonly task: TimelineTask;
  readonly startSeconds: number;
  readonly endSeconds: number;
  readonly label?: string;
}

/** One device, and what it did in the window; the rest of the time it waited. */
export interface WorkerRow {
  /** Such as `stage 0, worker 1`. */
  readonly worker: string;
  readonly spans: readonly TaskSpan[];
}

/**
 * A window of one run.
 *
 * @property fromSeconds, toSeconds of the window, by the clock of its world.
 * @property updates when each update that falls into the window was decided.
 */
export interface RunWindow {
  readonly arm: string;
  readonly fromSeconds: number;
  readonly toSeconds: number;
  readonly workers: readonly WorkerRow[];
  readonly updates: readonly { readonly update: number; readonly seconds: number }[];
}

export interface PipelineTimelineData {
  readonly title: string;
  readonly windows: readonly RunWindow[];
}

const rowHeight = 24;
const axisHeight = 46;
const panelGap = 14;
const marginTop = 18;
/** Letters are about so wide that a span holds them. */
const roomForLabel = 5;

const colorsOf = (theme: Theme): Readonly<Record<TimelineTask, string>> => ({
  forward: seriesColor(theme, 0),
  backward: seriesColor(theme, 1),
  reduce: seriesColor(theme, 2),
  apply: seriesColor(theme, 3),
  evaluate: seriesColor(theme, 6),
  other: theme.rule,
});

/** A Gantt chart for each arm: a row for each worker, a bar for each task, ground where it waited. All share one scale. */
export function pipelineTimeline(data: PipelineTimelineData, theme: Theme): Figure {
  const workers = data.windows.flatMap((window) => window.workers.map(({ worker }) => worker));
  const marginLeft = Math.max(...workers.map((worker) => textWidth(worker, labelSize)), 0) + 14;
  const longest = Math.max(0, ...data.windows.map(({ fromSeconds, toSeconds }) => toSeconds - fromSeconds));
  let top = 0;
  const panels = data.windows.map((window): Panel => {
    const height = window.workers.length * rowHeight + axisHeight + marginTop;
    const options = { ...windowPlot(window, { longest, marginLeft, theme }), width: bodyWidth, height, marginLeft };
    const panel = { left: 0, top, heading: window.arm, options };
    top += headingHeight + height + panelGap;
    return panel;
  });
  const colors = colorsOf(theme);
  const used = new Set(
    data.windows.flatMap((window) => window.workers.flatMap(({ spans }) => spans.map(({ task }) => task))),
  );
  const legend = [
    ...timelineTasks
      .filter((task) => used.has(task))
      .map((task): LegendEntry => ({ label: task, color: colors[task], symbol: "line" })),
    { label: "waiting", color: theme.grid, symbol: "line" as const },
    { label: "update decided", color: theme.muted, symbol: "dash" as const },
  ];
  return {
    title: data.title,
    subtitle:
      "What each worker's device did in a few updates in the middle of the run; numbers on bars are microbatches.",
    legend,
    panels,
    bodyHeight: Math.max(0, top - panelGap),
  };
}

interface WindowOptions {
  readonly longest: number;
  readonly marginLeft: number;
  readonly theme: Theme;
}

interface Bar {
  readonly worker: string;
  readonly from: number;
  readonly to: number;
  readonly color: string;
  readonly label: string;
}

function windowPlot(window: RunWindow, { longest, marginLeft, theme }: WindowOptions) {
  const { fromSeconds, toSeconds, workers, updates } = window;
  const [factor, unit] = longest < 2 ? [1e3, "ms"] : [1, "s"];
  const since = (seconds: number): number =>
    (Math.min(Math.max(seconds, fromSeconds), toSeconds) - fromSeconds) * factor;
  const colors = colorsOf(theme);
  const pixels = (bodyWidth - marginLeft - 12) / (longest * factor || 1);
  const bars = workers.flatMap(({ worker, spans }) =>
    spans.map(({ task, startSeconds, endSeconds, label = "" }): Bar => {
      const [from, to] = [since(startSeconds), since(endSeconds)];
      return { worker, from, to, color: colors[task], label };
    }),
  );
  const isTight = ({ from, to, label }: Bar): boolean =>
    (to - from) * pixels < textWidth(label, labelSize - 2) + roomForLabel;
  const isLabelled = !bars.some((bar) => bar.label !== "" && isTight(bar));
  const x = numberAxis([0, longest * factor], "linear", 8);
  const end = { from: 0, to: (toSeconds - fromSeconds) * factor };
  const decided = updates.map(({ update, seconds }) => ({ update, at: since(seconds) }));
  const marks: Markish[] = [
    ...bottomAxis(x, `${unit} since ${fromSeconds.toFixed(2)} s into the run`, theme),
    axisY({ label: null, tickSize: 0, tickPadding: 8, color: theme.text, fontSize: labelSize }),
    rect(
      workers.map(({ worker }) => ({ worker, ...end })),
      { x1: "from", x2: "to", y: "worker", fill: theme.grid, insetTop: 3, insetBottom: 3 },
    ),
    rect(bars, { x1: "from", x2: "to", y: "worker", fill: "color", insetTop: 3, insetBottom: 3 }),
    text(isLabelled ? bars : [], {
      x: ({ from, to }: Bar) => (from + to) / 2,
      y: "worker",
      text: "label",
      fill: theme.background,
      fontSize: labelSize - 2,
    }),
    ruleX(decided, { x: "at", stroke: theme.muted, strokeDasharray: "3 3" }),
    text(decided, {
      x: "at",
      text: ({ update }) => `${update}`,
      frameAnchor: "top",
      dy: -14,
      fill: theme.muted,
      fontSize: labelSize - 1,
    }),
  ];
  return {
    marginTop,
    marginRight: 12,
    marginBottom: axisHeight - 4,
    x: { ...x.scale, domain: [0, longest * factor] },
    y: { type: "band" as const, domain: workers.map(({ worker }) => worker), padding: 0.06 },
    marks,
  };
}
