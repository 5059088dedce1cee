/** What the supervisor and its processes say to one another. All of it survives as JSON. */
import type { Plain, TimedRecord } from "@shardlab/contracts";
import type { LinkSpec } from "@shardlab/protocol";
import { z } from "zod";
import type { RoleSettings } from "../host/role-module.ts";
import type { NodeCertificate } from "../identity/node-certificate.ts";
import type { LinkLimits } from "../relay/relay-link.ts";
import type { BackendChoice } from "../spec.ts";
import type { ConnectionLimits } from "../transport/connection.ts";
import type { RunIdentity } from "../transport/handshake.ts";

/** A worker of the population. */
export interface Slot {
  readonly group: string;
  readonly link: LinkSpec;
  /** Whether it comes from another machine. */
  readonly isJoining: boolean;
}

/** What both kinds of node are told about talking. */
export interface LinkSettings {
  readonly limits: ConnectionLimits;
  readonly connectSeconds: number;
}

export interface CoordinatorConfiguration {
  readonly kind: "configure-coordinator";
  readonly run: RunIdentity;
  readonly settings: RoleSettings;
  readonly listen: string;
  readonly certificate?: NodeCertificate;
  /** `machineSeconds` at which the run's clock was zero. */
  readonly originSeconds: number;
  readonly journal: string;
  /** File that the coordinator's own records are appended to, before they are told. */
  readonly records: string;
  readonly signerKeyPem: string;
  readonly slots: readonly Slot[];
  readonly compute: Plain;
  readonly links: LinkSettings;
  readonly roleModule?: string;
}

/** What a worker computes with. */
export interface ComputeConfiguration {
  readonly entry: string;
  readonly module: string;
  readonly backend: BackendChoice;
  readonly device: string;
  readonly threads: number;
  readonly heapBytes?: number;
  readonly checkpoints: { readonly directory: string; readonly owner: string; readonly keep: number };
}

export interface WorkerConfiguration {
  readonly kind: "configure-worker";
  readonly secret: string;
  readonly coordinator: string;
  /** Of the coordinator's certificate; with it every link is TLS. */
  readonly fingerprint?: string;
  /** How long to look for the coordinator at first. */
  readonly joinSeconds: number;
  /** Absent for one that takes any that is free. */
  readonly slot?: number;
  readonly listen: string;
  /** Where others find this node, if that is not where it listens. */
  readonly advertise?: string;
  readonly through?: string;
  /** Folder of this worker: key, journal. */
  readonly directory: string;
  /** Absent on other machines, which take the coordinator's. */
  readonly originSeconds?: number;
  readonly compute: ComputeConfiguration;
  readonly links: LinkSettings;
  readonly roleModule?: string;
}

/** @property links what each worker's access link is to be, by slot. */
export interface RelayConfiguration {
  readonly kind: "configure-relay";
  readonly links: readonly RelayedLink[];
}

export interface RelayedLink {
  readonly slot: number;
  readonly limits: LinkLimits;
  /** Where the worker's own connections come in, and where others' do. */
  readonly outbound: string;
  readonly inbound: string;
  /** Where the worker listens. */
  readonly target: string;
}

/** What a coordinator tells a worker when it joins. */
export const assignmentSpec = z.strictObject({
  slot: z.number().int().min(0),
  link: z.unknown(),
  settings: z.unknown(),
  compute: z.unknown(),
});
export interface Assignment {
  readonly slot: number;
  readonly link: LinkSpec;
  readonly settings: RoleSettings;
  readonly compute: Plain;
}

export type ToProcess =
  | CoordinatorConfiguration
  | WorkerConfiguration
  | RelayConfiguration
  /** Finish what is being said, and go. */
  | { readonly kind: "stop" }
  | { readonly kind: "leave" };

export type FromProcess =
  /** A coordinator or relay listens; addresses of the relay in the order of its links. */
  | {
      readonly kind: "listening";
      readonly addresses: readonly { readonly inbound: string; readonly outbound: string }[];
    }
  /** A worker has its number, and its device works. */
  | { readonly kind: "ready"; readonly node: number }
  | { readonly kind: "joined"; readonly node: number; readonly slot: number; readonly isLocal: boolean }
  | { readonly kind: "records"; readonly records: readonly TimedRecord[] }
  /** A sign of life. */
  | { readonly kind: "alive" }
  | { readonly kind: "notice"; readonly text: string }
  | { readonly kind: "finished"; readonly reason: string }
  /** The process ends. `isFinal`: starting it again changes nothing. */
  | { readonly kind: "failed"; readonly reason: string; readonly isFinal: boolean };
