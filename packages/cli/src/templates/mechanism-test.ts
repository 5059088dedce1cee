/** The property test that a mechanism of one's own begins with; it runs on Node's own test runner. */
import type { MechanismNames } from "./mechanism-names.ts";

export const propertyTest = ({
  kind,
  functionName,
}: MechanismNames): string => `/** Run by \`npm run check\`: what ${kind} does in an example worked out by hand, and what it claims in random worlds. */
import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { exampleWorld, judgeProperty, mechanismConformance } from "@shardlab/testing";
import { ${functionName}, ${functionName}Spec } from "./${kind}.ts";

const create = (parameters = {}) => ${functionName}(${functionName}Spec.parse({ kind: "${kind}", ...parameters }));
const options = { cases: 30, seed: 1 };

describe("${kind}", () => {
  it("pays for work what it offers, until its outlay is spent", () => {
    // The example world rents at $1 for each PFLOP, and the outlay is $100.
    const world = exampleWorld(create({ price: 2 }));
    world.step({ work: [{ account: 0, model: 0, quantity: 10 }] });
    assert.equal(world.cash(0), 20e6);
    world.step({
      work: [
        { account: 1, model: 0, quantity: 30 },
        { account: 2, model: 0, quantity: 90 },
      ],
    });
    // $80 are left for 120 PFLOP: everybody gets the same share.
    assert.deepEqual([world.cash(1), world.cash(2)], [20e6, 60e6]);
  });

  for (const { name, run } of mechanismConformance(create, { worlds: options.cases })) it(name, run);

  for (const price of [0.5, 2, 50]) {
    it(\`does the same at a price of \${price}\`, () => {
      for (const { run } of mechanismConformance(() => create({ price }), { worlds: 5 })) run();
    });
  }

  for (const property of ["individual-rationality", "incentive-compatibility"] as const) {
    it(\`has \${property} on one side of its condition, and not on the other\`, () => {
      const { verdict, found } = judgeProperty(create, property, options);
      assert.equal(verdict, "proved", found ?? undefined);
    });
  }
});
`;
