/**
 * Selfish mining on a network: who hears of which block first is decided by latency, bandwidth and connections, so that gamma
 * and the rate of stale blocks are measured, not assumed.
 *
 * Honest miners of equal share sit on a random graph, mine on the longest chain that they know, among equals on the one heard
 * of first, and pass on what they mine on. The pool is one node with links of its own. It plays the strategy of Eyal and Sirer on
 * what it hears, and passes on nothing of others'. The effective gamma is the share of the honest miners' computation that
 * is on the pool's block when the next block is found, averaged over races; as the next block is found by a Poisson process,
 * that is the chance that an honest one extends it.
 *
 * Source: Eyal and Sirer (2014) for the strategy; Decker and Wattenhofer, "Information propagation in the Bitcoin network"
 * (2013) for stale blocks from latency.
 *
 * Limits: the pool is at one place, transactions and validation cost no time, latencies do not vary in time. Checked: the pool's
 * revenue against the closed form at the gamma that was measured, where blocks are rare against latency; stale blocks of honest
 * miners against the chance of two blocks within the time that one takes to spread; the limits of gamma with a
 * pool that hears late or is connected to everybody.
 */
import { quantity, share } from "@shardlab/contracts";
import { Environment } from "@shardlab/des";
import type { Topology } from "@shardlab/network";
import type { RandomStream } from "@shardlab/random";
import { z } from "zod";
import { BlockGossip } from "./selfish-mining-gossip.ts";

export const selfishMiningNetworkSpec = z.strictObject({
  attackerShare: share({ max: 0.499 }).prefault(0.3).describe("share of all computation that the pool has"),
  strategy: z.enum(["selfish", "honest"]).default("selfish").describe("what the pool does"),
  honestMiners: z.number().int().min(2).max(2000).default(20).describe("miners of equal share beside the pool"),
  connections: z
    .number()
    .int()
    .min(1)
    .max(100)
    .default(4)
    .describe("links that each honest miner opens, to miners at random"),
  attackerConnections: z
    .number()
    .int()
    .min(1)
    .max(2000)
    .default(10)
    .describe("honest miners that the pool is linked to"),
  latency: quantity("duration", { min: "0 s" })
    .prefault("100 ms")
    .describe("mean, one way, of links between honest miners"),
  attackerLatency: quantity("duration", { min: "0 s" })
    .prefault("100 ms")
    .describe("mean, one way, of the pool's links"),
  bandwidth: quantity("dataRate", { above: "0 bit/s" }).prefault("50 Mbit/s").describe("of each miner, up and down"),
  blockSize: quantity("dataSize", { min: "0 B" }).prefault("20 kB").describe("sent for each block, per link"),
  blockInterval: quantity("duration", { above: "0 s" }).prefault("10 min").describe("mean between blocks, by anybody"),
  blocks: z.number().int().min(1).max(1e6).default(5000).describe("blocks found, by anybody"),
});
export type SelfishMiningNetworkSpec = z.output<typeof selfishMiningNetworkSpec>;

export interface MiningNetworkOutcome {
  /** Blocks of the longest chain in the end. */
  readonly attackerBlocks: number;
  readonly honestBlocks: number;
  readonly revenueShare: number;
  readonly revenueDeviation: number;
  /** Blocks that are not in the longest chain, over all blocks found; and those of honest miners over all of theirs. */
  readonly staleRate: number;
  readonly honestStaleRate: number;
  /** Races of two equally long branches that the pool began, and the share of honest computation on its branch. */
  readonly races: number;
  readonly gamma: number;
  readonly gammaDeviation: number;
}

/** Simulates `spec.blocks` blocks. */
export function simulateMiningNetwork(spec: SelfishMiningNetworkSpec, seed: number): MiningNetworkOutcome {
  const run = new MiningRun(spec, seed);
  run.run();
  return run.outcome();
}

const pool = 0;
/** Batches of consecutive blocks for the standard error of the pool's share. */
const batches = 30;

class MiningRun {
  private readonly spec: SelfishMiningNetworkSpec;
  private readonly environment: Environment;
  private readonly gossip: BlockGossip;
  private readonly draws: RandomStream;
  private readonly isSelfish: boolean;
  /** Tip of the pool's own branch, and the greatest height that it has heard of or published. */
  private secretTip = 0;
  private publicHeight = 0;
  /** Whether the pool's branch races another of the same height, as far as the pool has heard. */
  private isRacing = false;
  /** The pool's block in a race that no block has followed yet, or -1; and what races came to. */
  private raceBlock = -1;
  private races = 0;
  private gammaSum = 0;
  private gammaSquares = 0;
  private readonly handleFound = (): void => this.found();

  constructor(spec: SelfishMiningNetworkSpec, seed: number) {
    this.spec = spec;
    this.isSelfish = spec.strategy === "selfish";
    this.environment = new Environment({ seed, trace: false });
    this.draws = this.environment.random("mining");
    const neighbours = drawNeighbours(spec, this.environment.random("graph"));
    this.gossip = new BlockGossip(this.environment, {
      topology: drawTopology(spec, this.environment.random("latency")),
      neighbours,
      blockBytes: spec.blockSize,
      mostBlocks: spec.blocks,
      onKnown: (node, block) => this.known(node, block),
    });
  }

  run(): void {
    this.environment.schedule(this.draws.exponential(1 / this.spec.blockInterval), this.handleFound);
    this.environment.run();
  }

  private found(): void {
    const { gossip, spec, draws } = this;
    this.endRace();
    const uniform = draws.uniform();
    if (uniform < spec.attackerShare) this.poolFinds();
    else {
      const miner = 1 + Math.min(spec.honestMiners - 1, Math.floor(draws.uniform() * spec.honestMiners));
      const block = gossip.find(miner, gossip.tip[miner]);
      gossip.tip[miner] = block;
      gossip.announce(miner, block);
    }
    if (gossip.count <= spec.blocks) {
      this.environment.schedule(draws.exponential(1 / spec.blockInterval), this.handleFound);
    }
  }

  private poolFinds(): void {
    const { gossip } = this;
    if (!this.isSelfish) {
      const block = gossip.find(pool, gossip.tip[pool]);
      gossip.tip[pool] = block;
      gossip.announce(pool, block);
      return;
    }
    this.secretTip = gossip.find(pool, this.secretTip);
    if (this.isRacing) this.publish(this.secretTip);
  }

  /** Whether `node` takes for its tip a block that has become known to it. */
  private known(node: number, block: number): boolean {
    if (node === pool && this.isSelfish) {
      this.hear(block);
      return false;
    }
    const { height, tip } = this.gossip;
    return height[block] > height[tip[node]];
  }

  /** The pool hears of somebody else's block. */
  private hear(block: number): void {
    const { height } = this.gossip;
    if (height[block] <= this.publicHeight) return;
    this.publicHeight = height[block];
    this.isRacing = false;
    const lead = height[this.secretTip] - height[block];
    if (lead < 0) this.secretTip = block;
    else if (lead === 0) {
      this.publish(this.secretTip);
      this.isRacing = true;
      this.raceBlock = this.secretTip;
    } else if (lead === 1) this.publish(this.secretTip);
    else this.publish(this.secretAt(height[block]));
  }

  private publish(block: number): void {
    this.gossip.announce(pool, block);
    this.publicHeight = Math.max(this.publicHeight, this.gossip.height[block]);
    this.isRacing = false;
  }

  /** The block of the pool's branch at a height. */
  private secretAt(height: number): number {
    let block = this.secretTip;
    while (this.gossip.height[block] > height) block = this.gossip.parent[block];
    return block;
  }

  /** A block follows the race: who would have extended which branch is settled by where the computation is now. */
  private endRace(): void {
    if (this.raceBlock < 0) return;
    let onPool = 0;
    for (let node = 1; node <= this.spec.honestMiners; node++)
      if (this.gossip.tip[node] === this.raceBlock) onPool += 1;
    const gamma = onPool / this.spec.honestMiners;
    this.races += 1;
    this.gammaSum += gamma;
    this.gammaSquares += gamma * gamma;
    this.raceBlock = -1;
  }

  outcome(): MiningNetworkOutcome {
    const { gossip, races } = this;
    const chain = longestChain(gossip);
    const isPools = chain.map((block) => gossip.finder[block] === pool);
    const attackerBlocks = isPools.filter((own) => own).length;
    const found = gossip.count - 1;
    let honestFound = 0;
    for (let block = 1; block <= found; block++) if (gossip.finder[block] !== pool) honestFound += 1;
    const honestBlocks = chain.length - attackerBlocks;
    const gamma = races === 0 ? 0 : this.gammaSum / races;
    const variance = races < 2 ? 0 : Math.max(0, this.gammaSquares / races - gamma * gamma) / (races - 1);
    return {
      attackerBlocks,
      honestBlocks,
      revenueShare: attackerBlocks / Math.max(1, chain.length),
      revenueDeviation: deviationOfBatches(isPools),
      staleRate: 1 - chain.length / Math.max(1, found),
      honestStaleRate: honestFound === 0 ? 0 : 1 - honestBlocks / honestFound,
      races,
      gamma,
      gammaDeviation: Math.sqrt(variance),
    };
  }
}

/** Blocks from the first to the highest; among equals to the one found first. */
function longestChain({ height, parent, count }: BlockGossip): number[] {
  let block = 0;
  for (let other = 1; other < count; other++) if (height[other] > height[block]) block = other;
  const chain: number[] = [];
  for (; block > 0; block = parent[block]) chain.push(block);
  return chain.reverse();
}

/** Standard error of the share of true entries, from batches long enough to be nearly independent. */
function deviationOfBatches(entries: readonly boolean[]): number {
  const size = Math.floor(entries.length / batches);
  if (size === 0) return 0;
  const shares = Array.from({ length: batches }, (_, batch) => {
    const part = entries.slice(batch * size, (batch + 1) * size);
    return part.filter((entry) => entry).length / size;
  });
  const mean = shares.reduce((sum, one) => sum + one, 0) / batches;
  const squares = shares.reduce((sum, one) => sum + (one - mean) * (one - mean), 0);
  return Math.sqrt(squares / (batches - 1) / batches);
}

/** Neighbours of each node: honest miners on a ring with random chords, the pool linked to some of them. */
function drawNeighbours(spec: SelfishMiningNetworkSpec, stream: RandomStream): Int32Array[] {
  const { honestMiners, connections, attackerConnections } = spec;
  const linked = Array.from({ length: honestMiners + 1 }, () => new Set<number>());
  const link = (one: number, other: number): void => {
    if (one === other) return;
    linked[one].add(other);
    linked[other].add(one);
  };
  for (let miner = 1; miner <= honestMiners; miner++) {
    link(miner, (miner % honestMiners) + 1);
    for (let opened = 1; opened < connections; opened++) link(miner, 1 + stream.integer(honestMiners));
  }
  const order = Int32Array.from({ length: honestMiners }, (_, index) => index + 1);
  stream.shuffle(order);
  for (const miner of order.subarray(0, attackerConnections)) link(pool, miner);
  return linked.map((neighbours) => Int32Array.from(neighbours).sort());
}

/** Each link takes half to one and a half times the mean latency of its kind, always the same. */
function drawTopology(spec: SelfishMiningNetworkSpec, stream: RandomStream): Topology {
  const count = spec.honestMiners + 1;
  const latencies = new Float64Array(count * count);
  for (let from = 0; from < count; from++) {
    for (let to = from + 1; to < count; to++) {
      const mean = from === pool ? spec.attackerLatency : spec.latency;
      latencies[from * count + to] = mean * (0.5 + stream.uniform());
      latencies[to * count + from] = latencies[from * count + to];
    }
  }
  const node = {
    group: "miners",
    uplinkBytesPerSecond: spec.bandwidth,
    downlinkBytesPerSecond: spec.bandwidth,
    latencySeconds: 0,
  };
  return {
    nodes: Array.from({ length: count }, () => node),
    sharedLinks: [],
    route: (from, to) => ({ sharedLinks: [], latencySeconds: latencies[from * count + to] }),
  };
}
