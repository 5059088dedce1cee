/** What each process is told when it starts. */

import { join, resolve } from "node:path";
import { largestProbeBytes } from "../host/link-probe.ts";
import type { RoleSettings } from "../host/role-module.ts";
import type {
  CoordinatorConfiguration,
  LinkSettings,
  RelayConfiguration,
  RelayedLink,
  WorkerConfiguration,
} from "../processes/process-messages.ts";
import type { HardwareSpec } from "../spec.ts";
import type { HardwareRunOptions } from "./hardware-run-options.ts";
import type { NodePlace } from "./link-plan.ts";
import type { RunFolder } from "./run-folder.ts";
import type { SwarmParts } from "./swarm-parts.ts";

/** Plans name every node and microbatch; nothing else comes near. */
const longestTextBytes = 16 * 2 ** 20;

/** A coordinator that is started again takes no longer. */
const joinSeconds = 60;

export function linkSettings(hardware: HardwareSpec): LinkSettings {
  return {
    limits: {
      jsonBytes: longestTextBytes,
      tensorBytes: Math.max(largestProbeBytes, Math.floor(hardware.largestTensor)),
      framesPerSecond: hardware.messageRate,
      frameSeconds: hardware.connectTimeout,
      silenceSeconds: hardware.lossTimeout,
    },
    connectSeconds: hardware.connectTimeout,
  };
}

export function roleSettings({ runId, protocol, hardware }: HardwareRunOptions): RoleSettings {
  return {
    // A worker of another machine has checkpoints of its own.
    coordinator: { ...protocol, run: runId, checkpointsAreShared: hardware.joining === 0 },
    worker: { faultTolerance: protocol.faultTolerance },
  };
}

export function coordinatorConfiguration(
  { options, folder, slots, originSeconds }: SwarmParts,
  links: LinkSettings,
  listen: string,
): CoordinatorConfiguration {
  const { runId, scenarioHash, secret, certificate, signerKeyPem } = folder.state;
  return {
    kind: "configure-coordinator",
    run: { runId, scenarioHash, secret },
    settings: roleSettings(options),
    listen,
    ...(certificate === undefined ? {} : { certificate }),
    originSeconds,
    journal: folder.file("coordinator.journal"),
    records: folder.file("coordinator-records.jsonl"),
    signerKeyPem,
    slots,
    compute: options.compute.settings,
    links,
    ...(options.roleModule === undefined ? {} : { roleModule: options.roleModule.href }),
  };
}

export interface WorkerPlacement {
  readonly slot: number;
  readonly place: NodePlace;
  readonly links: LinkSettings;
  readonly coordinator: string;
  readonly computeThread: URL;
}

export function workerConfiguration(
  { options, folder, originSeconds }: SwarmParts,
  { slot, place, links, coordinator, computeThread }: WorkerPlacement,
): WorkerConfiguration {
  const { hardware, compute } = options;
  const { secret, certificate } = folder.state;
  const { backend, devices, threads, heap, keepCheckpoints } = hardware;
  return {
    kind: "configure-worker",
    secret,
    coordinator: coordinator.replace("tcp:0.0.0.0:", "tcp:127.0.0.1:").replace("tcp:[::]:", "tcp:[::1]:"),
    ...(certificate === undefined ? {} : { fingerprint: certificate.fingerprint }),
    joinSeconds,
    slot,
    listen: place.listen,
    ...(place.advertise === undefined ? {} : { advertise: place.advertise }),
    ...(place.through === undefined ? {} : { through: place.through }),
    directory: folder.file(`workers/${slot}`),
    originSeconds,
    compute: {
      entry: computeThread.href,
      module: compute.module.href,
      backend,
      device: devices[slot % devices.length] as string,
      threads,
      ...(heap === undefined ? {} : { heapBytes: heap }),
      checkpoints: {
        directory: checkpointFolder(hardware, folder),
        owner: `worker-${slot}`,
        keep: keepCheckpoints,
      },
    },
    links,
    ...(options.roleModule === undefined ? {} : { roleModule: options.roleModule.href }),
  };
}

function checkpointFolder({ checkpoints }: HardwareSpec, folder: RunFolder): string {
  return checkpoints === undefined ? folder.file("checkpoints") : join(resolve(checkpoints), folder.state.runId);
}

/** Relays that were there before listen where they did, because others know them by it. */
export function relayConfiguration(
  relays: readonly RelayedLink[],
  addresses: readonly { readonly inbound: string; readonly outbound: string }[],
): RelayConfiguration {
  return { kind: "configure-relay", links: relays.map((relay, index) => ({ ...relay, ...addresses[index] })) };
}
