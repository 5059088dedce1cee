import { createStreams } from "@shardlab/random";
import { exampleWorld } from "@shardlab/testing";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { type Evaluation, scoresOf, seatsOf, sent } from "./fixtures/gauntlet-deliveries.ts";
import { gauntlet, gauntletSpec } from "./gauntlet.ts";
import { syncScore } from "./gauntlet-scores.ts";

const parse = (changes: object = {}) => gauntletSpec.parse({ kind: "gauntlet", term: "100 d", ...changes });
const worldOf = (changes: object = {}) => exampleWorld(gauntlet(parse(changes)));

describe("scores", () => {
  it("has the published curve of agreement", () => {
    expect([0, 1, 2.5, 3, 5, 12].map(syncScore)).toEqual([
      1,
      expect.closeTo(0.8 ** 2.5, 12),
      expect.closeTo(0.5 ** 2.5, 12),
      expect.closeTo(0.4 ** 2.5, 12),
      0,
      0,
    ]);
  });

  it("takes fourteen evaluations of honest work to pass one half", () => {
    const world = worldOf();
    const averages = Array.from({ length: 20 }, () => {
      world.step({ work: [sent(0), sent(1)] });
      return scoresOf(world, 0)?.binary ?? 0;
    });
    for (const [index, average] of averages.entries()) expect(average).toBeCloseTo(1 - 0.95 ** (index + 1), 12);
    expect(averages.findIndex((average) => average > 0.5)).toBe(13);
  });

  it("is what peers written as objects have, over many epochs", () => {
    const gain = fc.double({ min: -0.05, max: 0.05, noNaN: true });
    const evaluation = fc.record({
      assignedGain: gain,
      randomGain: gain,
      stepsBehind: fc.constantFrom(0, 0, 1, 2.5, 4, 7),
      overlap: fc.constantFrom(0, 0, 0, 0.1, 0.39, 0.4, 0.9, 0.95, 1),
    });
    const delivery = fc.oneof({ weight: 1, arbitrary: fc.constant(undefined) }, { weight: 5, arbitrary: evaluation });
    const epochs = fc.array(fc.tuple(delivery, delivery, delivery, delivery), { minLength: 1, maxLength: 25 });
    const agrees = (happened: (Evaluation | undefined)[][], signFix: boolean, windowsPerEpoch: number) => {
      const world = worldOf({ signFix, windowsPerEpoch });
      const peers = new Map<number, ReferencePeer>();
      for (const measured of happened) {
        const rows = measured.flatMap((found, account) => (found ? [sent(account, found)] : []));
        world.step({ work: rows });
        for (const { account } of rows) if (!peers.has(account)) peers.set(account, newPeer());
        for (let window = 0; window < windowsPerEpoch; window++) referenceWindow(peers, measured, signFix);
        for (const account of measured.keys()) {
          const scores = scoresOf(world, account);
          const peer = peers.get(account);
          expect(scores === undefined).toBe(peer === undefined);
          if (scores === undefined || peer === undefined) continue;
          expect(scores.binary).toBeCloseTo(peer.average, 10);
          expect(scores.mean).toBeCloseTo(peer.mu, 8);
          expect(scores.deviation).toBeCloseTo(peer.sigma, 8);
          expect(scores.final).toBeCloseTo(peer.final, 8);
        }
      }
    };
    fc.assert(fc.property(epochs, fc.boolean(), fc.integer({ min: 1, max: 3 }), agrees), { numRuns: 80, seed: 3 });
  });

  it.each([
    ["a missing gradient", undefined, 0.75],
    ["weights more than three steps behind", { stepsBehind: 3.5 }, 0.75 * 0.95],
    ["an overlap of 0.4", { overlap: 0.4 }, 0.5 * 0.95],
    ["an overlap of 0.95", { overlap: 0.95 }, 0],
  ])("%s multiplies the moving average by what is published", (_, changes, factor) => {
    const world = worldOf();
    for (let epoch = 0; epoch < 10; epoch++) world.step({ work: [sent(0, { randomGain: 0.012 }), sent(1), sent(2)] });
    const before = scoresOf(world, 0)?.binary ?? 0;
    const late = changes === undefined ? [] : [sent(0, changes)];
    world.step({ work: [...late, sent(1), sent(2)] });
    const gained = changes === undefined ? 0 : 0.05;
    expect(scoresOf(world, 0)?.binary).toBeCloseTo(before * factor + gained, 12);
  });

  it("sends whoever copies all into a timeout of 200 windows, and pays nothing meanwhile, even after leaving", () => {
    const world = worldOf({ term: "400 d" });
    const others = [sent(1), sent(2), sent(3)];
    for (let epoch = 0; epoch < 20; epoch++) world.step({ work: [sent(0, { randomGain: 0.012 }), ...others] });
    const had = world.cash(0);
    expect(had).toBeGreaterThan(0);
    for (let window = 0; window < 200; window++) {
      const isAway = window > 3 && window < 50;
      world.step({ work: isAway ? others : [sent(0, window === 0 ? { overlap: 1 } : {}), ...others] });
      expect(scoresOf(world, 0)).toMatchObject({ binary: 0, final: 0, timeout: 199 - window });
    }
    expect(world.cash(0)).toBe(had);
    for (let epoch = 0; epoch < 20; epoch++) world.step({ work: [sent(0, { randomGain: 0.012 }), ...others] });
    expect(world.cash(0)).toBeGreaterThan(had);
  });

  it("takes a verdict for an invalid gradient: the score is gone, the rating is not", () => {
    const world = worldOf();
    for (let epoch = 0; epoch < 20; epoch++) world.step({ work: [sent(0, { randomGain: 0.012 }), sent(1)] });
    const before = scoresOf(world, 0);
    world.step({ work: [sent(1)], verdicts: [sent(0)] });
    expect(scoresOf(world, 0)).toMatchObject({ final: 0, mean: before?.mean });
  });
});

describe("evaluation", () => {
  const uniforms = createStreams(5).stream("draws");
  const uniform = (draw: number) => uniforms.uniformAt(draw);
  const everybody = [0.013, 0.012, 0.011, 0.01].map((randomGain, account) => sent(account, { randomGain }));

  it("draws as many as it may, and everybody alike in the long run", () => {
    const world = exampleWorld(gauntlet(parse({ evaluationsPerWindow: 2, evaluationBins: 3 })), { uniform });
    const drawn = new Float64Array(4);
    for (let epoch = 0; epoch < 90; epoch++) {
      world.step({ work: everybody });
      const { waiting } = seatsOf(world);
      const evaluated = [...waiting.keys()].filter((seat) => seatsOf(world).account[seat] >= 0 && waiting[seat] === 1);
      expect(evaluated).toHaveLength(2);
      for (const seat of evaluated) drawn[seatsOf(world).account[seat]] += 1;
    }
    // 45 each; odds that grow with the wait keep counts closer than independent draws (deviation 4.7) would.
    for (const count of drawn) expect(Math.abs(count - 45)).toBeLessThan(4 * 4.7);
  });

  it("takes one bin of like skill where every bin can be filled", () => {
    const world = exampleWorld(gauntlet(parse({ evaluationsPerWindow: 2, evaluationBins: 2 })), { uniform });
    const met = new Set<string>();
    for (let epoch = 0; epoch < 60; epoch++) {
      const before = seatsOf(world);
      world.step({ work: everybody });
      const after = seatsOf(world);
      const seats = [...after.account.keys()].filter((seat) => after.account[seat] >= 0);
      const ordinal = (seat: number) => before.mean[seat] - 3 * before.deviation[seat];
      const ranked = [...seats].sort((a, b) => ordinal(b) - ordinal(a) || a - b);
      const evaluated = seats.filter((seat) => after.waiting[seat] === 1);
      const halves = [ranked.slice(0, 2), ranked.slice(2)].map((half) => [...half].sort((a, b) => a - b).join());
      expect(halves).toContain(evaluated.join());
      met.add(evaluated.join() === halves[0] ? "better" : "worse");
    }
    expect([...met].sort()).toEqual(["better", "worse"]);
  });
});

interface ReferencePeer {
  average: number;
  final: number;
  mu: number;
  sigma: number;
  missing: number;
  timeout: number;
}

const newPeer = (): ReferencePeer => ({ average: 0, final: 0, mu: 25, sigma: 25 / 3, missing: 0, timeout: 0 });

/** One window over at most four peers, all of whom are gathered and evaluated, from the description of the rule. */
function referenceWindow(
  peers: Map<number, ReferencePeer>,
  measured: readonly (Evaluation | undefined)[],
  signFix: boolean,
): void {
  const scale = (peer: ReferencePeer, factor: number) => {
    if (peer.final > 0) Object.assign(peer, { final: peer.final * factor, average: peer.average * factor });
  };
  const gathered = [...peers].filter(([, { timeout }]) => timeout === 0);
  const success = gathered.filter(([account]) => measured[account]).length / gathered.length;
  for (const [account, peer] of gathered) {
    const found = measured[account];
    if (!found) continue;
    if (found.overlap >= 0.95) Object.assign(peer, newPeer(), found.overlap >= 1 ? { timeout: 200 } : {});
    else if (found.overlap >= 0.4) scale(peer, 0.5);
    if (found.stepsBehind > 3) scale(peer, 0.75);
  }
  for (const [account, peer] of [...peers]) {
    if (measured[account]) {
      peer.missing = 0;
      continue;
    }
    scale(peer, success < 0.4 && gathered.some(([one]) => one === account) ? 0 : 0.75);
    if (peer.final > 0 && peer.final < 1e-4) peer.final = 0;
    peer.missing += 1;
    if (peer.missing > 3 && peer.timeout === 0) peers.delete(account);
  }
  const playing: { peer: ReferencePeer; found: Evaluation }[] = [];
  for (const [account, peer] of peers) {
    const found = measured[account];
    if (peer.timeout > 0) peer.timeout -= 1;
    else if (found) playing.push({ peer, found });
  }
  for (const { peer, found } of playing)
    peer.average = 0.95 * peer.average + 0.05 * (found.assignedGain > found.randomGain ? 1 : -1);
  if (playing.length < 2) return;
  const variances = playing.map(({ peer }) => peer.sigma ** 2 + 0.01);
  const c = Math.sqrt(variances.reduce((sum, variance) => sum + variance + 49, 0));
  const before = playing.map(({ peer }) => peer.mu);
  for (const [i, { peer, found }] of playing.entries()) {
    const gain = found.randomGain;
    let [omega, delta] = [0, 0];
    for (const [q, other] of playing.entries()) {
      if (other.found.randomGain < gain) continue;
      const ties = playing.filter((one) => one.found.randomGain === other.found.randomGain).length;
      const below = playing.reduce(
        (sum, one, row) => sum + (one.found.randomGain <= other.found.randomGain ? Math.exp(before[row] / c) : 0),
        0,
      );
      const p = Math.exp(before[i] / c) / below;
      omega += ((q === i ? 1 : 0) - p) / ties;
      delta += (p * (1 - p)) / ties;
    }
    const variance = variances[i];
    peer.mu += (variance / c) * omega;
    peer.sigma = Math.sqrt(variance * Math.max(1e-4, 1 - (variance / c ** 2) * (Math.sqrt(variance) / c) * delta));
  }
  for (const { peer, found } of playing) {
    const agreement = (1 - Math.min(found.stepsBehind, 5) / 5) ** 2.5;
    peer.final = (peer.mu - 3 * peer.sigma) * (signFix ? Math.max(0, peer.average) : peer.average) * agreement;
  }
}
