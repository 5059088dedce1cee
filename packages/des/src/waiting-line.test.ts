import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { type Linked, PriorityLine, WaitingLine } from "./waiting-line.ts";

class Claim implements Linked<Claim> {
  previous: Claim | undefined = undefined;
  next: Claim | undefined = undefined;
  readonly priority: number;

  constructor(priority: number) {
    this.priority = priority;
  }
}

/** A number n >= 0 lets a claim of that priority join, -1 - n removes the claim n places from the front. */
const steps = fc.array(fc.integer({ min: -6, max: 4 }), { maxLength: 100 });

describe.each([
  { name: "a waiting line", create: () => new WaitingLine<Claim>(), sorted: false },
  { name: "a priority line", create: () => new PriorityLine<Claim>(), sorted: true },
])("$name", ({ create, sorted }) => {
  it("keeps the order of a plain list", () => {
    fc.assert(
      fc.property(steps, (changes) => {
        const line = create();
        const plain: Claim[] = [];
        for (const change of changes) {
          if (change >= 0) {
            const claim = new Claim(change);
            line.push(claim);
            plain.push(claim);
            if (sorted) plain.sort((a, b) => a.priority - b.priority);
          } else {
            const [claim] = plain.splice(-1 - change, 1);
            if (claim !== undefined) line.remove(claim);
          }
          expect(line.length).toBe(plain.length);
          expect(line.first === plain[0]).toBe(true);
        }
      }),
    );
  });
});

describe("removing", () => {
  it("says whether the claim was in the line", () => {
    const line = new WaitingLine<Claim>();
    const [a, b] = [new Claim(0), new Claim(0)];
    line.push(a);
    expect([line.remove(b), line.remove(a), line.remove(a), line.length]).toEqual([false, true, false, 0]);
  });
});
