import { Command } from "commander";
import { backendCommand } from "./commands/backend.ts";
import { checkCommand } from "./commands/check.ts";
import { claimsCommand } from "./commands/claims.ts";
import { compactCommand } from "./commands/compact.ts";
import { compareCommand } from "./commands/compare.ts";
import { completionCommand } from "./commands/completion.ts";
import { doctorCommand } from "./commands/doctor.ts";
import { explainCommand } from "./commands/explain.ts";
import { gameCommand } from "./commands/game.ts";
import { listCommand } from "./commands/list.ts";
import { newCommand } from "./commands/new.ts";
import { propertiesCommand } from "./commands/properties.ts";
import { replayCommand } from "./commands/replay.ts";
import { reportCommand } from "./commands/report.ts";
import { runCommand } from "./commands/run.ts";
import { schemaCommand } from "./commands/schema.ts";
import { solveCommand } from "./commands/solve.ts";
import { sqlCommand } from "./commands/sql.ts";
import { validateCommand } from "./commands/validate.ts";
import { workerCommand } from "./commands/worker.ts";
import type { Terminal } from "./terminal.ts";

const version = "0.1.0";

/** A command declares its arguments at once and loads what it needs only when it runs, so that help is immediate. */
const commands: readonly ((terminal: Terminal) => Command)[] = [
  runCommand,
  validateCommand,
  schemaCommand,
  newCommand,
  checkCommand,
  propertiesCommand,
  claimsCommand,
  doctorCommand,
  backendCommand,
  explainCommand,
  listCommand,
  compactCommand,
  sqlCommand,
  replayCommand,
  reportCommand,
  compareCommand,
  solveCommand,
  gameCommand,
  workerCommand,
  completionCommand,
];

/** The whole command line, ready to parse. */
export function createProgram(terminal: Terminal): Command {
  const program = new Command("shardlab")
    .description(
      "A research testbed for protocol models: models trained and served by many independent, paid providers.",
    )
    .version(version, "-V, --version", "print the version")
    .helpOption("-h, --help", "print help")
    .helpCommand("help [command]", "print help of a command")
    .showSuggestionAfterError(true)
    .exitOverride()
    .configureOutput({ writeErr: (text) => terminal.note(text.trimEnd()) });
  program.addHelpText(
    "after",
    "\nExample:\n  $ shardlab run scenarios/resource-problem.yaml\n\nnext: shardlab help run",
  );
  for (const create of commands) {
    // Subcommands added ready-made take nothing over from the program by themselves, nor theirs from them.
    const command = create(terminal).copyInheritedSettings(program);
    for (const verb of command.commands) verb.copyInheritedSettings(command);
    program.addCommand(command);
  }
  return program;
}
