/** Who has which number. A number is given once; the journal remembers to whom. */
import type { NodeId, Plain } from "@shardlab/contracts";
import { type Address, formatAddress, isAnyHost, parseAddress } from "../transport/address.ts";
import type { DirectoryEntry, Hello } from "../transport/handshake.ts";
import type { Assignment, CoordinatorConfiguration, Slot } from "./process-messages.ts";

interface Registered {
  readonly node: NodeId;
  readonly slot: number;
  readonly publicKey: string;
}

/** @property removed nodes that the new one stands in for. */
export interface Admission {
  readonly entry: DirectoryEntry;
  readonly slot: number;
  readonly removed: readonly NodeId[];
  readonly assignment: Assignment;
}

export class NodeRegister {
  private readonly configuration: Pick<CoordinatorConfiguration, "slots" | "settings" | "compute">;
  private readonly persist: (entry: Plain) => void;
  private readonly nodes = new Map<NodeId, Registered>();
  /** Which node of a slot is there now. */
  private readonly present = new Map<number, NodeId>();
  private nextNode = 1;

  /** @param entries what `persist` was given before. */
  constructor(
    configuration: Pick<CoordinatorConfiguration, "slots" | "settings" | "compute">,
    entries: readonly Plain[],
    persist: (entry: Plain) => void,
  ) {
    this.configuration = configuration;
    this.persist = persist;
    for (const entry of entries) this.remember(entry as unknown as Registered);
  }

  admit(
    hello: Hello,
    fingerprint: string | undefined,
    remoteHost: string | undefined,
  ): Admission | { readonly refused: string } {
    const known = hello.node === undefined ? undefined : this.nodes.get(hello.node);
    if (hello.node !== undefined && known?.publicKey !== hello.publicKey)
      return { refused: `unknown node: ${hello.node}` };
    const slot = known?.slot ?? this.slotFor(hello);
    if (typeof slot === "string") return { refused: slot };
    const holder = this.present.get(slot);
    if (known !== undefined && holder !== undefined && holder > known.node)
      return { refused: `place taken: by node ${holder}` };
    const address = reachable(hello.address ?? "", remoteHost);
    if (address === undefined) return { refused: `invalid address: ${hello.address}` };
    const { slots, settings, compute } = this.configuration;
    const { link } = slots[slot] as Slot;
    const registered = known ?? this.enroll(slot, hello.publicKey);
    const { node, publicKey } = registered;
    const before = this.present.get(slot);
    this.present.set(slot, node);
    return {
      entry: {
        node,
        publicKey,
        address,
        ...(fingerprint === undefined ? {} : { fingerprint }),
      },
      slot,
      removed: before === undefined || before === node ? [] : [before],
      assignment: { slot, link, settings, compute },
    };
  }

  /** The connection to a node was lost: its slot is free if it is one for workers of other machines. */
  lost(node: NodeId): void {
    const slot = this.nodes.get(node)?.slot;
    if (slot !== undefined && this.present.get(slot) === node && this.configuration.slots[slot]?.isJoining === true)
      this.present.delete(slot);
  }

  private enroll(slot: number, publicKey: string): Registered {
    const registered: Registered = { node: this.nextNode, slot, publicKey };
    this.persist({ ...registered });
    this.remember(registered);
    return registered;
  }

  private remember(registered: Registered): void {
    this.nodes.set(registered.node, registered);
    this.nextNode = Math.max(this.nextNode, registered.node + 1);
  }

  /** The slot that a new node takes, or why it gets none. */
  private slotFor(hello: Hello): number | string {
    const { slots } = this.configuration;
    if (hello.slot !== undefined) return hello.slot < slots.length ? hello.slot : `unknown worker: ${hello.slot}`;
    const free = slots.findIndex(({ isJoining }, slot) => isJoining && !this.present.has(slot));
    return free >= 0 ? free : "no place left: every worker of the population is there";
  }
}

/** An address that stands for every interface is no use to others; they get the one that the worker was seen at. */
function reachable(address: string, remoteHost: string | undefined): string | undefined {
  if (address === "" || address.startsWith("unix:")) return address;
  let parsed: Address;
  try {
    parsed = parseAddress(address);
  } catch {
    return undefined;
  }
  if (parsed.kind !== "tcp" || remoteHost === undefined || !isAnyHost(parsed.host)) return address;
  return formatAddress({ ...parsed, host: remoteHost.replace(/^::ffff:/, "") });
}
