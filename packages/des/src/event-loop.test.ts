import { describe, expect, it } from "vitest";
import { EventLoop, priorities, type QueueKind } from "./event-loop.ts";

const kinds: readonly QueueKind[] = ["heap", "ladder", "auto"];
const nothing = () => {};

/** A loop that schedules one event, as a trace of four numbers. */
function traceOf([delay, priority, before, payload]: readonly number[]): string {
  const loop = new EventLoop();
  // An event that is cancelled leaves nothing in the trace but the sequence that it took.
  for (let i = 0; i < before; i++) loop.cancel(loop.schedule(0, nothing));
  loop.schedule(delay, nothing, payload, priority);
  loop.run();
  expect(loop.eventCount).toBe(1);
  return loop.traceHash;
}

describe("order", () => {
  it.each(kinds)("is by time, then priority, then sequence: %s", (queue) => {
    const loop = new EventLoop({ queue });
    const log: number[] = [];
    const note = (payload: number): void => {
      log.push(payload);
    };
    loop.schedule(2, note, 5);
    loop.schedule(1, note, 2);
    loop.schedule(1, note, 4, 127);
    loop.schedule(1, note, 3);
    loop.schedule(1, note, 1, priorities.urgent);
    loop.schedule(1, note, 0, -128);
    loop.run();
    expect(log).toEqual([0, 1, 2, 3, 4, 5]);
  });

  it("puts what a handler schedules for its own instant behind what is there", () => {
    const loop = new EventLoop();
    const log: number[] = [];
    loop.schedule(1, (payload) => {
      log.push(payload);
      loop.schedule(0, (inner) => log.push(inner), 3);
      loop.schedule(0, (inner) => log.push(inner), 1, priorities.urgent);
    });
    loop.schedule(1, (payload) => log.push(payload), 2);
    loop.run();
    expect(log).toEqual([0, 1, 2, 3]);
    expect(loop.now).toBe(1);
  });
});

describe("scheduling", () => {
  it.each([-1, -Number.MIN_VALUE, Number.NaN, Number.POSITIVE_INFINITY])("refuses a delay of %s", (delay) => {
    const loop = new EventLoop();
    expect(() => loop.schedule(delay, nothing)).toThrow(`invalid delay: ${delay}`);
    expect(loop.pendingCount).toBe(0);
  });

  it("refuses what plain JavaScript lets through: text for a delay, and no handler", () => {
    const loop = new EventLoop({ initialTime: 1 });
    expect(() => loop.schedule("3" as unknown as number, nothing)).toThrow("invalid delay: 3");
    expect(() => loop.schedule(1, undefined as unknown as typeof nothing)).toThrow("invalid handler: undefined");
    expect(loop.pendingCount).toBe(0);
  });

  it("refuses a delay that leads beyond the largest double, but takes the largest", () => {
    const loop = new EventLoop({ initialTime: Number.MAX_VALUE });
    expect(() => loop.schedule(Number.MAX_VALUE, nothing)).toThrow("invalid delay");
    loop.schedule(1, nothing);
    loop.run();
    expect(loop.now).toBe(Number.MAX_VALUE);
  });

  it.each([0.5, 128, -129, 2 ** 32, Number.NaN])("refuses a priority of %s", (priority) => {
    const loop = new EventLoop();
    expect(() => loop.schedule(0, nothing, 0, priority)).toThrow(`invalid priority: ${priority}`);
    expect(loop.pendingCount).toBe(0);
  });

  it("refuses unknown queues and times that are none", () => {
    expect(() => new EventLoop({ queue: "heaps" as QueueKind })).toThrow("unknown queue: heaps");
    expect(() => new EventLoop({ initialTime: Number.NEGATIVE_INFINITY })).toThrow("invalid initial time: -Infinity");
  });

  it("counts time from the initial time, which may be negative", () => {
    const loop = new EventLoop({ initialTime: -10 });
    loop.schedule(4, nothing);
    expect([loop.now, loop.peek()]).toEqual([-10, -6]);
  });
});

describe("a run", () => {
  it.each(kinds)("ends at the time given, with its events done: %s", (queue) => {
    const loop = new EventLoop({ queue });
    const log: number[] = [];
    for (const delay of [3, 1, 2, 2.5]) loop.schedule(delay, (payload) => log.push(payload), delay);
    loop.run({ until: 2 });
    expect([log, loop.now, loop.pendingCount, loop.eventCount]).toEqual([[1, 2], 2, 2, 2]);
    loop.run({ until: 2.25 });
    expect([log.length, loop.now]).toEqual([2, 2.25]);
    loop.run();
    expect([log, loop.now]).toEqual([[1, 2, 2.5, 3], 3]);
    loop.run({ until: 10 });
    expect(loop.now).toBe(10);
  });

  it("refuses a time that is past or no number", () => {
    const loop = new EventLoop({ initialTime: 5 });
    expect(() => loop.run({ until: 4 })).toThrow("invalid time to run until: 4 (the time is 5)");
    expect(() => loop.run({ until: Number.NaN })).toThrow("invalid time to run until: NaN");
  });

  it("refuses another one inside", () => {
    const loop = new EventLoop();
    const refusals: string[] = [];
    const attempt = (action: () => unknown): void => {
      try {
        action();
      } catch (error) {
        refusals.push((error as Error).message);
      }
    };
    loop.schedule(3, () => attempt(() => loop.run()));
    loop.schedule(3, () => attempt(() => loop.step()));
    loop.run();
    expect(refusals).toEqual(["run within a run: at 3 s", "run within a run: at 3 s"]);
    loop.schedule(1, () => attempt(() => loop.run()));
    loop.step();
    expect(refusals.length).toBe(3);
    expect(loop.eventCount).toBe(3);
  });

  it.each(kinds)("goes on after a handler has thrown: %s", (queue) => {
    const loop = new EventLoop({ queue });
    const log: number[] = [];
    loop.schedule(1, () => {
      loop.schedule(0, (payload) => log.push(payload), 7);
      throw new Error("broken");
    });
    loop.schedule(2, (payload) => log.push(payload), 8);
    expect(() => loop.run({ until: 5 })).toThrow("broken");
    expect([loop.now, loop.pendingCount, loop.eventCount]).toEqual([1, 2, 1]);
    loop.run({ until: 5 });
    expect([log, loop.now]).toEqual([[7, 8], 5]);
  });

  it("stops after the handler that says so", () => {
    const loop = new EventLoop();
    loop.stop();
    for (const delay of [1, 2, 3]) loop.schedule(delay, () => delay === 2 && loop.stop());
    loop.run({ until: 10 });
    expect([loop.now, loop.pendingCount]).toEqual([2, 1]);
    loop.run({ until: 10 });
    expect([loop.now, loop.pendingCount]).toEqual([10, 0]);
  });
});

describe("the trace hash", () => {
  it("differs if time, priority, sequence or payload does", () => {
    const same = traceOf([1, 1, 0, 5]);
    expect(traceOf([1, 1, 0, 5])).toBe(same);
    const others = [
      [1 + Number.EPSILON, 1, 0, 5],
      [1, 0, 0, 5],
      [1, 1, 1, 5],
      [1, 1, 0, 6],
      [1, 1, 0, -0],
      [1, 1, 0, 0],
    ];
    expect(new Set([same, ...others.map(traceOf)]).size).toBe(7);
  });

  it("does not depend on how the run is cut, nor on who looks", () => {
    const whole = new EventLoop();
    const cut = new EventLoop();
    for (const loop of [whole, cut]) for (let i = 0; i < 2000; i++) loop.schedule((i * 7919) % 2003, nothing, i);
    whole.run({ until: 3000 });
    for (let until = 0; until < 3000; until += 37) {
      cut.run({ until });
      cut.peek();
      cut.step();
      expect(cut.traceHash).toMatch(/^[0-9a-f]{16}$/);
    }
    expect(cut.traceHash).toBe(whole.traceHash);
  });

  it("is not there when it was not asked for", () => {
    expect(() => new EventLoop({ trace: false }).traceHash).toThrow("no trace hash: trace is false");
  });
});

describe("cancelling", () => {
  it("tells what was pending", () => {
    const loop = new EventLoop();
    const handle = loop.schedule(1, nothing);
    const other = loop.schedule(2, nothing);
    expect([loop.cancel(handle), loop.cancel(handle), loop.pendingCount, loop.peek()]).toEqual([true, false, 1, 2]);
    loop.run();
    expect([loop.cancel(other), loop.eventCount]).toEqual([false, 1]);
  });

  it("of a handler's own event is refused while it runs", () => {
    const loop = new EventLoop();
    let cancelled = true;
    const handle = loop.schedule(1, () => {
      cancelled = loop.cancel(handle);
    });
    loop.run();
    expect(cancelled).toBe(false);
  });

  it.each(kinds)("keeps room for no more than twice what is pending: %s", (queue) => {
    const loop = new EventLoop({ queue });
    // Timeouts far in the future, of which each is cancelled soon, beside a clock that ticks.
    const timeouts = new Int32Array(100).map((_, i) => i);
    const handles = Float64Array.from(timeouts, () => loop.schedule(1e6, nothing));
    let largest = 0;
    const tick = (payload: number): void => {
      const place = payload % handles.length;
      loop.cancel(handles[place]);
      handles[place] = loop.schedule(1e6, nothing);
      largest = Math.max(largest, handles[place] % 2 ** 26);
      if (payload < 200_000) loop.schedule(1, tick, payload + 1);
    };
    loop.schedule(1, tick);
    loop.run({ until: 200_001 });
    expect(loop.pendingCount).toBe(100);
    // The lower 26 bits of a handle are its slot.
    expect(largest).toBeLessThan(1024);
  });
});

describe("auto", () => {
  it("changes to the ladder and back, and again, with the order of the heap", () => {
    const order = (queue: QueueKind): { readonly log: readonly string[]; readonly traceHash: string } => {
      const loop = new EventLoop({ queue });
      const log: string[] = [];
      let toAdd = 0;
      let inUse = loop.queueInUse;
      const handle = (payload: number): void => {
        if (loop.queueInUse !== inUse) log.push(`${loop.queueInUse} at ${loop.pendingCount}`);
        inUse = loop.queueInUse;
        for (let i = 0; i < 2 && toAdd > 0; i++, toAdd--) {
          loop.schedule(((payload * 37 + i * 11) % 64) / 8, handle, (payload * 31 + i) % 1009);
        }
      };
      for (let wave = 0; wave < 3; wave++) {
        toAdd = 3000;
        loop.schedule(0, handle, wave);
        loop.run();
      }
      return { log, traceHash: loop.traceHash };
    };
    const auto = order("auto");
    // Above 32, and seen by the next event, which is not pending any more; below 8, and seen by that event.
    const toLadder = "ladder at 32";
    const toHeap = "heap at 7";
    expect(auto.log).toEqual([toLadder, toHeap, toLadder, toHeap, toLadder, toHeap]);
    for (const queue of ["heap", "ladder"] as const)
      expect(order(queue)).toEqual({ log: [], traceHash: auto.traceHash });
  });
});
