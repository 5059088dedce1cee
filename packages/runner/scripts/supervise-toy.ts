/** A supervisor in a process of its own, which tests kill. Argument: `ToyRunOptions` as JSON, with URLs as text. */
import { runHardware } from "../src/supervise/run-hardware.ts";
import { type ToyRunOptions, toyRun } from "./toy-run.ts";

const options = JSON.parse(process.argv[2] as string) as ToyRunOptions & {
  readonly entries: { readonly nodeProcess: string; readonly computeThread: string };
};
const run = toyRun({
  ...options,
  toyCompute: new URL(options.toyCompute),
  entries: { nodeProcess: new URL(options.entries.nodeProcess), computeThread: new URL(options.entries.computeThread) },
});
await runHardware({
  ...run,
  onRecord: ({ record }) => {
    if (record.kind === "update") process.stdout.write(`update ${record.update}\n`);
  },
});
process.stdout.write("finished\n");
