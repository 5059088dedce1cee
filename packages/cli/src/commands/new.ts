import { Argument, Command } from "commander";
import type { Terminal } from "../terminal.ts";

/** `shardlab new mechanism`: begins a rule of one's own, with a scenario, a property test and its continuous integration. */
export function newCommand(terminal: Terminal): Command {
  return new Command("new")
    .description(
      "begin a mechanism of your own: the rule, a scenario with it, a property test, and a workflow that runs it",
    )
    .addArgument(new Argument("<family>", "what to begin").choices(["mechanism"]))
    .argument("<name>", "its name in lower case, such as my-rule")
    .option("--in <dir>", "folder to begin it in (default: one of its name)")
    .addHelpText(
      "after",
      `
Examples:
  $ shardlab new mechanism my-rule
  $ shardlab new mechanism my-rule --in ~/research/rules

Nothing that is there is overwritten.`,
    )
    .action(async (_family: string, name: string, options: { in?: string }) => {
      const { newMechanism } = await import("../new-mechanism.ts");
      await newMechanism(name, options.in ?? name, terminal);
    });
}
