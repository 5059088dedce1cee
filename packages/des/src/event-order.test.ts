/** Both queues, and the change between them, against a sorted array, over random programmes. */
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { EventLoop, type QueueKind } from "./event-loop.ts";
import type { EventHandle } from "./event-store.ts";
import { SortedEventLoop } from "./reference/sorted-event-loop.ts";

const kinds: readonly QueueKind[] = ["heap", "ladder", "auto"];

/** Delays as functions of a uniform number. */
const delays = {
  zero: () => 0,
  tied: (u: number) => Math.floor(4 * u),
  uniform: (u: number) => u,
  exponential: (u: number) => -Math.log(1 - u),
  bimodal: (u: number) => (u < 0.9 ? u : 1e6 * u),
  skewed: (u: number) => u ** 30,
  hugeRange: (u: number) => 10 ** (600 * u - 300),
  // A few units in the last place around 1, and below the smallest normal number.
  adjacent: (u: number) => 1 + Math.floor(5 * u) * Number.EPSILON,
  subnormal: (u: number) => Math.floor(100 * u) * Number.MIN_VALUE,
  largest: (u: number) => u * Number.MAX_VALUE,
} satisfies Record<string, (u: number) => number>;

type Delay = keyof typeof delays;

type Command =
  | {
      readonly verb: "burst";
      readonly count: number;
      readonly delay: Delay;
      readonly priorities: number;
      readonly seed: number;
    }
  | { readonly verb: "cancel"; readonly share: number; readonly seed: number }
  | { readonly verb: "step"; readonly count: number }
  | { readonly verb: "run"; readonly share: number }
  | { readonly verb: "peek" };

interface Programme {
  readonly initialTime: number;
  /** How many children an event has on average, and how they come. */
  readonly fertility: number;
  readonly childDelay: Delay;
  readonly childPriorities: number;
  readonly commands: readonly Command[];
}

/** Lehmer's generator on [0, 1). */
function lehmer(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state * 16807) % 2147483647;
    return (state - 1) / 2147483646;
  };
}

/** Runs a programme on a loop, and tells all that can be seen of it. */
function perform(loop: EventLoop | SortedEventLoop, { commands, ...rules }: Programme): unknown[] {
  const seen: unknown[] = [];
  const handles: EventHandle[] = [];
  const chance = lehmer(99);
  let budget = 3000;
  const add = (delay: Delay, priorityCount: number, uniform: () => number): void => {
    const seconds = delays[delay](uniform());
    const priority = Math.floor(uniform() * priorityCount) - (priorityCount > 2 ? 1 : 0);
    if (loop.now + seconds < Number.POSITIVE_INFINITY)
      handles.push(loop.schedule(seconds, handle, handles.length, priority));
  };
  const handle = (payload: number): void => {
    seen.push(loop.now, payload, loop.pendingCount);
    if (chance() < 0.1) seen.push(loop.cancel(handles[Math.floor(chance() * handles.length)]));
    for (let u = chance(); u < rules.fertility && budget > 0; u += 1) {
      budget -= 1;
      add(rules.childDelay, rules.childPriorities, chance);
    }
  };
  for (const command of commands) {
    if (command.verb === "burst") {
      const uniform = lehmer(command.seed);
      for (let i = 0; i < command.count; i++) add(command.delay, command.priorities, uniform);
    } else if (command.verb === "cancel") {
      const uniform = lehmer(command.seed);
      for (const each of handles) if (uniform() < command.share) seen.push(loop.cancel(each));
    } else if (command.verb === "step") {
      for (let i = 0; i < command.count; i++) seen.push(loop.step());
    } else if (command.verb === "run") {
      const next = loop.peek();
      if (next < Number.POSITIVE_INFINITY) loop.run({ until: next + (next - loop.now) * command.share });
    }
    seen.push(loop.now, loop.peek(), loop.pendingCount, loop.eventCount);
  }
  loop.run();
  seen.push(loop.now, loop.peek(), loop.pendingCount, loop.eventCount, loop.traceHash);
  return seen;
}

const delay = fc.constantFrom(...(Object.keys(delays) as Delay[]));
const seed = fc.integer({ min: 1, max: 2147483646 });
const priorityCount = fc.integer({ min: 1, max: 4 });
const command: fc.Arbitrary<Command> = fc.oneof(
  {
    weight: 4,
    arbitrary: fc.record({
      verb: fc.constant("burst" as const),
      count: fc.integer({ min: 1, max: 900 }),
      delay,
      priorities: priorityCount,
      seed,
    }),
  },
  {
    weight: 1,
    arbitrary: fc.record({ verb: fc.constant("cancel" as const), share: fc.constantFrom(0.1, 0.6, 1), seed }),
  },
  { weight: 2, arbitrary: fc.record({ verb: fc.constant("step" as const), count: fc.integer({ min: 1, max: 400 }) }) },
  { weight: 2, arbitrary: fc.record({ verb: fc.constant("run" as const), share: fc.constantFrom(0, 1, 20) }) },
  { weight: 1, arbitrary: fc.constant({ verb: "peek" as const }) },
);
const programme: fc.Arbitrary<Programme> = fc.record({
  initialTime: fc.constantFrom(0, -5, 1e9, 2 ** 52),
  fertility: fc.constantFrom(0, 0.5, 0.95),
  childDelay: delay,
  childPriorities: priorityCount,
  commands: fc.array(command, { minLength: 1, maxLength: 8 }),
});

describe("random programmes", () => {
  it("go as on a sorted array, with every queue", () => {
    fc.assert(
      fc.property(programme, (drawn) => {
        const expected = perform(new SortedEventLoop(drawn.initialTime), drawn);
        for (const queue of kinds) {
          const seen = perform(new EventLoop({ queue, initialTime: drawn.initialTime }), drawn);
          const different = seen.findIndex((value, index) => !Object.is(value, expected[index]));
          if (different >= 0)
            expect.fail(`${queue}: ${seen[different]} instead of ${expected[different]} at ${different}`);
          expect(seen.length).toBe(expected.length);
        }
      }),
      { numRuns: 150, seed: 20051 },
    );
  });

  it.each(Object.keys(delays) as Delay[])("go as on a sorted array with %s delays throughout", (each) => {
    for (const priorities of [1, 3]) {
      const commands: Command[] = [
        { verb: "burst", count: 1500, delay: each, priorities, seed: 7 },
        { verb: "step", count: 700 },
        { verb: "burst", count: 300, delay: each, priorities, seed: 8 },
        { verb: "cancel", share: 0.5, seed: 9 },
      ];
      const whole = { initialTime: 0, fertility: 0.95, childDelay: each, childPriorities: priorities, commands };
      const expected = perform(new SortedEventLoop(), whole);
      for (const queue of kinds) expect(perform(new EventLoop({ queue }), whole)).toEqual(expected);
    }
  });
});
