import { Argument, Command } from "commander";
import type { Terminal } from "../terminal.ts";

const shells = ["bash", "zsh", "fish"] as const;

/** `shardlab completion`: a script that completes commands, options and file names. */
export function completionCommand(terminal: Terminal): Command {
  return new Command("completion")
    .description("print a completion script for your shell")
    .addArgument(new Argument("<shell>", "the shell to complete in").choices(shells))
    .addHelpText(
      "after",
      '\nExamples:\n  $ eval "$(shardlab completion bash)"\n  $ shardlab completion fish > ~/.config/fish/completions/shardlab.fish',
    )
    .action(async (shell: (typeof shells)[number], _options: object, command: Command) => {
      const { completionScript } = await import("../completion-script.ts");
      terminal.print(completionScript(shell, command.parent ?? command));
    });
}
