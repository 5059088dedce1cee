import type { Plan } from "@shardlab/experiment";

/** One line of JSON for each stored run of `plan`, in the order of the plan, so that the order never depends on timing. */
export async function runLines(plan: Plan, directory: string): Promise<string[]> {
  const { listExperimentRuns, readMeasures } = await import("@shardlab/results");
  const stored = new Map(listExperimentRuns(directory).map((run) => [run.runHash, run]));
  const measures = new Map<string, Record<string, number>>();
  for (const { run, name, value } of await readMeasures(directory)) {
    const ofRun = measures.get(run) ?? {};
    ofRun[name] = value;
    measures.set(run, ofRun);
  }
  return plan.tasks.flatMap(({ runHash, design, arm, seed, coordinates }) => {
    const found = stored.get(runHash);
    if (found === undefined) return [];
    const { run, directory: path } = found;
    const { traceHash } = found.manifest;
    return [
      JSON.stringify({
        experiment: plan.experiment,
        run,
        design,
        arm,
        coordinates,
        seed,
        traceHash,
        path,
        measures: measures.get(run) ?? {},
      }),
    ];
  });
}
