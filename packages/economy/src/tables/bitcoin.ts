/** Bitcoin: the rules of its issuance, its difficulty and price over time, and what mining costs. */
import type { Source } from "@shardlab/contracts";
import { type Estimate, joulesPerKilowattHour } from "./figure.ts";

/** Consensus constants (Bitcoin Core, `GetBlockSubsidy` and `chainparams`). */
export const bitcoinRules = {
  satoshisPerBitcoin: 100_000_000n,
  initialSubsidySatoshis: 5_000_000_000n,
  blocksPerHalving: 210_000,
  blockSeconds: 600,
  blocksPerRetarget: 2016,
  /** A retarget multiplies the difficulty by at least a quarter and at most four. */
  retargetClamp: 4,
  /** Hashes that a block takes on average at difficulty 1: 2^32, to one part in 65,536. */
  hashesPerDifficulty: 4_294_967_296,
  source: {
    citation: "Bitcoin Core, validation.cpp (GetBlockSubsidy) and kernel/chainparams.cpp",
    sureness: "recalled",
  } as Source,
} as const;

/** Hashes a second at which blocks come every ten minutes. */
export const hashRateAtDifficulty = (difficulty: number): number =>
  (difficulty * bitcoinRules.hashesPerDifficulty) / bitcoinRules.blockSeconds;

/** Growth of the hash rate as the press has it: from the first day above 1 EH/s to the first above 1 ZH/s. */
export const publishedHashRateGrowth = {
  from: { year: 2016 + 0.5 / 12, hashesPerSecond: 1e18 },
  to: { year: 2025 + 3.5 / 12, hashesPerSecond: 1e21 },
  source: {
    citation:
      "mempool.space, daily peak of 5 April 2025 (1.025 ZH/s), reported by Cointelegraph with 1 EH/s in January 2016",
    sureness: "secondary",
  } as Source,
} as const;

/**
 * The network at one time. Difficulty is what the chain records; a hash rate is only ever estimated from it.
 *
 * @property year as a decimal.
 * @property joulesPerTerahash of the hardware that was hashing: `low` is the best machine then on sale, `high` the worst
 *   that still ran in numbers. It is never inferred from a hash rate.
 * @property feeShare fees as a share of what miners earn.
 */
export interface BitcoinSnapshot {
  readonly date: string;
  readonly year: number;
  readonly difficulty: number;
  readonly priceDollars: Estimate;
  readonly subsidyBitcoin: number;
  readonly feeShare: number;
  readonly joulesPerTerahash: Estimate;
  readonly sources: { readonly difficulty: Source; readonly price: Source; readonly efficiency: Source };
}

const recalledChain: Source = { citation: "difficulty of the block chain on that day", sureness: "recalled" };
const recalledPrice: Source = {
  citation: "Coin Metrics, daily reference rate PriceUSD; bounds: range of the quarter",
  sureness: "recalled",
};
const readPrice: Source = {
  citation: "Coin Metrics community data csv/btc.csv, PriceUSD, mean of the month; bounds: range of the quarter",
  sureness: "primary",
};
const machinesOnSale = (machines: string): Source => ({
  citation: `machines on sale and running: ${machines}`,
  sureness: "recalled",
});

export const bitcoinHistory: readonly BitcoinSnapshot[] = [
  {
    date: "2012-12-31",
    year: 2013,
    difficulty: 2_979_637,
    priceDollars: { central: 13.5, low: 11, high: 14 },
    subsidyBitcoin: 25,
    feeShare: 0.01,
    joulesPerTerahash: { central: 300_000, low: 50_000, high: 500_000 },
    sources: {
      difficulty: recalledChain,
      price: recalledPrice,
      efficiency: machinesOnSale("FPGA boards, Radeon HD 5000 to 7000"),
    },
  },
  {
    date: "2014-12-31",
    year: 2015,
    difficulty: 40_640_955_017,
    priceDollars: { central: 320, low: 310, high: 400 },
    subsidyBitcoin: 25,
    feeShare: 0.004,
    joulesPerTerahash: { central: 800, low: 510, high: 1500 },
    sources: { difficulty: recalledChain, price: recalledPrice, efficiency: machinesOnSale("Antminer S5, S3, S1") },
  },
  {
    date: "2016-01",
    year: 2016 + 0.5 / 12,
    difficulty: 110.8e9,
    priceDollars: { central: 410, low: 320, high: 460 },
    subsidyBitcoin: 25,
    feeShare: 0.009,
    joulesPerTerahash: { central: 316, low: 250, high: 400 },
    sources: {
      difficulty: {
        citation:
          "Coin Metrics community data csv/btc.csv, DiffMean: 103.88e9 to the 13th, 113.35e9 to the 26th, 120.03e9 after, by days",
        sureness: "derived",
      },
      price: readPrice,
      efficiency: {
        citation:
          "Bevand 2017, blog.zorinaq.com/bitcoin-electricity-consumption: machines by phase up to then average 0.40 J/GH at worst, the best of them 0.25; centre: geometric mean",
        sureness: "derived",
      },
    },
  },
  {
    date: "2016-12-31",
    year: 2017,
    difficulty: 317_688_400_354,
    priceDollars: { central: 963, low: 610, high: 980 },
    subsidyBitcoin: 12.5,
    feeShare: 0.06,
    joulesPerTerahash: { central: 153, low: 98, high: 238 },
    sources: {
      difficulty: recalledChain,
      price: recalledPrice,
      efficiency: {
        citation:
          "Bevand 2017: average at worst 0.238 J/GH in February 2017; best machine Antminer S9; centre: geometric mean",
        sureness: "derived",
      },
    },
  },
  {
    date: "2017-12-31",
    year: 2018,
    difficulty: 1_873_105_475_221,
    priceDollars: { central: 14_156, low: 4200, high: 19_600 },
    subsidyBitcoin: 12.5,
    feeShare: 0.2,
    joulesPerTerahash: { central: 110, low: 90, high: 160 },
    sources: {
      difficulty: recalledChain,
      price: recalledPrice,
      efficiency: machinesOnSale("Antminer S9, T9, Avalon 741"),
    },
  },
  {
    date: "2018-12-31",
    year: 2019,
    difficulty: 5_618_595_848_853,
    priceDollars: { central: 3743, low: 3200, high: 6600 },
    subsidyBitcoin: 12.5,
    feeShare: 0.012,
    joulesPerTerahash: { central: 92, low: 57, high: 110 },
    sources: {
      difficulty: recalledChain,
      price: recalledPrice,
      efficiency: machinesOnSale("Antminer S15, S9, Avalon 841"),
    },
  },
  {
    date: "2020-03-15",
    year: 2020 + 2.5 / 12,
    difficulty: 16_552_923_967_337,
    priceDollars: { central: 5359, low: 4950, high: 10_000 },
    subsidyBitcoin: 12.5,
    feeShare: 0.018,
    joulesPerTerahash: { central: 70, low: 39.5, high: 98 },
    sources: {
      difficulty: { citation: "Coin Metrics community data csv/btc.csv, DiffMean", sureness: "primary" },
      price: {
        citation: "Coin Metrics community data csv/btc.csv, PriceUSD of the day; bounds: range of the quarter",
        sureness: "primary",
      },
      efficiency: machinesOnSale("Antminer S17 Pro, S9"),
    },
  },
  {
    date: "2021-12-31",
    year: 2022,
    difficulty: 24_272_331_955_979,
    priceDollars: { central: 46_306, low: 43_000, high: 67_500 },
    subsidyBitcoin: 6.25,
    feeShare: 0.015,
    joulesPerTerahash: { central: 50, low: 29.5, high: 98 },
    sources: {
      difficulty: recalledChain,
      price: recalledPrice,
      efficiency: machinesOnSale("Antminer S19j Pro, S17, S9"),
    },
  },
  {
    date: "2022-12-31",
    year: 2023,
    difficulty: 35_364_065_900_457,
    priceDollars: { central: 16_548, low: 15_800, high: 21_300 },
    subsidyBitcoin: 6.25,
    feeShare: 0.02,
    joulesPerTerahash: { central: 38, low: 21.5, high: 55 },
    sources: {
      difficulty: recalledChain,
      price: recalledPrice,
      efficiency: machinesOnSale("Antminer S19 XP, S19, S17"),
    },
  },
  {
    date: "2024-06-30",
    year: 2024.5,
    difficulty: 83_675_262_295_059,
    priceDollars: { central: 62_700, low: 57_000, high: 71_500 },
    subsidyBitcoin: 3.125,
    feeShare: 0.06,
    joulesPerTerahash: { central: 28.2, low: 17.5, high: 38 },
    sources: {
      difficulty: recalledChain,
      price: recalledPrice,
      efficiency: {
        citation:
          "Cambridge Digital Mining Industry Report 2025: 28.2 J/TH in mid-2024; best machine Antminer S21; bounds recalled",
        sureness: "secondary",
      },
    },
  },
  {
    date: "2025-04",
    year: 2025 + 3.5 / 12,
    difficulty: 121.1e12,
    priceDollars: { central: 86_000, low: 76_000, high: 104_000 },
    subsidyBitcoin: 3.125,
    feeShare: 0.013,
    joulesPerTerahash: { central: 22.6, low: 15, high: 30 },
    sources: {
      difficulty: {
        citation:
          "difficulty 113.76e12 to the 5th, 121.51e12 (read on a node) to the 19th, 123.23e12 after, weighted by days",
        sureness: "derived",
      },
      price: recalledPrice,
      efficiency: {
        citation:
          "Cambridge Digital Mining Industry Report 2025: 28.2 J/TH in mid-2024, falling 24 % a year; best machine Antminer S21 Pro",
        sureness: "derived",
      },
    },
  },
];

/**
 * What a hash cost at one of the dates above.
 *
 * @property electricityDollarsPerJoule what miners paid for energy.
 * @property overheadFactor all operating cost over the bill for electricity.
 * @property hardwareDollarsPerTerahashPerSecond price of a current machine per TH/s.
 * @property hardwareLifetimeYears over which its owner writes it off.
 */
export interface MiningCost {
  readonly date: string;
  readonly electricityDollarsPerJoule: Estimate;
  readonly overheadFactor: Estimate;
  readonly hardwareDollarsPerTerahashPerSecond: Estimate;
  readonly hardwareLifetimeYears: Estimate;
  readonly sources: {
    readonly electricity: Source;
    readonly overhead: Source;
    readonly hardware: Source;
    readonly lifetime: Source;
  };
}

const perKilowattHour = (central: number, low: number, high: number): Estimate => ({
  central: central / joulesPerKilowattHour,
  low: low / joulesPerKilowattHour,
  high: high / joulesPerKilowattHour,
});

const cambridgeOverhead: Source = {
  citation: "Cambridge Digital Mining Industry Report 2025: $55.5 all in over $45 of electricity per MWh",
  sureness: "secondary",
};

export const miningCosts: readonly MiningCost[] = [
  {
    date: "2016-01",
    electricityDollarsPerJoule: perKilowattHour(0.05, 0.035, 0.07),
    overheadFactor: { central: 1.233, low: 1.1, high: 1.4 },
    hardwareDollarsPerTerahashPerSecond: { central: 280, low: 200, high: 400 },
    hardwareLifetimeYears: { central: 1.5, low: 1, high: 2.5 },
    sources: {
      electricity: {
        citation: "Cambridge Bitcoin Electricity Consumption Index and Bevand 2017: 0.05 $/kWh assumed",
        sureness: "secondary",
      },
      overhead: { citation: "assumption: as in 2024", sureness: "derived" },
      hardware: { citation: "assumption: Antminer S7, 4.73 TH/s at about $1,300", sureness: "recalled" },
      lifetime: {
        citation: "assumption: time between generations that displaced one another, 2014 to 2016",
        sureness: "recalled",
      },
    },
  },
  {
    date: "2024-06-30",
    electricityDollarsPerJoule: perKilowattHour(0.045, 0.035, 0.06),
    overheadFactor: { central: 1.233, low: 1.1, high: 1.4 },
    hardwareDollarsPerTerahashPerSecond: { central: 18, low: 12, high: 25 },
    hardwareLifetimeYears: { central: 3.5, low: 2.5, high: 5 },
    sources: {
      electricity: {
        citation: "Cambridge Digital Mining Industry Report 2025: median 45 $/MWh",
        sureness: "secondary",
      },
      overhead: cambridgeOverhead,
      hardware: { citation: "assumption: Antminer S21 per TH/s", sureness: "recalled" },
      lifetime: { citation: "assumption: what listed miners write machines off over", sureness: "recalled" },
    },
  },
  {
    date: "2025-04",
    electricityDollarsPerJoule: perKilowattHour(0.045, 0.035, 0.06),
    overheadFactor: { central: 1.233, low: 1.1, high: 1.4 },
    hardwareDollarsPerTerahashPerSecond: { central: 16, low: 11, high: 22 },
    hardwareLifetimeYears: { central: 3.5, low: 2.5, high: 5 },
    sources: {
      electricity: {
        citation: "Cambridge Digital Mining Industry Report 2025: median 45 $/MWh",
        sureness: "secondary",
      },
      overhead: cambridgeOverhead,
      hardware: { citation: "assumption: Antminer S21 per TH/s", sureness: "recalled" },
      lifetime: { citation: "assumption: what listed miners write machines off over", sureness: "recalled" },
    },
  },
];
