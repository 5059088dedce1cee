/** How well the simulation of a run foretold what it took on hardware, beside two formulas that need no simulation. */
import type { PointSummary } from "@shardlab/experiment";
import type { PredictedArm, ReportFigure, UpdateSeconds } from "@shardlab/report";
import { type EnginePair, enginePairs } from "./engine-pairs.ts";
import { formatQuantity } from "./number-format.ts";
import { type ArmRuns, hasTable, numberOf, quote } from "./table-figures.ts";

/** A figure where arms differ in the engine alone; none where nothing was measured. */
export async function predictionFigures(runs: ArmRuns, points: readonly PointSummary[]): Promise<ReportFigure[]> {
  const pairs = enginePairs(points);
  const arms: PredictedArm[] = [];
  const remarks: string[] = [];
  for (const pair of pairs) {
    const arm = await predictedArm(runs, pair);
    if (arm === undefined) continue;
    arms.push(arm);
    remarks.push(remarkOf(arm, rhoOf(pair), pairs.length > 1));
  }
  if (arms.length === 0) return [];
  return [
    {
      id: "prediction",
      caption:
        "The simulation was stored before anything was measured. Skill is what is left of a formula's error on the logarithm, subtracted from 1: 1 is perfect, 0 no better than the formula.",
      spec: {
        kind: "prediction",
        data: { title: "The simulation beside the hardware", remark: remarks.join(" "), arms },
      },
    },
  ];
}

const runsOfArm = ({ arms }: ArmRuns, label: string): readonly string[] =>
  arms.find((arm) => arm.label === label)?.runs ?? [];

async function predictedArm(
  runs: ArmRuns,
  { label, hardware, simulation }: EnginePair,
): Promise<PredictedArm | undefined> {
  const [measuredRun] = runsOfArm(runs, hardware.arm);
  const [simulatedRun] = runsOfArm(runs, simulation.arm);
  if (measuredRun === undefined || simulatedRun === undefined) return undefined;
  const measured = await updateSeconds(runs, measuredRun);
  const simulated = await updateSeconds(runs, simulatedRun);
  const [measuredMedian, simulatedMedian] = [medianOf(hardware, measured), medianOf(simulation, simulated)];
  if (!(measuredMedian > 0 && simulatedMedian > 0)) return undefined;
  const bounds = await boundsOf(runs, simulatedRun);
  return { arm: label === "" ? hardware.arm : label, measured, simulated, measuredMedian, simulatedMedian, bounds };
}

/** Mean over seeds of the median over updates; of the first seed alone where the scenario does not show that measure. */
function medianOf({ measures }: PointSummary, updates: readonly UpdateSeconds[]): number {
  const known = measures["seconds-per-update"]?.mean;
  if (known !== undefined) return known;
  const sorted = updates.map(({ seconds }) => seconds).sort((a, b) => a - b);
  return sorted[Math.floor(sorted.length / 2)] ?? Number.NaN;
}

/**
 * Seconds between one decision and the next, of which each update that is decided then takes its part; the first decision
 * also holds the opening of the shards, and is left out.
 */
async function updateSeconds({ results }: ArmRuns, run: string): Promise<UpdateSeconds[]> {
  const { rows } = await results.query(
    `with own as (select "update", seconds from updates where run = ${quote(run)}),
       decisions as (select seconds, (seconds - lag(seconds) over (order by seconds)) / count(*) as part from own group by seconds)
     select "update" + 1, part from own join decisions using (seconds) order by 1`,
  );
  return rows
    .map(([update, seconds]): UpdateSeconds => ({ update: numberOf(update), seconds: numberOf(seconds) }))
    .filter(({ seconds }) => Number.isFinite(seconds));
}

/** What the busiest device and the busiest link of the simulated run take for one update: the larger, and both together. */
async function boundsOf(runs: ArmRuns, run: string): Promise<PredictedArm["bounds"]> {
  if (!hasTable(runs, "workers")) return [];
  const { rows } = await runs.results.query(
    `select max(busy / n), max(sent / "asked-uplink" / n)
     from workers, (select count(*) as n from updates where run = ${quote(run)}) where run = ${quote(run)}`,
  );
  const [compute, transfer] = (rows[0] ?? []).map(numberOf);
  if (compute === undefined || transfer === undefined || !(compute + transfer > 0)) return [];
  return [
    { name: "larger of compute and transfer", seconds: Math.max(compute, transfer) },
    { name: "compute plus transfer", seconds: compute + transfer },
  ];
}

function rhoOf({ hardware, simulation }: EnginePair): number | undefined {
  return hardware.measures.rho?.mean ?? simulation.measures.rho?.mean;
}

/** The three bands in which predictions are judged apart. */
const bandOf = (rho: number): string => (rho < 0.5 ? "below 0.5" : rho <= 2 ? "0.5 to 2" : "above 2");

const errorOf = (predicted: number, measured: number): number => Math.abs(Math.log(predicted / measured));

/** `The simulation foretold 0.84 s per update, the hardware took 0.9 s: 7 % off. Skill 0.8 over …; rho 0.7 (0.5 to 2).` */
function remarkOf(arm: PredictedArm, rho: number | undefined, isNamed: boolean): string {
  const { measuredMedian, simulatedMedian, bounds } = arm;
  const off = formatQuantity(Math.abs(simulatedMedian / measuredMedian - 1), "share");
  const own = errorOf(simulatedMedian, measuredMedian);
  const skills = bounds.map(({ name, seconds }) => {
    return `${formatQuantity(1 - own / errorOf(seconds, measuredMedian), "")} over ${name}`;
  });
  const seconds = (value: number): string => `${formatQuantity(value, "")} s`;
  const sentence = `foretold ${seconds(simulatedMedian)} per update, hardware took ${seconds(measuredMedian)}: ${off} off.`;
  return [
    `${isNamed ? `${arm.arm}: s` : "S"}imulation ${sentence}`,
    ...(skills.length > 0 ? [`Skill ${skills.join(", ")}.`] : []),
    ...(rho !== undefined && Number.isFinite(rho)
      ? [`Transfer over compute, rho, is ${formatQuantity(rho, "")} (${bandOf(rho)}).`]
      : []),
  ].join(" ");
}
