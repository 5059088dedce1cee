/** Values of a noisy function that are known so far, and how many more may be asked for. */
import { type Estimate, estimateMean } from "./interval.ts";
import type { ValuesBySeed } from "./paired.ts";

/** Values of the function by seed at each `x`, for the first `seeds` seeds. A seed without a value is left out. */
export type NoisyFunction = (xs: readonly number[], seeds: number) => Promise<readonly ValuesBySeed[]>;

/**
 * @property low, high range of x that is searched; above 0 on a log scale.
 * @property isInteger whether x takes whole values only.
 * @property gridPoints values of x that are tried first, at least 2. Two crossings between neighbours go unseen.
 * @property satisfied which sign of the function satisfies a relation; both count as crossings.
 * @property seeds those to begin with, and the most that are used.
 * @property intervalTarget width of the interval relative to the root at which the search ends.
 * @property mostEvaluations the most values (one x, one seed) that may be asked for.
 */
export interface ThresholdOptions {
  readonly low: number;
  readonly high: number;
  readonly scale: "linear" | "log";
  readonly isInteger: boolean;
  readonly gridPoints: number;
  readonly satisfied: "at most zero" | "at least zero";
  readonly seeds: { readonly first: number; readonly most: number };
  readonly intervalTarget: number;
  readonly mostEvaluations: number;
  /** Told after each step how many values are known, and how many the search still expects to need. */
  readonly onProgress?: (known: number, expected: number) => void;
}

/** The function at one x; `estimate` is null where it has no value in any seed. */
export interface ThresholdPoint {
  readonly x: number;
  readonly estimate: Estimate | null;
}

interface Known {
  readonly seeds: number;
  readonly values: ValuesBySeed;
}

export class ThresholdSampler {
  private readonly evaluate: NoisyFunction;
  private readonly options: ThresholdOptions;
  private readonly known = new Map<number, Known>();
  private used = 0;

  constructor(evaluate: NoisyFunction, options: ThresholdOptions) {
    this.evaluate = evaluate;
    this.options = options;
  }

  /** The function at each x over the first `seeds` seeds, asking for what is not known. */
  async measure(xs: readonly number[], seeds: number): Promise<ThresholdPoint[]> {
    const missing = [...new Set(xs)].filter((x) => (this.known.get(x)?.seeds ?? 0) < seeds);
    if (missing.length > 0) {
      const found = await this.evaluate(missing, seeds);
      for (const [index, x] of missing.entries()) {
        this.used += seeds - (this.known.get(x)?.seeds ?? 0);
        this.known.set(x, { seeds, values: found[index] });
      }
      this.options.onProgress?.(this.used, this.used);
    }
    return xs.map((x) => ({ x, estimate: this.estimateAt(x) }));
  }

  /** Tells the watcher how many more x this search may take. */
  expect(points: number, seeds: number): void {
    this.options.onProgress?.(this.used, Math.min(this.options.mostEvaluations, this.used + points * seeds));
  }

  /** Whether one more x may be asked for, and after it the root itself. */
  canAfford(seeds: number): boolean {
    return this.used + 2 * seeds <= this.options.mostEvaluations;
  }

  /** The most seeds that a search over so many new x can have. */
  affordableSeeds(points: number): number {
    return Math.floor((this.options.mostEvaluations - this.used) / points);
  }

  isSatisfied(value: number): boolean {
    return this.options.satisfied === "at most zero" ? value <= 0 : value >= 0;
  }

  /** Everything known, by x, for the report. */
  all(): { readonly points: readonly ThresholdPoint[]; readonly evaluations: number } {
    const points = [...this.known.keys()].sort((a, b) => a - b).map((x) => ({ x, estimate: this.estimateAt(x) }));
    return { points, evaluations: this.used };
  }

  private estimateAt(x: number): Estimate | null {
    const values = [...(this.known.get(x)?.values.values() ?? [])].filter(Number.isFinite);
    return values.length === 0 ? null : estimateMean(values);
  }
}
