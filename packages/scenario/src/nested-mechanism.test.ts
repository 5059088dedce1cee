/** Rules that go around other rules, as scenario files say them. */
import { describe, expect, it } from "vitest";
import { faultsOf, load, sampleWith } from "./fixtures/sample.ts";
import { armLabel } from "./loaded-scenario.ts";

/** Stakes are taken by verdicts alone. */
const audits = "verification: random-audit";

const nested = (...lines: readonly string[]): string =>
  sampleWith({ 22: lines[0] ?? "", 23: lines[1] ?? "" }, ...lines.slice(2), audits);

describe("a rule around another one", () => {
  it("takes its defaults, a bare kind within it, and rules within rules", () => {
    expect(load(nested("  kind: slashing", "  of: grant")).resolved.mechanism).toMatchObject({
      kind: "slashing",
      payMultiple: 9,
      unbonding: 7 * 86_400,
      of: { kind: "grant", approval: 0.3 },
    });
    const deep = "  of: { kind: slashing, of: { kind: escrow, challenge: 2 d, of: protocol-models } }";
    expect(load(nested("  kind: vesting", deep)).resolved.mechanism).toMatchObject({
      of: { of: { challenge: 172_800, of: { earlyWeight: 1.386 } } },
    });
  });

  it("is named by all its kinds, in arms and where it is swept", () => {
    const [only] = load(nested("  kind: vesting", "  of: { kind: slashing, of: grant }")).points;
    expect(only && armLabel(only)).toBe("vesting of slashing of grant");
    const swept = load(
      sampleWith(
        {},
        "sweep:",
        "  mechanism: [grant, { kind: slashing, of: grant }, { kind: vesting, of: { kind: slashing, of: { kind: grant } } }, { kind: escrow, label: held, of: grant }]",
        audits,
      ),
    );
    const labels = ["grant", "slashing of grant", "vesting of slashing of grant", "held"];
    expect(swept.points.map(armLabel)).toEqual(labels);
    expect(new Set(swept.points.map(({ hash }) => hash)).size).toBe(4);
  });

  it("is swept by parameters of its own and of what it goes around", () => {
    const text = nested(
      "  kind: slashing",
      "  of: { kind: escrow, of: grant }",
      "sweep: { mechanism.payMultiple: [1, 2], mechanism.of.of.approval: [10 %, 1] }",
    );
    expect(load(text).points.map(({ resolved }) => resolved.mechanism)).toMatchObject([
      { payMultiple: 1, of: { of: { approval: 0.1 } } },
      { payMultiple: 1, of: { of: { approval: 1 } } },
      { payMultiple: 2, of: { of: { approval: 0.1 } } },
      { payMultiple: 2, of: { of: { approval: 1 } } },
    ]);
  });
});

describe("what is wrong within a rule", () => {
  it.each([
    [
      "a misspelt parameter",
      nested("  kind: slashing", "  of: { kind: grant, aproval: 1 }"),
      "x.yaml:23:22 unknown key: aproval (expected approval, delay, term, dataShare, dataPrice, priceCeiling; did you mean approval?)",
    ],
    [
      "a misspelt parameter further in",
      nested("  kind: vesting", "  of: { kind: slashing, of: { kind: spot-rental, mutiple: 1 } }"),
      "x.yaml:23:50 unknown key: mutiple (expected multiple, dataShare, dataPrice; did you mean multiple?)",
    ],
    [
      "a value out of bounds",
      nested("  kind: slashing", "  of: { kind: grant, approval: 2 }"),
      "x.yaml:23:32 invalid approval: 2 (expected a share between 0.001 and 1, such as 0.9 or 90 %)",
    ],
    [
      "a misspelt kind",
      nested("  kind: slashing", "  of: grnt"),
      "x.yaml:23:7 unknown mechanism: grnt (did you mean grant?)",
    ],
    [
      "a misspelt kind further in",
      nested("  kind: vesting", "  of: { kind: slashing, of: { kind: grnt } }"),
      "x.yaml:23:37 unknown mechanism: grnt (did you mean grant?)",
    ],
    [
      "a rule twice",
      nested("  kind: slashing", "  of: { kind: escrow, of: { kind: slashing, of: grant } }"),
      "x.yaml:23:7 of: slashing within slashing would lock two stakes for one work",
    ],
    [
      "names where nothing is paid for them",
      nested("  kind: personhood", "  of: grant"),
      "x.yaml:23:7 nothing to count persons for: grant pays nothing for each name",
    ],
    [
      "no stake at all",
      nested("  kind: slashing", "  of: grant", "# none", "sweep: { mechanism.payMultiple: [0] }"),
      "x.yaml:25:34 no stake: expected payMultiple, perWork or perIdentity above 0",
    ],
    [
      "a cliff after the end",
      nested("  kind: vesting", "  of: grant", "  ", "sweep: { mechanism.cliff: [2 y] }"),
      "x.yaml:25:28 cliff after the end: expected at most the duration",
    ],
  ])("%s", (_name, text, fault) => {
    expect(faultsOf(text)).toEqual([fault]);
  });

  it("nothing within it", () => {
    const [fault, ...others] = faultsOf(nested("  kind: slashing"));
    expect(fault).toMatch(/^x\.yaml:21:1 missing key: of \(expected a kind: closed-lab, /);
    expect(others).toEqual([]);
  });
});
