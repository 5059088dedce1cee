/** Figures that are drawn from the tables of runs rather than from their measures. */
import type { ExperimentDesign, PointSummary } from "@shardlab/experiment";
import type { OwnershipCurve, ReportFigure, TimelinePoint } from "@shardlab/report";
import type { OpenResults, QueryAnswer, QueryValue, StoredRun } from "@shardlab/results";

/** The runs of the main design by arm. */
export interface ArmRuns {
  readonly results: OpenResults;
  readonly arms: readonly { readonly label: string; readonly runs: readonly string[] }[];
}

interface ArmSources {
  readonly results: OpenResults;
  readonly design: ExperimentDesign;
  readonly runs: readonly StoredRun[];
}

/** Sorts the runs of the main design into the arms of the design. */
export function armRuns({ results, design, runs }: ArmSources): ArmRuns {
  const keyOf = (coordinates: object): string => JSON.stringify(Object.entries(coordinates).sort());
  const runsAt = new Map<string, string[]>();
  for (const { run, design: part, coordinates } of runs) {
    if (part !== "main") continue;
    const key = keyOf(coordinates);
    const known = runsAt.get(key);
    if (known) known.push(run);
    else runsAt.set(key, [run]);
  }
  return {
    results,
    arms: design.arms.map(({ label, coordinates }) => ({ label, runs: runsAt.get(keyOf(coordinates)) ?? [] })),
  };
}

export const quote = (text: string): string => `'${text.replaceAll("'", "''")}'`;

/** A relation of run and arm, to join a table with. */
export function armRelation({ arms }: ArmRuns): string {
  const rows = arms.flatMap(({ label, runs }) => runs.map((run) => `(${quote(run)}, ${quote(label)})`));
  return `(values ${rows.join(", ")}) as arms(run, arm)`;
}

export const numberOf = (value: QueryValue | undefined): number => (typeof value === "number" ? value : Number.NaN);

/** Rows by the text in their first column, in the order of the arms. */
export function byArm({ arms }: ArmRuns, { rows }: QueryAnswer): { arm: string; rows: QueryAnswer["rows"] }[] {
  return arms
    .map(({ label }) => ({ arm: label, rows: rows.filter(([arm]) => arm === label) }))
    .filter((group) => group.rows.length > 0);
}

export const hasTable = (runs: ArmRuns, table: string): boolean =>
  runs.results.views.includes(table) && runs.arms.some((arm) => arm.runs.length > 0);

/** A column of the timeline: how it is added up over models, and what it is called. */
interface TimelineColumn {
  readonly column: string;
  readonly over: "sum" | "avg";
  readonly label: string;
  readonly unit: string;
  readonly caption: string;
}

const timelineColumns: readonly TimelineColumn[] = [
  {
    column: "compute",
    over: "sum",
    label: "Compute gathered",
    unit: "ZFLOP",
    caption: "How much training compute each arm has gathered by each day, over all models.",
  },
  {
    column: "loss",
    over: "avg",
    label: "Loss",
    unit: "nat/token",
    caption: "What that compute and the data gathered are worth: loss by the scaling law, mean over models.",
  },
];

async function timelineFigure(runs: ArmRuns, shown: TimelineColumn): Promise<ReportFigure> {
  const { column, over, label, unit, caption } = shown;
  const answer = await runs.results.query(
    `with each_run as (select run, arm, day, ${over}("${column}") as value from timeline join ${armRelation(runs)} using (run) group by all)
     select arm, day, avg(value), quantile_cont(value, 0.1), quantile_cont(value, 0.9) from each_run group by all order by day`,
  );
  const arms = byArm(runs, answer).map(({ arm, rows }) => ({
    arm,
    points: rows.map(
      ([, time, mean, low, high]): TimelinePoint => ({
        time: numberOf(time),
        mean: numberOf(mean),
        low: numberOf(low),
        high: numberOf(high),
      }),
    ),
  }));
  return {
    id: `timeline-${column}`,
    caption,
    spec: {
      kind: "timeline",
      data: {
        title: `${label} over time`,
        label,
        unit,
        timeLabel: "Day",
        timeUnit: "",
        seeds: Math.max(0, ...runs.arms.map((arm) => arm.runs.length)),
        band: "10th to 90th percentile of the seeds",
        arms,
      },
    },
  };
}

/** Columns of `timeline` over time, one line per arm; none where no run kept that table. */
export async function timelineFigures(runs: ArmRuns): Promise<ReportFigure[]> {
  if (!hasTable(runs, "timeline")) return [];
  return Promise.all(timelineColumns.map((column) => timelineFigure(runs, column)));
}

/** Lorenz curves, the mean over seeds; arms in which nobody owns anything are left out. */
export async function ownershipFigures(runs: ArmRuns, points: readonly PointSummary[]): Promise<ReportFigure[]> {
  if (!hasTable(runs, "ownership")) return [];
  const answer = await runs.results.query(
    `select arm, "owner-share", avg("held-share") from ownership join ${armRelation(runs)} using (run) group by all order by 2`,
  );
  const arms = byArm(runs, answer).flatMap(({ arm, rows }): OwnershipCurve[] => {
    const measures = points.find((point) => point.arm === arm)?.measures;
    const curve = rows.map(([, holders, owned]) => ({ holders: numberOf(holders), owned: numberOf(owned) }));
    const [gini, nakamoto] = [measures?.gini?.mean, measures?.nakamoto?.mean];
    if (gini === undefined || nakamoto === undefined || !Number.isFinite(gini) || !(curve.at(-1)?.owned === 1))
      return [];
    return [{ arm, curve, gini, nakamoto }];
  });
  if (arms.length === 0) return [];
  return [
    {
      id: "ownership-concentration",
      caption:
        "Who ends up with the claims on the models' revenue: the further below the diagonal, the fewer hold most of it.",
      spec: {
        kind: "ownership-concentration",
        data: {
          title: "Concentration of ownership",
          subtitle: "Entitlement to revenue of each provider at the end of the run; mean curve over seeds.",
          arms,
        },
      },
    },
  ];
}
