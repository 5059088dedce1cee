import { describe, expect, test } from "vitest";
import { count, type DimensionName, dimensionOf, dimensions, quantity, readQuantity, share } from "./quantity.ts";

const siOf = (name: DimensionName, text: string): number => {
  const read = readQuantity(name, text);
  if ("fault" in read) throw new Error(`${text}: ${read.fault}`);
  return read.value;
};

/** Every unit of every dimension, in SI, from its definition. A year is 365.25 days of 86,400 s. */
const definitions: Record<DimensionName, Record<string, number>> = {
  duration: {
    "1 ns": 1e-9,
    "1 us": 1e-6,
    "40 ms": 0.04,
    "3 s": 3,
    "2 min": 120,
    "1.5 h": 5400,
    "1 d": 86_400,
    "2 week": 1_209_600,
    "1 y": 31_557_600,
  },
  dataSize: {
    "7 B": 7,
    "1 kB": 1000,
    "2 MB": 2e6,
    "3 GB": 3e9,
    "1 TB": 1e12,
    "1 PB": 1e15,
    "1 KiB": 1024,
    "1 MiB": 1_048_576,
    "1 GiB": 1_073_741_824,
    "0.5 TiB": 549_755_813_888,
  },
  dataRate: {
    "8 bit/s": 1,
    "8 kbit/s": 1000,
    "80 Mbit/s": 1e7,
    "1 Gbit/s": 1.25e8,
    "2 Tbit/s": 2.5e11,
    "1 B/s": 1,
    "1 kB/s": 1e3,
    "5 MB/s": 5e6,
    "1 GB/s": 1e9,
    "1 TB/s": 1e12,
    "1 PB/s": 1e15,
  },
  compute: {
    "1 FLOP": 1,
    "1 MFLOP": 1e6,
    "1 GFLOP": 1e9,
    "1 TFLOP": 1e12,
    "2 PFLOP": 2e15,
    "1 EFLOP": 1e18,
    "300 ZFLOP": 3e23,
  },
  computeRate: {
    "1 FLOP/s": 1,
    "1 MFLOP/s": 1e6,
    "1 GFLOP/s": 1e9,
    "165 TFLOP/s": 1.65e14,
    "1 PFLOP/s": 1e15,
    "1 EFLOP/s": 1e18,
    "1 ZFLOP/s": 1e21,
  },
  communicationIntensity: {
    "1 kB/TFLOP": 1e-9,
    "0.11 MB/TFLOP": 1.1e-7,
    "1 GB/TFLOP": 1e-3,
    "1 kB/PFLOP": 1e-12,
    "1 MB/PFLOP": 1e-9,
  },
  power: { "450 W": 450, "1.2 kW": 1200, "3 MW": 3e6 },
  annualRate: {
    "31557600 /y": 1,
    "3155760000 %/y": 1,
    "262980000 %/month": 1,
    "86400 /d": 1,
    "8640000 %/d": 1,
  },
  money: { $0: 0, $5: 5, $20k: 20_000, $3M: 3e6, "$1.5B": 1.5e9, $2T: 2e12, "$ 7": 7, "-$4": -4 },
  moneyRate: {
    "$2/s": 2,
    "$3600/h": 1,
    "$2.10/h": 2.1 / 3600,
    "$86400/d": 1,
    "$2629800/month": 1,
    "$31.5576M/y": 1,
    "-$3600/h": -1,
  },
  energyPrice: { "$3600000/kWh": 1, "$3600M/MWh": 1, "$0.15/kWh": 0.15 / 3.6e6 },
  tokenPrice: {
    "$2/token": 2,
    "$3/ktoken": 3e-3,
    "$0.60/Mtoken": 6e-7,
    "$1/Gtoken": 1e-9,
    "$1/Btoken": 1e-9,
    "$1/Ttoken": 1e-12,
  },
};

describe.each(Object.entries(definitions) as [DimensionName, Record<string, number>][])("%s", (name, examples) => {
  test.each(Object.entries(examples))("%s is %d", (text, expected) => {
    const value = siOf(name, text);
    if (expected === 0) expect(value).toBe(0);
    else expect(value / expected).toBeCloseTo(1, 12);
  });

  test("has an example here for each of its units", () => {
    for (const unit of Object.keys(dimensions[name].units))
      expect(
        Object.keys(examples).some((text) => text.endsWith(unit)),
        unit,
      ).toBe(true);
  });

  test("reads its own example, and refuses a bare number", () => {
    expect(siOf(name, dimensions[name].example)).toBeGreaterThan(0);
    for (const bare of ["5", "1e3", ""]) expect(readQuantity(name, bare)).toHaveProperty("fault");
  });

  test("publishes a pattern that says the same as its reader", () => {
    const pattern = new RegExp(String(quantity(name).in.meta()?.pattern));
    const texts = [...Object.values(definitions).flatMap((others) => Object.keys(others)), "5", "x", "$", "1 parsec"];
    for (const text of texts) expect(pattern.test(text), text).toBe("value" in readQuantity(name, text));
  });
});

describe("how numbers are written", () => {
  test.each([
    ["1_000 s", 1000],
    ["1e3 s", 1000],
    ["2.5E-1 s", 0.25],
    [".5 s", 0.5],
    ["5. s", 5],
    ["+3 s", 3],
    ["-3 s", -3],
    ["3s", 3],
    ["  3 s ", 3],
  ])("%s", (text, expected) => expect(siOf("duration", text)).toBe(expected));

  test.each([
    "3  s",
    "3 S",
    "3 sec",
    "s",
    "three s",
    "3,5 s",
    "1.2.3 s",
    "0x10 s",
    "Infinity s",
    "NaN s",
    "1e s",
    "--3 s",
    "_3 s",
    "3 s s",
    "$3 s",
  ])("not as %s", (text) => {
    const read = readQuantity("duration", text);
    expect(read).toHaveProperty("fault");
    if ("fault" in read) expect(read.fault).toContain("a duration such as 40 ms; units: ns, us, ms, s");
  });

  test.each(["$5X", "5$", "$5 M", "$1,000", "5", "$", "M", "€5", "$5/h"])("no money: %s", (text) =>
    expect(readQuantity("money", text)).toHaveProperty("fault"),
  );

  test("what overflows is refused", () => {
    expect(readQuantity("duration", "1e999 s")).toEqual({ fault: "expected a finite number" });
    expect(readQuantity("money", "$1e999")).toEqual({ fault: "expected a finite number" });
  });
});

describe("a quantity in a schema", () => {
  const refusal = (schema: ReturnType<typeof quantity>, input: unknown) =>
    schema.safeParse(input).error?.issues[0]?.message;

  test("keeps to its bounds, which belong to it", () => {
    const schema = quantity("duration", { min: "1 min", max: "2 h" });
    expect(schema.parse("1 min")).toBe(60);
    expect(schema.parse("7200 s")).toBe(7200);
    expect(refusal(schema, "59 s")).toBe("too small: expected at least 1 min");
    expect(refusal(schema, "2.01 h")).toBe("too large: expected at most 2 h");
  });

  test("and not to one that is excluded", () => {
    const schema = quantity("money", { above: "$0" });
    expect(refusal(schema, "$0")).toBe("too small: expected more than $0");
    expect(schema.parse("$0.01")).toBe(0.01);
  });

  test.each(["$-5", "-$-5", "$+5", "-5"])("refuses %s as money: its sign stands before the dollar", (text) => {
    expect(readQuantity("money", text)).toHaveProperty("fault");
    expect(readQuantity("money", "-$5")).toEqual({ value: -5 });
  });

  test("says what its schema measures, under any wrapping of its own", () => {
    for (const name of Object.keys(dimensions) as DimensionName[]) {
      expect(dimensionOf(quantity(name).describe("anything"))).toBe(name);
    }
    expect(dimensionOf(share())).toBeUndefined();
  });

  test.each([5, null, true, {}, []])("says what it wanted instead of %o", (input) =>
    expect(refusal(quantity("power"), input)).toBe("expected a power with a unit, such as 450 W"),
  );

  test("a wrong bound is the programmer's mistake", () =>
    expect(() => quantity("duration", { min: "1 parsec" })).toThrow("invalid bound: 1 parsec"));
});

describe("a count", () => {
  test.each([
    [7, 7],
    ["1_000", 1000],
    ["70B", 70e9],
    ["1.4T", 1.4e12],
    ["600k", 600_000],
    ["3 M", 3e6],
    ["1e6", 1e6],
    ["0", 0],
  ])("%s is %d", (input, expected) => expect(count().parse(input)).toBe(expected));

  test.each(["70G", "many", "", "7 %", Number.NaN, Number.POSITIVE_INFINITY, null, -1, "-1", 2e18])("not %s", (input) =>
    expect(count().safeParse(input).success).toBe(false),
  );

  test("keeps to its bounds", () => {
    expect(count({ min: 2, max: 5 }).parse("5")).toBe(5);
    expect(count({ min: 2, max: 5 }).safeParse("6").error?.issues[0]?.message).toBe("out of range: expected 2 to 5");
    const whole = count({ min: 1, max: 1e6, isWhole: true });
    expect([whole.parse(32), whole.parse("0.5k")]).toEqual([32, 500]);
    expect(whole.safeParse(32.29).error?.issues[0]?.message).toBe("expected a whole number");
    expect(whole.safeParse("1.2345k").error?.issues[0]?.message).toBe("expected a whole number");
  });
});

describe("a share", () => {
  test.each([
    [0.9, 0.9],
    ["90 %", 0.9],
    ["12.5%", 0.125],
    ["0 %", 0],
    [1, 1],
    ["100 %", 1],
    ["1_0 %", 0.1],
  ])("%s is %d", (input, expected) => expect(share().parse(input)).toBeCloseTo(expected, 15));

  test.each([1.01, "101 %", -0.1, "0.9", "", "%", Number.NaN, null, "ninety %"])("not %s", (input) =>
    expect(share().safeParse(input).error?.issues[0]?.message).toBe(
      "expected a share between 0 and 1, such as 0.9 or 90 %",
    ),
  );

  test("may have other bounds", () => {
    expect(share({ max: 2 }).parse("150 %")).toBe(1.5);
    expect(share({ min: 0.1 }).safeParse(0.05).success).toBe(false);
  });
});
