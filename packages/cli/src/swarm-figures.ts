/** Figures of runs of the swarm: loss, traffic, what workers did, and simulations beside their hardware. */
import type { PointSummary } from "@shardlab/experiment";
import type { LossArm, LossPoint, ReportFigure, WorkerTraffic } from "@shardlab/report";
import { predictionFigures } from "./swarm-prediction.ts";
import { timelineWindowFigures } from "./swarm-timeline.ts";
import { type ArmRuns, armRelation, byArm, hasTable, numberOf } from "./table-figures.ts";

/** Figures of an experiment of the swarm; none for any other. */
export async function swarmFigures(runs: ArmRuns, points: readonly PointSummary[]): Promise<ReportFigure[]> {
  if (!hasTable(runs, "updates")) return [];
  return [
    ...(await lossFigures(runs)),
    ...(await predictionFigures(runs, points)),
    ...(await timelineWindowFigures(runs)),
    ...(await bytesFigures(runs)),
  ];
}

const seedsOf = ({ arms }: ArmRuns): number => Math.max(0, ...arms.map((arm) => arm.runs.length));

/** Mean, least and greatest loss over seeds; updates are counted as done, so that the first stands at 1. */
async function lossPoints(runs: ArmRuns, table: "updates" | "evaluations"): Promise<Map<string, LossPoint[]>> {
  if (!hasTable(runs, table)) return new Map();
  const done = table === "updates" ? '"update" + 1' : "version";
  const answer = await runs.results.query(
    `select arm, ${done} as done, avg(seconds), avg(loss), min(loss), max(loss)
     from ${table} join ${armRelation(runs)} using (run) where not isnan(loss) group by all order by done`,
  );
  return new Map(
    byArm(runs, answer).map(({ arm, rows }) => [
      arm,
      rows.map(
        ([, update, seconds, mean, low, high]): LossPoint => ({
          ...{ update: numberOf(update), seconds: numberOf(seconds) },
          ...{ mean: numberOf(mean), low: numberOf(low), high: numberOf(high) },
        }),
      ),
    ]),
  );
}

async function lossFigures(runs: ArmRuns): Promise<ReportFigure[]> {
  const training = await lossPoints(runs, "updates");
  const heldOut = await lossPoints(runs, "evaluations");
  const ofArm = (arm: string): LossArm => ({
    arm,
    training: training.get(arm) ?? [],
    heldOut: heldOut.get(arm) ?? [],
  });
  const arms = runs.arms.map(({ label }) => ofArm(label)).filter((arm) => arm.training.length > 0);
  if (arms.length === 0) return [];
  const without = runs.arms.filter(({ label, runs: made }) => made.length > 0 && !training.has(label));
  const names = without.map(({ label }) => label).join(", ");
  const floor = await lossFloor(runs);
  const note = without.length > 0 ? { note: `Not modelled, and so not shown: the loss of ${names}.` } : {};
  return [
    {
      id: "loss",
      caption: "What training reaches, by updates and by the clock of each arm's world.",
      spec: { kind: "loss", data: { title: "Loss", seeds: seedsOf(runs), arms, ...floor, ...note } },
    },
  ];
}

/** The entropy of the data, the mean over runs, where runs know it. */
async function lossFloor(runs: ArmRuns): Promise<{ readonly floor?: number }> {
  const { rows } = await runs.results.query(
    `select avg(value) from measures join ${armRelation(runs)} using (run) where name = 'loss-floor'`,
  );
  const floor = numberOf(rows[0]?.[0]);
  return Number.isFinite(floor) ? { floor } : {};
}

/** More rows than these are told stage by stage. */
const mostWorkers = 24;

async function bytesFigures(runs: ArmRuns): Promise<ReportFigure[]> {
  if (!hasTable(runs, "workers")) return [];
  const answer = await runs.results.query(
    `with made as (select run, greatest(count(*), 1) as n from updates group by run)
     select arm, stage, node, avg(sent / n), avg(received / n), avg("sent-tensors" / n)
     from workers join made using (run) join ${armRelation(runs)} using (run) group by all order by stage, node`,
  );
  const arms = byArm(runs, answer).map(({ arm, rows }) => ({
    arm,
    workers: rows.map(
      ([, stage, node, sent, received, tensors]): WorkerTraffic => ({
        worker: workerName(numberOf(stage), numberOf(node)),
        sentBytesPerUpdate: numberOf(sent),
        receivedBytesPerUpdate: numberOf(received),
        sentTensorBytesPerUpdate: numberOf(tensors),
      }),
    ),
  }));
  if (arms.length === 0) return [];
  const shown = arms.map((arm) => ({ ...arm, workers: arm.workers.slice(0, mostWorkers) }));
  return [
    {
      id: "bytes",
      caption:
        "What goes over each worker's link in an update: tensors at its stage's boundaries and between replicas, and the little that is said besides.",
      spec: { kind: "bytes", data: { title: "Traffic of each worker", seeds: seedsOf(runs), arms: shown } },
    },
  ];
}

/** `stage 2, worker 3`; a worker that never held a stage is idle. */
export const workerName = (stage: number, node: number): string =>
  stage < 0 ? `idle, worker ${node}` : `stage ${stage}, worker ${node}`;
