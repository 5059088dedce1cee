import { describe, expect, it } from "vitest";
import { Environment } from "./environment.ts";

describe("an environment", () => {
  it("needs a seed that is a whole number", () => {
    for (const options of [undefined, null, {}, { seed: undefined }])
      expect(() => new Environment(options as never)).toThrow(
        "invalid seed: undefined (expected a whole number or a bigint)",
      );
    for (const seed of [null, "7", 1.5, 2 ** 53, Number.NaN])
      expect(() => new Environment({ seed: seed as never })).toThrow(`invalid seed: ${seed} (expected a whole number`);
    expect(new Environment({ seed: 5 }).random("a").uniform()).toBe(
      new Environment({ seed: 5n }).random("a").uniform(),
    );
  });

  it("takes delays that are numbers only", () => {
    const env = new Environment({ seed: 1, initialTime: 2 });
    for (const delay of ["3", undefined, null, 3n, [3]])
      expect(() => env.timeout(delay as never)).toThrow(`invalid delay: ${delay} (expected a number of seconds, got `);
    expect(() => env.timeout(Number.NaN)).toThrow("invalid delay: NaN");
    expect(env.pendingCount).toBe(0);
  });
});
