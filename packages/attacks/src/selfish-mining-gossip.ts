/** Blocks that spread from neighbour to neighbour over a network, and the tip that each node mines on. */
import type { Environment } from "@shardlab/des";
import { Network, type Topology } from "@shardlab/network";

export interface GossipOptions {
  readonly topology: Topology;
  /** Neighbours of each node. */
  readonly neighbours: readonly Int32Array[];
  readonly blockBytes: number;
  /** Most blocks that are ever found; block 0 is the one that all begin with. */
  readonly mostBlocks: number;
  /** Called when `node` has come to know `block` and all before it; true where it shall mine on it and pass it on. */
  readonly onKnown: (node: number, block: number) => boolean;
}

/** Node knows nothing of a block, has asked for it, has it without its parent, or has it with all before it. */
const knowledge = { none: 0, requested: 1, orphan: 2, known: 3 } as const;

/**
 * A node that takes a block for its tip announces it to its neighbours; whoever lacks it, or blocks before it, has them
 * sent by whoever announced first. One announcement and one transfer a hop: requests take no time, as in high-bandwidth relay.
 */
export class BlockGossip {
  readonly parent: Int32Array;
  readonly height: Int32Array;
  readonly finder: Int32Array;
  readonly tip: Int32Array;
  count = 1;
  private readonly options: GossipOptions;
  private readonly nodes: number;
  private readonly network: Network;
  private readonly states: Uint8Array;
  private readonly firstChild: Int32Array;
  private readonly nextSibling: Int32Array;
  private readonly handleAnnouncement = (payload: number): void => this.hear(payload);
  private readonly handleBlock = (payload: number): void => this.receive(payload);

  constructor(environment: Environment, options: GossipOptions) {
    const blocks = options.mostBlocks + 1;
    this.options = options;
    this.nodes = options.neighbours.length;
    this.network = new Network(environment, options.topology);
    this.parent = new Int32Array(blocks).fill(-1);
    this.height = new Int32Array(blocks);
    this.finder = new Int32Array(blocks).fill(-1);
    this.firstChild = new Int32Array(blocks).fill(-1);
    this.nextSibling = new Int32Array(blocks).fill(-1);
    this.tip = new Int32Array(this.nodes);
    this.states = new Uint8Array(blocks * this.nodes);
    this.states.fill(knowledge.known, 0, this.nodes);
  }

  /** A new block on top of `parent`, which `node` alone knows of; returns it. */
  find(node: number, parent: number): number {
    const block = this.count++;
    this.parent[block] = parent;
    this.height[block] = this.height[parent] + 1;
    this.finder[block] = node;
    this.nextSibling[block] = this.firstChild[parent];
    this.firstChild[parent] = block;
    this.states[block * this.nodes + node] = knowledge.known;
    return block;
  }

  /** Tells the neighbours of `node` about a block that it knows. */
  announce(node: number, block: number): void {
    const { neighbours } = this.options;
    for (const neighbour of neighbours[node]) {
      if (this.states[block * this.nodes + neighbour] !== knowledge.none) continue;
      const payload = (block * this.nodes + neighbour) * this.nodes + node;
      this.network.send({ from: node, to: neighbour, onDelivered: this.handleAnnouncement, payload });
    }
  }

  private hear(payload: number): void {
    const { nodes, states } = this;
    const from = payload % nodes;
    const to = Math.floor(payload / nodes) % nodes;
    const { blockBytes: bytes } = this.options;
    for (let block = Math.floor(payload / (nodes * nodes)); ; block = this.parent[block]) {
      const place = block * nodes + to;
      if (states[place] !== knowledge.none) return;
      states[place] = knowledge.requested;
      this.network.transfer({ from, to, bytes, onDelivered: this.handleBlock, payload: place });
    }
  }

  private receive(place: number): void {
    const node = place % this.nodes;
    const block = Math.floor(place / this.nodes);
    const isConnected = this.states[this.parent[block] * this.nodes + node] === knowledge.known;
    this.states[place] = knowledge.orphan;
    if (isConnected) this.know(node, block);
  }

  /** Connects a block to the chain that `node` knows, and what has waited for it. */
  private know(node: number, block: number): void {
    this.states[block * this.nodes + node] = knowledge.known;
    if (this.options.onKnown(node, block)) {
      this.tip[node] = block;
      this.announce(node, block);
    }
    for (let child = this.firstChild[block]; child >= 0; child = this.nextSibling[child]) {
      if (this.states[child * this.nodes + node] === knowledge.orphan) this.know(node, child);
    }
  }
}
