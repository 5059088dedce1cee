/** What workers did in a few updates in the middle of a run. */
import type { ReportFigure, RunWindow, TaskSpan, TimelineTask } from "@shardlab/report";
import { type ArmRuns, hasTable, numberOf, quote } from "./table-figures.ts";

const updatesShown = 2;
const mostWorkers = 16;
const mostArms = 4;

/** A Gantt chart for the first run of each of the first arms. */
export async function timelineWindowFigures(runs: ArmRuns): Promise<ReportFigure[]> {
  if (!hasTable(runs, "tasks")) return [];
  const windows: RunWindow[] = [];
  for (const { label, runs: made } of runs.arms.slice(0, mostArms)) {
    const [first] = made;
    const window = first === undefined ? undefined : await windowOf(runs, label, first);
    if (window) windows.push(window);
  }
  if (windows.length === 0) return [];
  return [
    {
      id: "pipeline-timeline",
      caption:
        "When each worker computed and when it waited, for the stage before it, the one after it, or its replicas.",
      spec: { kind: "pipeline-timeline", data: { title: "What the workers did", windows } },
    },
  ];
}

interface Decided {
  readonly update: number;
  readonly seconds: number;
}

/** The middle of the updates whose tasks were kept; undefined where there are too few. */
async function windowOf(runs: ArmRuns, arm: string, run: string): Promise<RunWindow | undefined> {
  const { rows } = await runs.results.query(
    `select "update", seconds from updates where run = ${quote(run)}
       and "update" <= (select max("update") from tasks where run = ${quote(run)}) order by "update"`,
  );
  const decided = rows.map(([update, seconds]): Decided => ({ update: numberOf(update), seconds: numberOf(seconds) }));
  const last = Math.min(decided.length - 1, Math.floor(decided.length / 2) + updatesShown - 1);
  const before = decided[last - updatesShown];
  const end = decided[last];
  if (before === undefined || end === undefined) return undefined;
  const [fromSeconds, toSeconds] = [before.seconds, end.seconds];
  return {
    ...{ arm, fromSeconds, toSeconds },
    workers: await rowsOf(runs, run, { fromSeconds, toSeconds }),
    updates: decided
      .slice(last - updatesShown + 1, last + 1)
      .map(({ update, seconds }) => ({ update: update + 1, seconds })),
  };
}

const kinds: Readonly<Record<string, TimelineTask>> = {
  forward: "forward",
  backward: "backward",
  "reduce-export": "reduce",
  "reduce-import": "reduce",
  "gradient-encode": "reduce",
  "gradient-decode": "reduce",
  "tied-export": "reduce",
  "tied-import": "reduce",
  "gradient-norm": "reduce",
  apply: "apply",
};

async function rowsOf(
  runs: ArmRuns,
  run: string,
  { fromSeconds, toSeconds }: { readonly fromSeconds: number; readonly toSeconds: number },
): Promise<RunWindow["workers"]> {
  const { rows } = await runs.results.query(
    `select stage, node, task, microbatch, split, start, "end" from tasks where run = ${quote(run)} and stage >= 0
       and "end" > ${fromSeconds} and start < ${toSeconds} order by node, stage, start`,
  );
  const workers = new Map<string, { readonly worker: string; readonly order: number; readonly spans: TaskSpan[] }>();
  for (const [stage, node, task, microbatch, split, start, end] of rows) {
    const worker = `stage ${numberOf(stage)}, worker ${numberOf(node)}`;
    const row = workers.get(worker) ?? { worker, order: numberOf(stage) * 1e6 + numberOf(node), spans: [] };
    workers.set(worker, row);
    const isPass = task === "forward" || task === "backward";
    row.spans.push({
      task: split === "held-out" ? "evaluate" : (kinds[String(task)] ?? "other"),
      ...{ startSeconds: numberOf(start), endSeconds: numberOf(end) },
      ...(isPass && { label: String(numberOf(microbatch)) }),
    });
  }
  return [...workers.values()]
    .sort((a, b) => a.order - b.order)
    .slice(0, mostWorkers)
    .map(({ worker, spans }) => ({ worker, spans }));
}
