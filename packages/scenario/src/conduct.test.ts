/** What a scenario file says of strategies, attacks and audits, and what is wrong with it. */
import { describe, expect, it } from "vitest";
import { faultsOf, load, sampleWith } from "./fixtures/sample.ts";

const labs = (fields: string): string => `  - { group: labs, count: 50, device: a100-80gb, devices: 8, ${fields} }`;
const slashing = (fields: string): Readonly<Record<number, string>> => ({
  22: "  kind: slashing",
  23: `  of: grant\n  ${fields}`,
});

describe("conduct in a file", () => {
  it("takes bare kinds, names and defaults", () => {
    const { resolved } = load(
      sampleWith(
        { 11: labs("strategy: { kind: fixed, option: zero-gradient }, attacks: [zero-gradient]") },
        "attacks: [zero-gradient, { kind: profile, name: lazy, costSaved: 30 %, detection: 0.4 }]",
        "verification: { kind: random-audit, rate: 10 % }",
        "uncertainty: drawn",
      ),
    );
    expect(resolved.attacks).toMatchObject([
      { kind: "zero-gradient", costSaved: 1, detection: 1 },
      { name: "lazy", costSaved: 0.3, detection: 0.4, damage: 1 },
    ]);
    expect(resolved.verification).toMatchObject({ rate: 0.1, sharpness: 1, falsePositive: 0 });
    expect(resolved.uncertainty).toBe("drawn");
    expect(resolved.providers[1]).toMatchObject({ strategy: { kind: "fixed" }, attacks: ["zero-gradient"] });
  });

  it("lets rich groups lock a stake that poor ones cannot", () => {
    const audits = "verification: random-audit";
    expect(faultsOf(sampleWith(slashing("perIdentity: $100k"), audits))).toEqual([]);
  });

  it("lets pay be held for as long as the run lasts", () => {
    const vesting = { 3: "horizon: 200 d", 22: "  kind: vesting", 23: "  of: grant\n  duration: 200 d" };
    expect(faultsOf(sampleWith(vesting))).toEqual([]);
  });
});

const attacks = "attacks: [zero-gradient, low-precision]";
const audits = "verification: random-audit";

describe("what is wrong with conduct", () => {
  it.each([
    [
      "an attack that there is not",
      sampleWith({}, "attacks: [zero-gradent]"),
      /^x\.yaml:24:11 unknown attack: zero-gradent .*did you mean zero-gradient\?\)$/,
    ],
    [
      "a strategy that there is not",
      sampleWith({ 11: labs("strategy: best-respons") }),
      /^x\.yaml:11:72 unknown strategy: best-respons \(did you mean best-response\?\)$/,
    ],
    [
      "a verification that there is not",
      sampleWith({}, "verification: random-audits"),
      /^x\.yaml:24:15 unknown verification: random-audits \(expected no-verification, random-audit; did you mean random-audit\?\)$/,
    ],
    [
      "an attack of a group that the scenario has not",
      sampleWith({ 11: labs("attacks: [low-precison]") }, attacks),
      /^x\.yaml:11:72 unknown attack: low-precison .*did you mean low-precision\?/,
    ],
    [
      "an option of a fixed strategy that nobody knows",
      sampleWith({ 11: labs("strategy: { kind: fixed, option: zero-gradiant }") }, attacks),
      /^x\.yaml:11:95 unknown option: zero-gradiant .*did you mean zero-gradient\?/,
    ],
    [
      "an option that the group may not take",
      sampleWith({ 11: labs("attacks: [], strategy: { kind: fixed, option: zero-gradient }") }, attacks),
      /^x\.yaml:11:108 unknown option: zero-gradient \(expected rest, honest/,
    ],
    [
      "a model that there is not",
      sampleWith({ 11: labs("strategy: { kind: designer, model: open-8 }") }),
      /^x\.yaml:11:97 unknown model: open-8 .*open-8b/,
    ],
    [
      "an attack that is called as honest work is",
      sampleWith({}, "attacks: [{ kind: profile, name: honest, costSaved: 1, detection: 1 }]"),
      /^x\.yaml:24:34 name of an option that is no attack: honest \(expected another\)$/,
    ],
    ["an attack twice", sampleWith({}, "attacks: [zero-gradient, zero-gradient]"), /^x\.yaml:24:26 duplicate attack: /],
    [
      "a share over 1",
      sampleWith({}, "attacks: [{ kind: zero-gradient, detection: 1.2 }]"),
      /^x\.yaml:24:45 invalid detection: 1\.2 \(expected a share between 0 and 1/,
    ],
    [
      "a negative rate",
      sampleWith({}, "verification: { kind: random-audit, rate: -5 % }"),
      /^x\.yaml:24:43 invalid rate: -5 % \(expected a share between 0 and 1/,
    ],
    [
      "too much damage",
      sampleWith({}, "attacks: [{ kind: stale-gradient, damage: 30 }]"),
      /^x\.yaml:24:43 damage too large: 30 \(expected at most 10\)$/,
    ],
    [
      "a rate that an attack has not",
      sampleWith({}, "attacks: [{ kind: stale-gradient, detecton: 0.3 }]"),
      /^x\.yaml:24:35 unknown key: detecton .*did you mean detection\?/,
    ],
    [
      "audits that find honesty more often than cheating",
      sampleWith(
        {},
        "attacks: [{ kind: zero-gradient, detection: 0.3 }]",
        "verification: { kind: random-audit, sharpness: 0.5, falsePositive: 0.2 }",
      ),
      /^x\.yaml:25:68 falsePositive above every detection: 0\.2 \(expected at most 0\.15, /,
    ],
    [
      "slashing that nobody checks for",
      sampleWith(slashing("payMultiple: 3")),
      /^x\.yaml:22:3 slashing without verification: nobody is ever found bad \(expected verification: random-audit\)$/,
    ],
    [
      "escrow that nobody checks for, within another rule",
      sampleWith({ 22: "  kind: vesting", 23: "  of: { kind: escrow, of: grant }" }, "verification: no-verification"),
      /^x\.yaml:22:3 escrow without verification: /,
    ],
    [
      "a stake for each name that nobody could lock",
      sampleWith(slashing("perIdentity: $1M"), audits),
      /^x\.yaml:24:16 stake that nobody can lock: \$1000000 in labs \(expected at most \$160000, what the richest has\)$/,
    ],
    [
      "a stake for each PFLOP that nobody could lock",
      sampleWith(slashing("perWork: $100"), audits),
      /^x\.yaml:24:12 stake that nobody can lock: \$\S+ in \w+ \(expected at most \$160000, /,
    ],
    [
      "pay that vests when everything is over",
      sampleWith({ 22: "  kind: vesting", 23: "  of: grant\n  duration: 900 d" }),
      /^x\.yaml:24:13 vesting beyond the end: 900 d \(expected at most the horizon of 730\.5 d\)$/,
    ],
    [
      "a challenge within another rule that outlasts the horizon",
      sampleWith(
        { 3: "horizon: 30 d", 22: "  kind: slashing", 23: "  of: { kind: escrow, challenge: 31 d, of: grant }" },
        audits,
      ),
      /^x\.yaml:23:34 escrow beyond the end: 31 d \(expected at most the horizon of 30 d\)$/,
    ],
  ])("%s", (_name, text, fault) => {
    const faults = faultsOf(text);
    expect(faults).toHaveLength(1);
    expect(faults[0]).toMatch(fault);
  });
});
