import { describe, expect, it } from "vitest";
import { scenarioHash } from "./canonical.ts";
import { formatFault } from "./fault.ts";
import { faultsOf } from "./fixtures/sample.ts";
import { swarmSample, swarmWith } from "./fixtures/swarm-sample.ts";
import { type LoadOptions, loadScenario } from "./load.ts";
import { isSwarm } from "./scenario-spec.ts";
import type { SwarmScenario } from "./swarm-spec.ts";

function load(source: string, overrides: LoadOptions["overrides"] = []) {
  const result = loadScenario(source, { file: "folder/x.yaml", overrides });
  if (!result.ok) throw new Error(result.faults.map((fault) => formatFault("x.yaml", fault)).join("\n"));
  return result.scenario;
}

function swarmOf(source: string, overrides: LoadOptions["overrides"] = []): SwarmScenario {
  const { resolved } = load(source, overrides);
  if (!isSwarm(resolved)) throw new Error("not of the swarm");
  return resolved;
}

describe("the form of a document", () => {
  it.each([
    ["engine: hardware", swarmSample],
    ["resolution: events", swarmWith({ 3: "resolution: events" })],
    ["its keys alone", swarmWith({ 3: "" })],
  ])("is told by %s", (_by, source) => {
    expect(load(source).language.form).toBe("swarm");
  });

  it("holds whatever an override says of the engine, and refuses what another form has", () => {
    expect(swarmOf(swarmSample, ["engine=simulation"]).engine).toBe("simulation");
    expect(faultsOf(swarmWith({ 3: "engine: hardwear" }))).toEqual([
      "x.yaml:3:9 unknown engine: hardwear (expected simulation, hardware; did you mean hardware?)",
    ]);
    expect(faultsOf(swarmSample, ["resolution=epochs"])).toContain(
      "--set resolution: unknown resolution: epochs (expected events)",
    );
  });
});

describe("a swarm", () => {
  it("is resolved with SI numbers and defaults", () => {
    const { training, population, hardware, model } = swarmOf(swarmSample);
    expect(population[0]?.link).toMatchObject({ down: 1e7, up: 1e7, latency: 0.02, loss: 0 });
    expect(training.activations).toEqual({ kind: "bfloat16" });
    expect(training.gradients).toEqual({ kind: "identity" });
    expect(hardware.backend).toBe("wasm");
    expect(model).toMatchObject({ kind: "gpt", width: 64 });
  });

  it("serves both engines with one file, each with a hash of its own", () => {
    const { points, size } = load(swarmWith({}, "sweep: { engine: [hardware, simulation] }", "measure: [loss]"));
    expect(points.map(({ coordinates }) => coordinates.engine)).toEqual(["hardware", "simulation"]);
    expect(new Set(points.map(({ hash }) => hash)).size).toBe(2);
    expect(points.map(({ resolved }) => scenarioHash(resolved))).toEqual(points.map(({ hash }) => hash));
    expect(size.points).toBe(2);
  });

  it("takes bare kinds within what is swept and what is set, as within the file", () => {
    const chained = { kind: "chain", outer: { kind: "top-k", share: 0.1 }, inner: { kind: "bfloat16" } };
    const text = "{ kind: chain, outer: { kind: top-k, share: 0.1 }, inner: bfloat16 }";
    const swept = load(swarmWith({}, `sweep: { training.activations: [identity, ${text}] }`)).points[1]?.resolved;
    const set = swarmOf(swarmSample, [`training.activations=${text}`]);
    for (const resolved of [swept as SwarmScenario, set]) expect(resolved.training.activations).toMatchObject(chained);
  });

  it("is not made anew on one engine by the settings of the other", () => {
    const hashOf = (...overrides: string[]) => load(swarmSample, overrides).hash;
    expect(hashOf("simulation.compute=modelled")).toBe(hashOf());
    expect(hashOf("hardware.threads=2")).not.toBe(hashOf());
    const simulated = (...overrides: string[]) => hashOf("engine=simulation", ...overrides);
    expect(simulated("simulation.compute=modelled")).not.toBe(simulated());
    const modelled = (...overrides: string[]) => simulated("simulation.compute=modelled", ...overrides);
    expect(modelled("hardware.backend=cpu")).toBe(modelled());
    // Real numbers are those of the backend.
    expect(simulated("hardware.backend=cpu")).not.toBe(simulated());
    expect(hashOf("seeds.count=9")).toBe(hashOf());
  });

  it("sweeps compressors inside others", () => {
    const { points } = load(
      swarmWith(
        { 12: "  activations: { kind: chain, outer: { kind: top-k, share: 10 % }, inner: bfloat16 }" },
        "sweep:",
        "  training.activations.inner: [identity, bfloat16]",
        "  training.gradients: [identity, { kind: error-feedback, inner: { kind: top-k }, label: ef }]",
      ),
    );
    expect(points.map(({ coordinates }) => Object.values(coordinates).join(" "))).toEqual([
      "identity identity",
      "identity ef",
      "bfloat16 identity",
      "bfloat16 ef",
    ]);
  });
});

type Case = readonly [name: string, source: string, ...faults: readonly string[]];

const cases: readonly Case[] = [
  [
    "stages above layers",
    swarmWith({ 11: "  parallelism: { stages: 5, replicas: 1, microbatches: 8 }" }),
    "x.yaml:11:26 too many stages: 5 (expected at most 4, the layers)",
  ],
  [
    "microbatches below replicas",
    swarmWith({ 11: "  parallelism: { stages: 4, replicas: 2, microbatches: 1 }" }),
    "x.yaml:11:56 too few microbatches: 1 (each of 2 replicas needs one)",
  ],
  [
    "population below the grid",
    swarmWith({ 16: "    count: 7" }),
    "x.yaml:15:3 too few workers: 7 (expected at least 8 for 4 stages x 2 replicas)",
  ],
  [
    "heads that do not divide the width",
    swarmWith({ 5: "model: { kind: gpt, layers: 4, width: 64, heads: 5 }" }),
    "x.yaml:5:50 invalid heads: 5 (expected a divisor of the width, 64)",
  ],
  [
    "rank above the width",
    swarmWith({ 12: "  activations: { kind: subspace, rank: 65 }" }),
    "x.yaml:12:40 rank above the width: 65 (expected at most 64)",
  ],
  [
    "rank above the width inside a chain",
    swarmWith({ 12: "  activations: { kind: chain, outer: { kind: subspace, rank: 99 }, inner: bfloat16 }" }),
    "x.yaml:12:62 rank above the width: 99 (expected at most 64)",
  ],
  [
    "a subspace without tokens",
    swarmWith({
      5: "model: { kind: mlp, layers: 4 }",
      7: "  data: gaussian-mixture",
      12: "  activations: { kind: subspace, rank: 8 }",
    }),
    "x.yaml:12:16 subspace without tokens: mlp (expected model: gpt)",
  ],
  [
    "lossy gradients that a schedule adds up",
    swarmWith({
      11: "  parallelism: { stages: 4, replicas: 2, reduction: recursive-halving-doubling }",
      12: "  gradients: bfloat16",
    }),
    "x.yaml:11:53 reduction that cannot add up what is compressed: recursive-halving-doubling (expected none, as lossy gradients are exchanged whole)",
  ],
  [
    "asynchronous with an uneven grid",
    swarmWith({ 11: "  parallelism: { stages: 4, replicas: 2, schedule: asynchronous, microbatches: 7 }" }),
    "x.yaml:11:80 uneven microbatches: 7 over 2 replicas (expected a multiple, as the schedule is asynchronous)",
  ],
  [
    "an interleaved schedule",
    swarmWith({ 11: "  parallelism: { stages: 4, replicas: 2, schedule: interleaved-one-forward-one-backward }" }),
    "x.yaml:11:52 unsupported schedule: interleaved-one-forward-one-backward (a worker holds one stage; choose asynchronous, gpipe or one-forward-one-backward)",
  ],
  [
    "a device that nobody knows",
    swarmWith({ 3: "resolution: events", 16: "    count: 8\n    device: rtx-4900" }),
    "x.yaml:17:13 unknown device: rtx-4900 (did you mean rtx-4090?)",
  ],
  [
    "a device that is not here",
    swarmWith({ 16: "    count: 8\n    device: rtx-4090" }),
    "x.yaml:17:13 device of a simulation: rtx-4090 (expected this-machine with engine: hardware; hardware.devices says what computes)",
  ],
  [
    "memory that cannot fit",
    swarmWith({
      3: "resolution: events",
      5: "model: { kind: gpt, layers: 4, width: 8192, heads: 64 }",
      16: "    count: 8\n    device: rtx-4090",
    }),
    // 12 x 8192 x 8192 weights of a block, with gradient and two moments, 4 bytes each, are 12 GiB, and it fits; see the next.
  ],
  [
    "more memory that cannot fit",
    swarmWith({
      3: "resolution: events",
      5: "model: { kind: gpt, layers: 4, width: 16384, heads: 64 }",
      16: "    count: 8\n    device: rtx-4090",
    }),
    "x.yaml:17:13 shard that cannot fit: 48.0 GiB of weights, gradients and optimiser (rtx-4090 has 24.0 GiB; expected more stages)",
  ],
  [
    "data that the model cannot read",
    swarmWith({ 7: "  data: gaussian-mixture" }),
    "x.yaml:7:9 data that the model cannot read: gaussian-mixture (expected text or markov)",
  ],
  [
    "a vocabulary below what text needs",
    swarmWith({ 5: "model: { kind: gpt, layers: 4, vocabulary: 100 }" }),
    "x.yaml:5:44 vocabulary too small: 100 (expected at least 256 for bytes)",
  ],
  [
    "a timeout within a heartbeat",
    swarmWith({ 13: "  faultTolerance: { heartbeat: 5 s, timeout: 5 s }" }),
    "x.yaml:13:46 timeout not above heartbeat: 5 s (expected more than 5 s, or every worker is lost at once)",
  ],
  [
    "a crash of nobody",
    swarmWith({ 18: "simulation: { presence: { crashes: [{ worker: 9, at: 5 s }] } }" }),
    "x.yaml:18:47 no such worker: 9 (expected coordinator, or 1 to 8)",
  ],
  [
    "groups of one name",
    swarmWith({}, "sweep: {}").replace("population:\n", "population:\n  - { group: home, count: 1 }\n"),
    "x.yaml:16:12 duplicate group: home",
  ],
  [
    "more that join than there are",
    swarmWith({ 19: "hardware: { joining: 9 }" }),
    "x.yaml:19:22 more workers that join than there are: 9 of 8",
  ],
  [
    "an analysis of the economy",
    swarmWith({}, "sensitivity: { measure: loss, parameters: { training.updates: { low: 5, high: 9 } } }"),
    "x.yaml:20:1 an analysis of the economy alone: sensitivity (expected none in a scenario of the swarm)",
  ],
  [
    "a loss that nobody computes",
    swarmWith({ 3: "resolution: events", 18: "simulation: { compute: modelled }" }, "measure: [loss]"),
    "x.yaml:20:11 unknown measure: loss (expected updates, tokens, duration, seconds-per-update, updates-per-hour, tokens-per-second, bytes, bytes-per-token or 10 others)",
  ],
  ["a part of the economy", swarmWith({}, "market: { growth: 1 %/y }"), "x.yaml:20:1 unknown key: market"],
];

describe("faulty swarms", () => {
  it.each(cases)("%s", (_name, source, ...faults) => {
    const found = faultsOf(source);
    if (faults.length === 0) expect(found).toEqual([]);
    else expect(found).toEqual(expect.arrayContaining(faults.map((fault) => expect.stringContaining(fault))));
  });
});
