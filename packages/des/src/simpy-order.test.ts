/** Random programs log the same, in the same order, as under SimPy (fixtures/simpy-logs.py). */
import { readFileSync } from "node:fs";
import { expect, it } from "vitest";
import { Environment } from "./environment.ts";
import type { Event } from "./event.ts";
import { Interrupt } from "./interrupt.ts";
import type { Process, ProcessGenerator } from "./process.ts";

type Step = ["timeout" | "wait" | "child" | "succeed" | "interrupt", number] | ["any" | "all", number[], number];
type Entry = [time: number, label: string, result: unknown];

interface Case {
  readonly programs: readonly Step[][];
  readonly log: readonly Entry[];
}

const cases: readonly Case[] = JSON.parse(
  readFileSync(new URL("./fixtures/generated/simpy-logs.json", import.meta.url), "utf8"),
);

function run(programs: readonly Step[][]): Entry[] {
  const env = new Environment({ seed: 1 });
  const log: Entry[] = [];
  const shared = [env.event<string>(), env.event<string>(), env.event<string>()];
  const processes: Process[] = [];

  function* child(delay: number): ProcessGenerator<number> {
    yield env.timeout(delay);
    return delay;
  }

  function* awaitMany(step: ["any" | "all", number[], number]): ProcessGenerator<number[]> {
    const [kind, delays, extra] = step;
    const events: Event[] = delays.map((delay) => env.timeout(delay));
    if (extra >= 0) events.push(shared[extra]);
    const happened = yield* kind === "any" ? env.anyOf(events) : env.allOf(events);
    return events.flatMap((event, i) => (happened.has(event) ? [i] : []));
  }

  function* perform(self: number, step: Step, label: string): ProcessGenerator<unknown> {
    if (step[0] === "any" || step[0] === "all") return yield* awaitMany(step);
    const [kind, argument] = step;
    if (kind === "timeout") yield env.timeout(argument);
    if (kind === "wait") return yield shared[argument];
    if (kind === "child") return yield env.process(child(argument));
    if (kind === "succeed" && !shared[argument].triggered) shared[argument].succeed(label);
    if (kind === "interrupt" && argument !== self && processes[argument].isAlive) processes[argument].interrupt(label);
    return null;
  }

  function* body(self: number, steps: readonly Step[]): ProcessGenerator {
    for (const [i, step] of steps.entries()) {
      const label = `${self}.${i}`;
      try {
        const result = yield* perform(self, step, label);
        log.push([env.now, label, result]);
      } catch (error) {
        if (!(error instanceof Interrupt)) throw error;
        log.push([env.now, label, `interrupted by ${error.cause}`]);
      }
    }
  }

  for (const [self, steps] of programs.entries()) processes.push(env.process(body(self, steps)));
  env.run();
  return log;
}

it.each(cases.map((example, index) => ({ index, ...example })))("program $index", ({ programs, log }) => {
  expect(run(programs)).toEqual(log);
});
