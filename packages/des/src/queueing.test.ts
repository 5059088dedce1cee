/** Queues against closed forms. Standard errors are those of independent replications, so correlation is accounted for. */
import type { RandomStream } from "@shardlab/random";
import { describe, expect, it } from "vitest";
import {
  erlangB,
  erlangC,
  finiteQueue,
  generalQueue,
  headOfLineSojourns,
  jacksonNetwork,
  type MarkovQueue,
  markovQueue,
  preemptiveResumeSojourns,
  type ServiceClass,
  sojournTail,
  waitTail,
} from "./fixtures/queueing-closed-forms.ts";
import { simulateNetwork, simulatePriorities, simulateStation } from "./fixtures/queueing-models.ts";
import { estimate, meanOf, replicate } from "./fixtures/replications.ts";

/** Within four standard errors, which in turn are small enough for the test to be able to fail. */
function expectNear(values: readonly number[], exact: number, relativePrecision = 0.02): void {
  const { mean, standardError } = estimate(values);
  expect(standardError).toBeGreaterThan(0);
  expect(standardError / exact).toBeLessThan(relativePrecision);
  expect(Math.abs(mean - exact) / standardError).toBeLessThan(4);
}

const shareAbove = (values: Float64Array, limit: number): number =>
  values.reduce((count, value) => count + (value > limit ? 1 : 0), 0) / values.length;

const exponentialService =
  (rate: number) =>
  (stream: RandomStream): number =>
    stream.exponential(rate);

describe("closed forms themselves", () => {
  it("agree with published values and with one another", () => {
    // Erlang's tables: 10 servers and 5 erlangs lose 1.84 %; 2 servers and 1 erlang lose 1 / 5 and delay 1 / 3.
    expect(erlangB(10, 5)).toBeCloseTo(0.0184, 4);
    expect(erlangB(2, 1)).toBeCloseTo(1 / 5, 15);
    expect(erlangC(2, 1)).toBeCloseTo(1 / 3, 15);
    expect(finiteQueue({ arrivalRate: 3, serviceRate: 1, servers: 4 }, 4)[4]).toBeCloseTo(erlangB(4, 3), 14);
    const exponential = { arrivalRate: 0.6, serviceMean: 1, serviceSecondMoment: 2 };
    const markov = markovQueue({ arrivalRate: 0.6, serviceRate: 1, servers: 1 });
    expect(generalQueue(exponential).wait).toBeCloseTo(markov.wait, 14);
    expect(headOfLineSojourns([exponential])[0]).toBeCloseTo(markov.sojourn, 14);
    expect(preemptiveResumeSojourns([exponential])[0]).toBeCloseTo(markov.sojourn, 14);
  });
});

describe.each([
  { arrivalRate: 0.5, serviceRate: 1, servers: 1 },
  { arrivalRate: 4, serviceRate: 5, servers: 1 },
  { arrivalRate: 2.1, serviceRate: 1, servers: 3 },
  { arrivalRate: 7, serviceRate: 1, servers: 10 },
] satisfies MarkovQueue[])("M/M/c with $arrivalRate, $serviceRate, $servers", (queue) => {
  const exact = markovQueue(queue);
  const service = exponentialService(queue.serviceRate);
  const runs = replicate(20, (seed) => simulateStation({ ...queue, service, seed, warmUp: 500, customers: 6000 }));
  it("has the mean wait, sojourn and queue length, and the utilisation", () => {
    const precision = 0.06;
    expectNear(
      runs.map(({ waits }) => meanOf(waits)),
      exact.wait,
      precision,
    );
    expectNear(
      runs.map(({ sojourns }) => meanOf(sojourns)),
      exact.sojourn,
      precision,
    );
    expectNear(
      runs.map(({ queueLength }) => queueLength),
      exact.queueLength,
      precision,
    );
    expectNear(
      runs.map(({ utilisation }) => utilisation),
      exact.utilisation,
      0.01,
    );
  });
  it("has the share that waits, and the tail of the wait", () => {
    for (const t of [0, exact.wait, 2 * exact.wait])
      expectNear(
        runs.map(({ waits }) => shareAbove(waits, t)),
        waitTail(queue, t),
        0.1,
      );
  });
  it.runIf(queue.servers === 1)("has the tail of the sojourn", () => {
    for (const t of [0.5, 1, 2].map((multiple) => multiple * exact.sojourn))
      expectNear(
        runs.map(({ sojourns }) => shareAbove(sojourns, t)),
        sojournTail(queue, t),
        0.1,
      );
  });
});

describe("queues that turn customers away", () => {
  it.each([
    { arrivalRate: 3, serviceRate: 1, servers: 4, places: 4 },
    { arrivalRate: 9, serviceRate: 2, servers: 3, places: 3 },
    { arrivalRate: 1.2, serviceRate: 1, servers: 1, places: 5 },
    { arrivalRate: 2, serviceRate: 1, servers: 2, places: 6 },
  ])("M/M/$servers/$places loses what it should", ({ places, ...queue }) => {
    const service = exponentialService(queue.serviceRate);
    const runs = replicate(20, (seed) =>
      simulateStation({ ...queue, places, service, seed, warmUp: 100, customers: 3000 }),
    );
    const exact = finiteQueue(queue, places)[places];
    expectNear(
      runs.map(({ turnedAway }) => turnedAway),
      exact,
      0.03,
    );
    expectNear(
      runs.map(({ utilisation }) => utilisation),
      (queue.arrivalRate * (1 - exact)) / (queue.serviceRate * queue.servers),
    );
  });
});

describe("M/G/1", () => {
  it.each([
    { law: "constant", serviceSecondMoment: 1, service: () => 1 },
    { law: "uniform on 0 to 2", serviceSecondMoment: 4 / 3, service: (s: RandomStream) => s.uniform(0, 2) },
    { law: "Erlang of 3 phases", serviceSecondMoment: 4 / 3, service: (s: RandomStream) => s.gamma(3, 1 / 3) },
    {
      law: "hyperexponential",
      // A fifth of mean 3, the others of mean 1 / 2: second moment 2 (0.2 * 9 + 0.8 / 4).
      serviceSecondMoment: 4,
      service: (s: RandomStream) => s.exponential(s.bernoulli(0.2) ? 1 / 3 : 2),
    },
  ])("with $law services waits as Pollaczek and Khinchine say", ({ service, serviceSecondMoment }) => {
    const arrivalRate = 0.6;
    const runs = replicate(20, (seed) =>
      simulateStation({ arrivalRate, service, servers: 1, seed, warmUp: 300, customers: 5000 }),
    );
    const exact = generalQueue({ arrivalRate, serviceMean: 1, serviceSecondMoment });
    expectNear(
      runs.map(({ waits }) => meanOf(waits)),
      exact.wait,
      0.04,
    );
    expectNear(
      runs.map(({ queueLength }) => queueLength),
      exact.queueLength,
      0.04,
    );
    expectNear(
      runs.map(({ utilisation }) => utilisation),
      exact.utilisation,
    );
  });
});

describe("Little's law", () => {
  it("holds exactly on a path that begins and ends empty", () => {
    const service = exponentialService(1);
    const run = simulateStation({ arrivalRate: 0.8, service, servers: 1, seed: 5, warmUp: 0, customers: 20_000 });
    const customerSeconds = run.sojourns.reduce((sum, sojourn) => sum + sojourn, 0);
    expect(run.populationSeconds / customerSeconds).toBeCloseTo(1, 10);
  });
});

describe("priorities on one server", () => {
  const exponentialClass = (arrivalRate: number, serviceMean: number): ServiceClass => ({
    arrivalRate,
    serviceMean,
    serviceSecondMoment: 2 * serviceMean * serviceMean,
  });
  const loads = [
    [exponentialClass(0.3, 1), exponentialClass(0.4, 1)],
    [exponentialClass(0.5, 0.4), exponentialClass(0.2, 1), exponentialClass(0.1, 2.5)],
  ];
  it.each(loads.flatMap((classes) => [false, true].map((preemptive) => ({ classes, preemptive }))))(
    "$classes.length classes, preemptive: $preemptive",
    ({ classes, preemptive }) => {
      const runs = replicate(20, (seed) =>
        simulatePriorities({
          seed,
          preemptive,
          classes: classes.map(({ arrivalRate, serviceMean }) => ({
            arrivalRate,
            service: exponentialService(1 / serviceMean),
          })),
          warmUpSeconds: 300,
          seconds: 4000,
        }),
      );
      const exact = preemptive ? preemptiveResumeSojourns(classes) : headOfLineSojourns(classes);
      exact.forEach((sojourn, k) => {
        expectNear(
          runs.map(({ sojourns }) => sojourns[k]),
          sojourn,
          0.06,
        );
      });
    },
  );
});

describe("networks", () => {
  it("a tandem sends Poisson streams on (Burke 1956)", () => {
    const stations = [
      { arrivalRate: 0.7, serviceRate: 1, servers: 1, routing: [0, 1] },
      { arrivalRate: 0, serviceRate: 0.9, servers: 1, routing: [0, 0] },
    ];
    const runs = replicate(20, (seed) => simulateNetwork({ seed, stations, warmUpSeconds: 300, seconds: 8000 }));
    const intervals = runs.map(({ departureIntervals }) => departureIntervals);
    expectNear(intervals.map(meanOf), 1 / 0.7);
    // Of an exponential time, the mean square is twice the squared mean, and neighbours are independent.
    expectNear(
      intervals.map((row) => meanOf(row.map((x) => x * x))),
      2 / 0.49,
      0.04,
    );
    expectNear(
      intervals.map((row) => meanOf(row.slice(1).map((x, i) => x * row[i]))),
      1 / 0.49,
    );
    expectNear(
      runs.map(({ queueLengths }) => queueLengths[1]),
      markovQueue({ ...stations[1], arrivalRate: 0.7 }).queueLength,
      0.06,
    );
    expectNear(
      runs.map(({ sojourn }) => sojourn),
      jacksonNetwork(stations).sojourn,
      0.04,
    );
  });

  it("an open network with feedback has the product form (Jackson 1957)", () => {
    const stations = [
      { arrivalRate: 0.5, serviceRate: 1.5, servers: 1, routing: [0, 0.6, 0.3] },
      { arrivalRate: 0.2, serviceRate: 0.5, servers: 3, routing: [0.3, 0, 0.2] },
      { arrivalRate: 0, serviceRate: 1, servers: 1, routing: [0, 0, 0.25] },
    ];
    const exact = jacksonNetwork(stations);
    const runs = replicate(20, (seed) => simulateNetwork({ seed, stations, warmUpSeconds: 200, seconds: 5000 }));
    exact.stations.forEach(({ utilisation, queueLength }, i) => {
      expectNear(
        runs.map(({ utilisations }) => utilisations[i]),
        utilisation,
      );
      expectNear(
        runs.map(({ queueLengths }) => queueLengths[i]),
        queueLength,
        0.08,
      );
    });
    expectNear(
      runs.map(({ sojourn }) => sojourn),
      exact.sojourn,
      0.04,
    );
  });
});
