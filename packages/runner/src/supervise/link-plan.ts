/** Where each node listens, and what stands between nodes so that their links are as slow as they should be. */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { LinkSpec } from "@shardlab/protocol";
import { LinkNamespaces, namespacesFault } from "../namespaces/link-namespaces.ts";
import type { RelayedLink } from "../processes/process-messages.ts";
import type { LinkLimits } from "../relay/relay-link.ts";
import type { HardwareSpec } from "../spec.ts";
import { formatAddress, isLoopback } from "../transport/address.ts";
import { visibleAddress } from "../transport/visible-address.ts";

export type ShapingMethod = "namespace" | "relay" | "none";

/** @property namespace command that runs a process in the worker's namespace. */
export interface NodePlace {
  readonly listen: string;
  readonly advertise?: string;
  readonly through?: string;
  readonly namespace?: readonly string[];
}

/** @property isPublic whether nodes of other machines are to be let in, so that every link is TLS. */
export interface LinkPlan {
  readonly method: ShapingMethod;
  readonly isPublic: boolean;
  readonly coordinatorListen: string;
  readonly relays: readonly RelayedLink[];
  /** Folder of the sockets, if there are any. */
  readonly sockets?: string;
  /** Where a worker is to be, once the relays have their addresses. */
  placeOf(slot: number, relayAddresses: readonly { readonly inbound: string; readonly outbound: string }[]): NodePlace;
  close(): void;
}

export interface LinkPlanOptions {
  readonly hardware: HardwareSpec;
  /** Links of the workers that are started here. */
  readonly links: readonly LinkSpec[];
  /** Where the coordinator listened in an earlier life of the run. */
  readonly coordinator?: string;
  readonly onNotice: (text: string) => void;
}

/** Port of a worker within its namespace. */
const namespacePort = 7000;

export const isPublicRun = ({ listen, joining }: HardwareSpec): boolean =>
  joining > 0 || !isLoopback({ kind: "tcp", host: listen.host, port: listen.port });

/** @throws Error `network namespaces: ...` where the scenario insists on them and they cannot be had. */
export function planLinks(options: LinkPlanOptions): LinkPlan {
  const { hardware } = options;
  const isPublic = isPublicRun(hardware);
  if (isPublic && hardware.transport === "unix")
    throw new Error("transport: unix, which other machines cannot reach (take tcp, or listen on 127.0.0.1 alone)");
  const method = chooseMethod(options, isPublic);
  if (method === "namespace") return namespacePlan(options);
  const wantsPort = hardware.transport === "auto" && hardware.listen.port !== 0;
  const isTcp = isPublic || wantsPort || hardware.transport === "tcp";
  const sockets = mkdtempSync(join(tmpdir(), "shardlab-links-"));
  const unix = (name: string): string => formatAddress({ kind: "unix", path: join(sockets, name) });
  const tcp = formatAddress({ kind: "tcp", host: hardware.listen.host, port: 0 });
  const coordinatorTcp = formatAddress({ kind: "tcp", ...hardware.listen });
  const relays =
    method === "none"
      ? []
      : options.links.map((link, slot) => ({
          slot,
          limits: limitsOf(link),
          outbound: unix(`out-${slot}`),
          inbound: isTcp ? tcp : unix(`in-${slot}`),
          target: unix(`worker-${slot}`),
        }));
  return {
    method,
    isPublic,
    coordinatorListen: isTcp ? (options.coordinator ?? coordinatorTcp) : unix("coordinator"),
    relays,
    sockets,
    placeOf: (slot, addresses) => {
      const relay = addresses[slot];
      if (relay === undefined) return { listen: isTcp ? tcp : unix(`worker-${slot}`) };
      return { listen: unix(`worker-${slot}`), advertise: visibleAddress(relay.inbound), through: relay.outbound };
    },
    close: () => rmSync(sockets, { recursive: true, force: true }),
  };
}

function chooseMethod({ hardware, links, onNotice }: LinkPlanOptions, isPublic: boolean): ShapingMethod {
  const { shaping, transport } = hardware;
  if (shaping === "none" || links.length === 0) return "none";
  if (shaping === "relay") return "relay";
  const fault = isPublic
    ? "network namespaces: workers of other machines could not reach into them"
    : transport === "unix"
      ? "network namespaces: Unix sockets go around them"
      : namespacesFault();
  if (fault === undefined) return "namespace";
  if (shaping === "namespace") throw new Error(fault);
  onNotice(`links are shaped by relays (${fault})`);
  return "relay";
}

const limitsOf = (link: LinkSpec): LinkLimits => ({
  uplinkBytesPerSecond: link.up,
  downlinkBytesPerSecond: link.down,
  latencySeconds: link.latency,
  jitterSeconds: link.jitter,
  lossShare: link.loss,
});

/** The kernel limits the rate, relays outside the namespaces add what it cannot: delay, jitter, loss. */
function namespacePlan({ links, hardware }: LinkPlanOptions): LinkPlan {
  const namespaces = new LinkNamespaces(
    links.map(({ up, down }) => ({ uplinkBytesPerSecond: up, downlinkBytesPerSecond: down })),
  );
  const hub = formatAddress({ kind: "tcp", host: namespaces.hubHost, port: 0 });
  const listenOf = (slot: number): string =>
    formatAddress({ kind: "tcp", host: namespaces.hostOf(slot), port: namespacePort });
  const needsRelay = links.some(({ latency, jitter, loss }) => latency > 0 || jitter > 0 || loss > 0);
  const unlimited = {
    uplinkBytesPerSecond: Number.POSITIVE_INFINITY,
    downlinkBytesPerSecond: Number.POSITIVE_INFINITY,
  };
  return {
    method: "namespace",
    isPublic: false,
    coordinatorListen: formatAddress({ kind: "tcp", host: namespaces.hubHost, port: hardware.listen.port }),
    relays: needsRelay
      ? links.map((link, slot) => ({
          slot,
          limits: { ...limitsOf(link), ...unlimited },
          outbound: hub,
          inbound: hub,
          target: listenOf(slot),
        }))
      : [],
    placeOf: (slot, addresses) => {
      const relay = addresses[slot];
      return {
        listen: listenOf(slot),
        namespace: namespaces.commandPrefix(slot),
        ...(relay === undefined ? {} : { advertise: relay.inbound, through: relay.outbound }),
      };
    },
    close: () => namespaces.close(),
  };
}
