import { Command } from "commander";
import { exitCodes, type Terminal } from "../terminal.ts";

/** `shardlab validate`: checks scenario files without running them. */
export function validateCommand(terminal: Terminal): Command {
  return new Command("validate")
    .description("check scenario files without running them")
    .argument("<files...>", "scenario files, or game files")
    .addHelpText(
      "after",
      "\nExamples:\n  $ shardlab validate scenarios/resource-problem.yaml\n  $ shardlab validate scenarios/*.yaml",
    )
    .action(async (files: string[]) => {
      const { validateFiles } = await import("../validate-files.ts");
      const { valid, faults, games } = await validateFiles(files);
      for (const file of valid) terminal.print(`${file}: valid`);
      for (const fault of faults) terminal.note(fault);
      if (faults.length > 0) {
        terminal.exitWith(exitCodes.badInput);
        return;
      }
      const runs = files.filter((file) => !games.includes(file));
      terminal.note(
        runs.length > 0 ? `next: shardlab run ${runs.join(" ")} --dry-run` : `next: shardlab game ${games[0]}`,
      );
    });
}
