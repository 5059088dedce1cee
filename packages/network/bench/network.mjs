/**
 * What fair sharing and transfers cost: a solve of everything, a change of one component, and transfers per second in a swarm.
 *
 *   node packages/network/bench/network.mjs
 */
import { Environment } from "@shardlab/des";
import { createStreams } from "@shardlab/random";
import { FairSharing, Network } from "../dist/index.js";

const nodes = 1000;
const unlimited = Number.POSITIVE_INFINITY;
const stream = createStreams(1).stream("bench");

/** Median milliseconds of `work`, over 21 rounds of `repeats`, after a warm-up. */
function medianMilliseconds(repeats, work) {
  for (let i = 0; i < 3 * repeats; i++) work(i);
  const rounds = [];
  for (let round = 0; round < 21; round++) {
    const started = performance.now();
    for (let i = 0; i < repeats; i++) work(i);
    rounds.push((performance.now() - started) / repeats);
  }
  return rounds.sort((a, b) => a - b)[10];
}

/** Random pairs among 1000 nodes with links of 10 to 100 Mbit/s up and 50 to 500 down: one large component and many small. */
function randomNetwork(flows) {
  const rate = (least) => 125_000 * least * (1 + 9 * stream.uniform());
  const capacities = Array.from({ length: 2 * nodes }, (_, link) => rate(link < nodes ? 10 : 50));
  const sharing = new FairSharing(capacities);
  for (let flow = 0; flow < flows; flow++) {
    sharing.insert(flow, [stream.integer(nodes), nodes + stream.integer(nodes)], 2, 1, unlimited);
  }
  sharing.solve();
  return sharing;
}

/** All flows made stale by a capacity that changes on every uplink. */
function fullSolve(flows) {
  const sharing = randomNetwork(flows);
  const capacities = Array.from({ length: nodes }, (_, link) => sharing.capacityOf(link));
  let touched = 0;
  const milliseconds = medianMilliseconds(10, (i) => {
    for (let link = 0; link < nodes; link++) sharing.setCapacity(link, capacities[link] * (i % 2 === 0 ? 1 : 0.75));
    sharing.solve();
    touched = sharing.touchedCount;
  });
  return { milliseconds, touched };
}

/** One flow leaves and comes back in a ring of senders and receivers, each link with two flows. */
function component(flows) {
  const links = flows;
  const sharing = new FairSharing(Array.from({ length: links }, (_, link) => 100 + link));
  const path = (flow) => [flow % links, (flow + 1) % links];
  for (let flow = 0; flow < flows; flow++) sharing.insert(flow, path(flow), 2, 1, unlimited);
  sharing.solve();
  const paths = Array.from({ length: flows }, (_, flow) => path(flow));
  const milliseconds = medianMilliseconds(2000, (i) => {
    const flow = i % flows;
    sharing.remove(flow);
    sharing.insert(flow, paths[flow], 2, 1, unlimited);
    sharing.solve();
  });
  return { microseconds: 1000 * milliseconds, touched: sharing.touchedCount };
}

/** A swarm: each delivered activation goes on to a random node of the next of 20 stages, 50 nodes each. */
function swarm(inFlight, transfers) {
  const environment = new Environment({ seed: 1 });
  const stages = 20;
  const perStage = nodes / stages;
  const topology = {
    nodes: Array.from({ length: nodes }, () => ({
      group: "peer",
      uplinkBytesPerSecond: 125_000 * (10 + 90 * stream.uniform()),
      downlinkBytesPerSecond: 125_000 * (50 + 450 * stream.uniform()),
      latencySeconds: 0.02,
    })),
    sharedLinks: [],
    route: () => ({ sharedLinks: [], latencySeconds: 0.01 }),
  };
  const network = new Network(environment, topology);
  const choice = environment.random("choice");
  let started = 0;
  const send = (from) => {
    if (started >= transfers) return;
    started += 1;
    const stage = (Math.floor(from / perStage) + 1) % stages;
    const to = stage * perStage + choice.integer(perStage);
    network.transfer({ from, to, bytes: 336_000, onDelivered: send, payload: to });
  };
  for (let i = 0; i < inFlight; i++) send(choice.integer(nodes));
  const begun = performance.now();
  environment.run();
  const seconds = (performance.now() - begun) / 1000;
  return { perSecond: transfers / seconds, eventsEach: environment.eventCount / transfers, virtual: environment.now };
}

for (const flows of [500, 1000, 2000]) {
  const { milliseconds, touched } = fullSolve(flows);
  console.log(`full solve, ${flows} flows: ${milliseconds.toFixed(2)} ms (${touched} flows touched)`);
}
for (const flows of [8, 32, 128]) {
  const { microseconds, touched } = component(flows);
  console.log(`leave and come back, component of ${flows} flows: ${microseconds.toFixed(1)} us (${touched} touched)`);
}
for (const inFlight of [200, 1000]) {
  const { perSecond, eventsEach, virtual } = swarm(inFlight, 200_000);
  const rest = `${eventsEach.toFixed(2)} events each, ${virtual.toFixed(0)} s of virtual time`;
  console.log(`swarm of ${nodes} nodes, ${inFlight} in flight: ${Math.round(perSecond)} transfers/s (${rest})`);
}
