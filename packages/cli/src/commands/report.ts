import { Command } from "commander";
import type { Terminal } from "../terminal.ts";

/** `shardlab report`: rebuilds the report of an experiment from its results. */
export function reportCommand(terminal: Terminal): Command {
  return new Command("report")
    .description("rebuild report.html of an experiment or a game from its results alone")
    .argument("<dir>", "its folder, such as results/resource-problem")
    .addHelpText("after", "\nExample:\n  $ shardlab report results/resource-problem")
    .action(async (directory: string) => {
      const { rebuildReport } = await import("../experiment-report.ts");
      terminal.print(await rebuildReport(directory));
      terminal.note("next: open it in a browser; it needs no network");
    });
}
