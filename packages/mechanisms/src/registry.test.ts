import { describe, expect, it } from "vitest";
import { z } from "zod";
import { createMechanism, mechanismKinds, mechanismSpec, mechanismSpecWith } from "./registry.ts";

const messagesOf = (input: unknown): string => mechanismSpec.safeParse(input).error?.message ?? "";

/** The least that a kind takes; rules that go around another one all take this one. */
const least = (kind: string): Record<string, unknown> =>
  mechanismSpec.safeParse({ kind }).success ? { kind } : { kind, of: { kind: "equal-epoch-split" } };

const combinators = mechanismKinds.filter((kind) => "of" in least(kind));

describe("mechanismSpec", () => {
  it.each(mechanismKinds)("%s takes its defaults, and makes a mechanism of its kind", (kind) => {
    const mechanism = createMechanism(mechanismSpec.parse(least(kind)));
    expect(mechanism.kind).toBe(kind);
  });

  it("knows which rules go around others", () => {
    expect([...combinators].sort()).toEqual(["escrow", "personhood", "reputation", "slashing", "vesting"]);
    for (const kind of combinators) expect(messagesOf({ kind })).toContain("of");
  });

  it("makes rules within rules, and those of others", () => {
    const lotterySpec = z.strictObject({ kind: z.literal("lottery"), odds: z.number().default(0.5) });
    const spec = mechanismSpecWith([lotterySpec]).parse({
      kind: "vesting",
      of: { kind: "slashing", of: { kind: "lottery" } },
    });
    expect(spec).toMatchObject({ of: { payMultiple: 9, of: { kind: "lottery", odds: 0.5 } } });
    const made: unknown[] = [];
    const grant = createMechanism(mechanismSpec.parse({ kind: "grant" }));
    const lottery = (inner: unknown) => {
      made.push(inner);
      return { ...grant, kind: "lottery", claims: ["symmetry", "monotonicity"] as const };
    };
    const mechanism = createMechanism(spec, new Map([["lottery", lottery]]));
    expect([mechanism.kind, made]).toEqual(["vesting", [{ kind: "lottery", odds: 0.5 }]]);
    expect(mechanism.drawsAs).toBe("lottery");
    // Vesting keeps both, slashing loses monotonicity.
    expect(mechanism.claims).toEqual(["symmetry"]);
  });

  it.each([
    ["slashing", { kind: "escrow", of: { kind: "slashing", of: { kind: "grant" } } }, "lock two stakes"],
    ["slashing", { kind: "network-token" }, "a stake of its own"],
    ["slashing", { kind: "closed-lab" }, "nobody else's work"],
    ["vesting", { kind: "vesting", of: { kind: "grant" } }, "has been released"],
    ["escrow", { kind: "vesting", of: { kind: "escrow", of: { kind: "grant" } } }, "has been released"],
    ["reputation", { kind: "reputation", of: { kind: "grant" } }, "weigh pay twice"],
    ["reputation", { kind: "escrow", of: { kind: "grant" } }, "expected escrow around reputation"],
    ["reputation", { kind: "slashing", of: { kind: "grant" } }, "expected slashing around reputation"],
    ["reputation", { kind: "proof-of-sampling" }, "expected stake 0"],
    ["personhood", { kind: "grant" }, "grant pays nothing for each name"],
    ["personhood", { kind: "slashing", of: { kind: "protocol-models" } }, "protocol-models pays nothing for each name"],
    ["personhood", { kind: "personhood", of: { kind: "equal-epoch-split" } }, "count persons twice"],
  ])("%s refuses %j", (kind, of, reason) => {
    expect(messagesOf({ kind, of })).toContain(reason);
  });

  it.each([
    ["reputation", { kind: "proof-of-sampling", stake: 0 }],
    ["personhood", { kind: "protocol-models", uptimeWorkPerHour: 1 }],
    ["personhood", { kind: "gauntlet" }],
    ["vesting", { kind: "slashing", of: { kind: "protocol-models" } }],
    ["slashing", { kind: "vesting", of: { kind: "escrow", of: { kind: "reputation", of: { kind: "grant" } } } }],
  ])("%s takes %j", (kind, of) => {
    expect(messagesOf({ kind, of })).toBe("");
  });

  it.each([
    [{ kind: "slashing", payMultiple: -1 }, "payMultiple"],
    [{ kind: "slashing", payMultiple: 0 }, "no stake: expected payMultiple, perWork or perIdentity above 0"],
    [{ kind: "slashing", perWork: "-$1" }, "at least $0"],
    [{ kind: "slashing", forfeit: 1.5 }, "expected a share between 0 and 1"],
    [{ kind: "slashing", to: "charity" }, "reporters"],
    [{ kind: "vesting", duration: "10 d", cliff: "11 d" }, "cliff after the end"],
    [{ kind: "vesting", pay: false, claims: false }, "nothing vests"],
    [{ kind: "escrow", pay: false, claims: false }, "nothing is held"],
    [{ kind: "escrow", challenge: "0 s" }, "at least 1 d"],
    [{ kind: "reputation", workPerFeedback: "0 FLOP" }, "more than 0 FLOP"],
    [{ kind: "reputation", verdictWeight: -1 }, "verdictWeight"],
    [{ kind: "personhood", undetected: 2 }, "expected a share between 0 and 1"],
    [{ kind: "personhood", onboarding: "-$5" }, "at least $0"],
    [{ kind: "proof-of-sampling", challenge: -0.1 }, "expected a share between 0 and 1"],
    [{ kind: "proof-of-sampling", stake: -1 }, "stake"],
    [{ kind: "network-token", protocolFee: 1.1 }, "expected a share between 0 and 1"],
    [{ kind: "spot-rental", multiple: 0 }, "multiple"],
    [{ kind: "protocol-models", uptimeWorkPerHour: -1 }, "uptimeWorkPerHour"],
  ])("refuses %j", (input, reason) => {
    const of = { kind: "equal-epoch-split" };
    const whole = (combinators as readonly string[]).includes(input.kind) ? { ...input, of } : input;
    expect(messagesOf(whole)).toContain(reason);
  });

  it.each(["grants", undefined, 3])("refuses the kind %s and names those there are", (kind) => {
    const message = messagesOf({ kind });
    for (const known of mechanismKinds) expect(message).toContain(known);
  });

  it.each(mechanismKinds)("refuses a misspelt parameter of %s by name", (kind) => {
    expect(messagesOf({ ...least(kind), revenuShare: 0.5 })).toContain("revenuShare");
  });

  it("refuses values out of bounds and quantities without a unit", () => {
    expect(messagesOf({ kind: "grant", approval: 0 })).toContain("expected a share between 0.001 and 1");
    expect(messagesOf({ kind: "grant", delay: 365 })).toContain("expected a duration with a unit");
    expect(messagesOf({ kind: "protocol-models", earlyWeight: 21 })).not.toBe("");
    expect(messagesOf({ kind: "proof-of-work", blockTime: "2 d" })).toContain("at most 1 d");
  });

  it("reads units into SI", () => {
    const spec = mechanismSpec.parse({ kind: "closed-lab", rent: "$3.60/h", accelerator: "1 PFLOP/s", setup: "1 d" });
    expect(spec).toMatchObject({ rent: 0.001, accelerator: 1e15, setup: 86_400 });
  });
});
