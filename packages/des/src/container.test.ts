import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { Container } from "./container.ts";
import { Environment } from "./environment.ts";

describe("a container", () => {
  it("makes gets wait for stock and puts wait for room", () => {
    const env = new Environment({ seed: 1 });
    const tank = new Container(env, { capacity: 10, initial: 4 });
    const log: string[] = [];
    env.process(function* () {
      log.push(`got ${yield* tank.get(7)} at ${env.now}, left ${tank.level}`);
    });
    env.process(function* () {
      yield env.timeout(2);
      log.push(`put ${yield* tank.put(5)} at ${env.now}`);
      log.push(`put ${yield* tank.put(9)} at ${env.now}`);
    });
    env.process(function* () {
      yield env.timeout(6);
      yield tank.get(1);
    });
    env.run();
    expect(log).toEqual(["put 5 at 2", "got 7 at 2, left 2", "put 9 at 6"]);
    expect(tank.level).toBe(10);
  });

  it("serves large gets in their turn, and does not let small ones pass", () => {
    const env = new Environment({ seed: 1 });
    const tank = new Container(env, { initial: 3 });
    const [large, small] = [tank.get(5), tank.get(1)];
    expect([large.triggered, small.triggered, tank.getQueueLength]).toEqual([false, false, 2]);
    tank.put(2);
    expect([large.triggered, small.triggered, tank.level]).toEqual([true, false, 0]);
  });

  it("lets those behind a cancelled claim go on", () => {
    const env = new Environment({ seed: 1 });
    const tank = new Container(env, { capacity: 5, initial: 3 });
    const [large, small] = [tank.get(5), tank.get(1)];
    expect([large.cancel(), large.cancel(), small.cancel()]).toEqual([true, false, false]);
    expect([large.triggered, small.triggered, tank.level]).toEqual([false, true, 2]);
  });

  it("averages its level over time", () => {
    const env = new Environment({ seed: 1 });
    const tank = new Container(env, { initial: 2 });
    const level = tank.monitor();
    env.schedule(1, () => tank.put(3));
    env.schedule(3, () => tank.get(4));
    env.run({ until: 4 });
    expect([level.mean, level.maximum]).toEqual([(2 + 5 * 2 + 1) / 4, 5]);
  });

  it("refuses amounts that it could never serve", () => {
    const env = new Environment({ seed: 1 });
    const tank = new Container(env, { capacity: 10, name: "tank" });
    for (const amount of [0, -1, 11, Number.NaN, Number.POSITIVE_INFINITY]) {
      expect(() => tank.put(amount)).toThrow(`invalid amount: ${amount} of tank with capacity 10`);
      expect(() => tank.get(amount)).toThrow(`invalid amount: ${amount} of tank with capacity 10`);
    }
    expect([tank.putQueueLength, tank.getQueueLength]).toEqual([0, 0]);
    expect(() => new Container(env, { capacity: 0 })).toThrow("invalid capacity: 0");
    expect(() => new Container(env, { capacity: 1, initial: 2 })).toThrow("invalid initial level: 2");
  });

  it("conserves what is in it, serves both lines in order, and leaves nothing undone", () => {
    const step = fc.record({ puts: fc.boolean(), amount: fc.integer({ min: 1, max: 8 }), withdraws: fc.boolean() });
    fc.assert(
      fc.property(fc.array(step, { maxLength: 60 }), (steps) => {
        const env = new Environment({ seed: 1 });
        const tank = new Container(env, { capacity: 8, initial: 4 });
        const claims = steps.map(({ puts, amount, withdraws }) => {
          const claim = puts ? tank.put(amount) : tank.get(amount);
          return { puts, claim, withdrawn: withdraws && claim.cancel() };
        });
        const open = (puts: boolean) => claims.filter((entry) => entry.puts === puts && !entry.withdrawn);
        const moved = (puts: boolean) =>
          open(puts).reduce((sum, { claim }) => sum + (claim.triggered ? claim.amount : 0), 0);
        expect(tank.level).toBe(4 + moved(true) - moved(false));
        for (const puts of [true, false]) {
          const firstWaiting = open(puts).findIndex(({ claim }) => !claim.triggered);
          if (firstWaiting < 0) continue;
          const rest = open(puts).slice(firstWaiting);
          expect(rest.every(({ claim }) => !claim.triggered)).toBe(true);
          const { amount } = rest[0].claim;
          expect(puts ? tank.level + amount > 8 : tank.level < amount).toBe(true);
        }
      }),
    );
  });
});
