import { Command } from "commander";
import { exitCodes, type Terminal } from "../terminal.ts";

/** `shardlab validate`: checks scenario files without running them. */
export function validateCommand(terminal: Terminal): Command {
  return new Command("validate")
    .description("check scenario files without running them")
    .argument("<files...>", "scenario files")
    .addHelpText(
      "after",
      "\nExamples:\n  $ shardlab validate scenarios/resource-problem.yaml\n  $ shardlab validate scenarios/*.yaml",
    )
    .action(async (files: string[]) => {
      const { loadScenarios } = await import("../scenario-files.ts");
      const { scenarios, faults } = await loadScenarios(files, []);
      for (const { file } of scenarios) terminal.print(`${file}: valid`);
      for (const fault of faults) terminal.note(fault);
      if (faults.length > 0) {
        terminal.exitWith(exitCodes.badInput);
        return;
      }
      terminal.note(`next: shardlab run ${files.join(" ")} --dry-run`);
    });
}
