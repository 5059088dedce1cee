/** Runs of the tiny swarm through the command, and what they stored. */
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { openResults } from "@shardlab/results";

export const fixture = "test/fixtures/tiny-swarm.yaml";
const experiment = "tiny-swarm";

/** The training loss after each update of the stored run, in order. */
export async function storedLosses(out: string, engine: "hardware" | "simulation"): Promise<number[]> {
  const results = await openResults(out);
  try {
    const determinism = engine === "hardware" ? "measured" : "per-backend";
    const { rows } = await results.query(
      `select loss from updates join runs using (run) where determinism = '${determinism}' order by "update"`,
    );
    return rows.map(([loss]) => Number(loss));
  } finally {
    results.close();
  }
}

/** Hidden folders of runs on hardware that are not finished. */
export const unfinished = (out: string): string[] =>
  readdirSync(join(out, experiment)).filter((name) => name.startsWith(".hardware-"));

/** How many updates the run under way has decided, as far as its coordinator wrote down. */
function decidedUpdates(out: string): number {
  const decided = (existsSync(join(out, experiment)) ? unfinished(out) : []).flatMap((folder) => {
    const file = join(out, experiment, folder, "coordinator-records.jsonl");
    const lines = existsSync(file) ? readFileSync(file, "utf8").split("\n") : [];
    return lines.flatMap((line) => {
      const found = /"kind":"update","update":(\d+)/.exec(line);
      return found ? [Number(found[1]) + 1] : [];
    });
  });
  return Math.max(0, ...decided);
}

/** Waits until the run under way has decided so many updates. @throws Error when it ends before. */
export async function untilUpdate(out: string, update: number, finished: Promise<{ stderr: string }>): Promise<void> {
  let ended: string | undefined;
  void finished.then(({ stderr }) => {
    ended = stderr;
  });
  while (decidedUpdates(out) < update) {
    if (ended !== undefined) throw new Error(`ended before update ${update}: ${ended}`);
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
}

/** The process of a node, such as `coordinator` or `worker-2`, of the run under way. */
export function processOf(out: string, name: string): number {
  const [folder = "none"] = unfinished(out);
  return Number(readFileSync(join(out, experiment, folder, "logs", `${name}.pid`), "utf8"));
}
