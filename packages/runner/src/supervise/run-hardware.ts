/** Runs the protocol on processes of this machine, and on those that join from others. */
import type { Assumption, RunOutcome } from "@shardlab/contracts";
import { machineSeconds } from "../host/run-clock.ts";
import type { Slot } from "../processes/process-messages.ts";
import type { HardwareRunOptions } from "./hardware-run-options.ts";
import { isPublicRun, type LinkPlan, planLinks } from "./link-plan.ts";
import { RunFolder } from "./run-folder.ts";
import { RunRecorder } from "./run-recorder.ts";
import { Swarm } from "./swarm.ts";

/**
 * Trains until the coordinator is done. Whatever happens, no process, socket or namespace stays behind.
 *
 * @throws Error with one line: `interrupted: ...`, `disk full: ...`, `port in use: ...`, `no workers left: ...` and the like.
 *   The same call goes on from where it ended.
 */
export async function runHardware(options: HardwareRunOptions): Promise<RunOutcome> {
  const { runId, scenarioHash, hardware, directory, protocol } = options;
  options.signal?.throwIfAborted();
  const slots = slotsOf(options);
  const folder = await RunFolder.open(directory, { runId, scenarioHash, isPublic: isPublicRun(hardware) });
  let plan: LinkPlan | undefined;
  let swarm: Swarm | undefined;
  const killAll = (): void => {
    swarm?.killAll();
    plan?.close();
    folder.close();
  };
  process.once("exit", killAll);
  const signals = listenToSignals(options.signal);
  try {
    const recorder = new RunRecorder({
      folder,
      hasLoss: options.hasLoss ?? true,
      hasEvaluation: protocol.evaluation !== undefined,
      groups: slots.map(({ group }) => group),
      onRecord: options.onRecord,
      ...(options.maximumRows === undefined ? {} : { maximumRows: options.maximumRows }),
    });
    const { coordinator } = folder.state;
    plan = planLinks({
      hardware,
      links: slots.filter(({ isJoining }) => !isJoining).map(({ link }) => link),
      ...(coordinator === undefined ? {} : { coordinator }),
      onNotice: (text) => options.onNotice?.(text),
    });
    folder.remember(plan.sockets === undefined ? {} : { sockets: plan.sockets });
    const originSeconds = machineSeconds() - recorder.latestSeconds;
    swarm = new Swarm({
      options: { ...options, signal: signals.signal },
      folder,
      plan,
      slots,
      recorder,
      originSeconds,
    });
    await swarm.run();
    return recorder.finish(machineSeconds() - originSeconds, assumptionsOf(options, plan));
  } finally {
    await swarm?.stop();
    plan?.close();
    folder.close();
    process.off("exit", killAll);
    signals.close();
  }
}

/** The caller's signal, or one of the system that ends a process: the run is ended in order first. */
function listenToSignals(signal: AbortSignal | undefined): { signal: AbortSignal; close(): void } {
  const heard = new AbortController();
  const abort = (): void => heard.abort();
  process.on("SIGINT", abort);
  process.on("SIGTERM", abort);
  return {
    signal: signal === undefined ? heard.signal : AbortSignal.any([signal, heard.signal]),
    close: () => {
      process.off("SIGINT", abort);
      process.off("SIGTERM", abort);
    },
  };
}

/** The workers of the population, one after the other; the last `joining` ones come from other machines. */
function slotsOf({ population, hardware }: HardwareRunOptions): Slot[] {
  const workers = population.flatMap(({ group, count, link }) =>
    Array.from({ length: count }, () => ({ group, link })),
  );
  if (hardware.joining > workers.length)
    throw new Error(`joining workers: ${hardware.joining}, of a population of ${workers.length}`);
  const started = workers.length - hardware.joining;
  return workers.map((worker, slot) => ({ ...worker, isJoining: slot >= started }));
}

function assumptionsOf({ hardware }: HardwareRunOptions, { method, isPublic }: LinkPlan): Assumption[] {
  const links = {
    namespace: "links: the kernel limits the rate of each worker's namespace, relays add delay, jitter and loss",
    relay: "links: relays limit the rate of each worker and add delay, jitter and loss as retransmission",
    none: "links: as fast as this machine; what the population says of them is not applied",
  }[method];
  return [
    { statement: `devices: ${hardware.devices.join(", ")} with backend ${hardware.backend}, given to workers in turn` },
    { statement: links, checkedAgainst: "the measured uplink and round trip of each worker, in the table of workers" },
    ...(isPublic ? [{ statement: "links: mutual TLS 1.3 between all nodes" }] : []),
  ];
}
