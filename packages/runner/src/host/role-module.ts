/** Where the roles come from that the processes host. */
import type { Message, Plain, Role, RoleHost, Signer } from "@shardlab/contracts";
import {
  type CoordinatorSettings,
  createCoordinator,
  createWorker,
  isJournalSnapshot,
  messageSpec,
  type WorkerSettings,
} from "@shardlab/protocol";

/** Settings of both roles that survive as JSON; the host adds the signer. */
export interface RoleSettings {
  readonly coordinator: Omit<CoordinatorSettings, "signer">;
  readonly worker: Omit<WorkerSettings, "signer" | "behaviour">;
}

/** A role that may be asked to go. */
export interface LeavingRole extends Role {
  leave?(): void;
}

/** What a role gets besides its settings. */
export interface RoleParts {
  readonly signer: Signer;
  /** What it persisted before. */
  readonly journal: readonly Plain[];
}

/** A module that exports another one as `roles` can be hosted in place of the protocol. */
export interface RoleModule {
  createCoordinatorRole(settings: RoleSettings, host: RoleHost, parts: RoleParts): Role;
  createWorkerRole(settings: RoleSettings, host: RoleHost, parts: RoleParts): LeavingRole;
  /** Why what came from another node is no message, or undefined. */
  messageFault(message: Message): string | undefined;
  /** Whether what a role persists makes all that it persisted before needless. */
  isJournalSnapshot(entry: Plain): boolean;
}

/** The protocol's own roles. */
export const protocolRoles: RoleModule = {
  createCoordinatorRole: ({ coordinator }, host, { signer, journal }) =>
    createCoordinator({ ...coordinator, signer }, host, journal),
  createWorkerRole: ({ worker }, host, { signer, journal }) => createWorker({ ...worker, signer }, host, journal),
  isJournalSnapshot,
  messageFault: (message) => {
    const read = messageSpec.safeParse(message);
    if (read.success) return undefined;
    const [issue] = read.error.issues;
    return `${issue?.path.join(".") ?? ""} ${issue?.message ?? ""}`.trim();
  },
};

/** The roles that a module exports, or the protocol's. */
export async function loadRoles(url: string | undefined): Promise<RoleModule> {
  if (url === undefined) return protocolRoles;
  const { roles } = (await import(url)) as { roles: RoleModule };
  return roles;
}
