import { Command, Option } from "commander";
import { backendChoices } from "../backend-choices.ts";
import { positiveInteger } from "../positive-integer.ts";
import type { Terminal } from "../terminal.ts";
import type { WorkerOptions } from "../work.ts";

/** `shardlab worker`: lends this machine to a run of another one. */
export function workerCommand(terminal: Terminal): Command {
  return new Command("worker")
    .description("lend this machine's device to a hardware run that another machine coordinates")
    .requiredOption("--join <host:port>", "where the coordinator listens")
    .option("--token <token>", "join token, as the run prints it (default: the variable SHARDLAB_TOKEN)")
    .addOption(new Option("--backend <kind>", "tensor library").choices(backendChoices).default("auto"))
    .option("--device <device>", "cpu, gpu:NUMBER, or adapter=NAME for webgpu", "cpu")
    .option("--threads <n>", "threads of computation", positiveInteger, 1)
    .option("--listen <host:port>", "where other workers reach this one (default: a free port of every interface)")
    .option("--directory <dir>", "folder of this worker's key and checkpoints (default: one of its own in .shardlab)")
    .addHelpText(
      "after",
      `
Examples:
  $ shardlab worker --join 192.0.2.7:7000 --token sl1.Qm9...
  $ SHARDLAB_TOKEN=sl1.Qm9... shardlab worker --join lab.example.org:7000 --device gpu:0
  $ shardlab worker --join 192.0.2.7:7000 --token sl1.Qm9... --directory worker-1 --listen 198.51.100.4:7001

The run must expect workers: hardware: { joining: 2, listen: { host: 0.0.0.0, port: 7000 } } in its scenario. Every link
is mutual TLS, pinned to the certificates that the token and the coordinator name. Whoever has the token can join:
pass it by a private channel. Ctrl-C hands the shard over and goes; a second one quits at once.`,
    )
    .action(async (options: WorkerOptions) => {
      const { work } = await import("../work.ts");
      await work(options, terminal);
    });
}
