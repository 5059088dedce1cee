import { Command, InvalidArgumentError, Option } from "commander";
import type { GameCommandOptions } from "../game-options.ts";
import { positiveInteger } from "../positive-integer.ts";
import type { Terminal } from "../terminal.ts";

const collect = (text: string, earlier: readonly string[] = []): string[] => {
  if (!/^[^=\s]+=/.test(text)) throw new InvalidArgumentError("expected key=value, such as parameters.fine=4.");
  return [...earlier, text];
};

/** `shardlab game`: equilibria of a choice between strategies, from payoffs that are written down or measured. */
export function gameCommand(terminal: Terminal): Command {
  return new Command("game")
    .description("find which strategies are equilibria, from payoffs in a file or measured in an economy")
    .argument("<file>", "game file (with payoffs), or scenario of the economy with a game section")
    .option("--seeds <n>", "runs of each profile, instead of the file's", positiveInteger)
    .option("--jobs <n>", "runs at the same time (default: every core)", positiveInteger)
    .option("--set <key=value>", "change a field of the file; may be repeated", collect)
    .option("--out <dir>", "folder of results", "results")
    .option("--no-report", "write no page")
    .addOption(new Option("--format <format>", "how to print the answer").choices(["text", "json"]).default("text"))
    .addHelpText(
      "after",
      `
Examples:
  $ shardlab game scenarios/games/inspection.yaml
  $ shardlab game scenarios/games/inspection.yaml --set parameters.fine=10
  $ shardlab game scenarios/games/spoofing.yaml --seeds 4 --jobs 2
  $ shardlab game FILE --format json

A game file says strategies and payoffs: a matrix whose rows earn against columns, or one for each of two roles. An entry is
a number, an expression of parameters, or { value: 1, error: 0.1 } with its standard error.

A scenario says game: { group, strategies: { NAME: { fields of the group that it changes } } }. For each pair of strategies
an economy is run in which a few of the group play one and all others the other; players: 3 or more asks for mixtures of
the others as well. All profiles share their seeds. Runs are stored as results/NAME-game and not made twice; Ctrl-C stops,
and the same command goes on from there.

The answer: payoffs with intervals, equilibria with what each strategy would gain by leaving them, whether they last, how much
of all starting points ends at each under the replicator dynamics, and a page with figures.`,
    )
    .action(async (file: string, options: GameCommandOptions) => {
      const { answerGame } = await import("../answer-game.ts");
      await answerGame(file, options, terminal);
    });
}
