import { Command } from "commander";
import type { Terminal } from "../terminal.ts";

/** `shardlab list`: the experiments below the results folder. */
export function listCommand(terminal: Terminal): Command {
  return new Command("list")
    .description("list experiments and how many runs of each are stored")
    .option("--out <dir>", "folder of results", "results")
    .addHelpText("after", "\nExamples:\n  $ shardlab list\n  $ shardlab list --out /data/results")
    .action(async ({ out }: { out: string }) => {
      const { listRuns } = await import("@shardlab/results");
      const { formatTable } = await import("../text-table.ts");
      const runs = listRuns(out);
      if (runs.length === 0) {
        terminal.note(`no results in: ${out}`);
        terminal.note("next: shardlab run scenarios/resource-problem.yaml");
        return;
      }
      const rows = [...new Set(runs.map(({ manifest }) => manifest.experiment))].map((experiment) => {
        const count = (design: string) =>
          String(
            runs.filter(({ manifest }) => manifest.experiment === experiment && manifest.design === design).length,
          );
        return [experiment, count("main"), count("sensitivity"), count("frontier")];
      });
      const header = ["experiment", "main", "sensitivity", "frontier"];
      for (const line of formatTable([header, ...rows], ["left", "right", "right", "right"])) terminal.print(line);
      terminal.note(`next: shardlab sql "select experiment, count(*) as runs from runs group by all" --out ${out}`);
    });
}
