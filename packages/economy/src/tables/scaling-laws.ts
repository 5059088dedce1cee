/**
 * Constants of published scaling laws. Functions of them live elsewhere.
 *
 * Standard errors alone must not be drawn independently: a coefficient and its exponent are all but collinear (their
 * correlation is above 0.999 on such a grid of runs), and independent draws spread the loss at 8B parameters by 0.2 nats
 * where the fit itself is good to about 0.01. Draw from the fit's bootstrap, or hold the constants at their centre.
 */
import type { Source } from "@shardlab/contracts";

/** L(N, D) = irreducible + parameterCoefficient / N^parameterExponent + tokenCoefficient / D^tokenExponent, nats per token. */
export interface LossLaw {
  readonly irreducible: number;
  readonly parameterCoefficient: number;
  readonly parameterExponent: number;
  readonly tokenCoefficient: number;
  readonly tokenExponent: number;
  /** As published, two digits; see the note on their correlation at the head of this file. */
  readonly standardErrors?: {
    readonly irreducible: number;
    readonly parameterCoefficient: number;
    readonly parameterExponent: number;
    readonly tokenCoefficient: number;
    readonly tokenExponent: number;
  };
  readonly source: Source;
}

/** Hoffmann et al. 2022, approach 3, rounded as printed in the text. */
export const hoffmann2022: LossLaw = {
  irreducible: 1.69,
  parameterCoefficient: 406.4,
  parameterExponent: 0.34,
  tokenCoefficient: 410.7,
  tokenExponent: 0.28,
  source: { citation: "Hoffmann et al. 2022, arXiv 2203.15556, equation 10", sureness: "secondary" },
};

/** The same with the exponents that the LaTeX source of that paper holds; the rounding above matters at large scale. */
export const hoffmann2022Unrounded: LossLaw = {
  irreducible: 1.6934,
  parameterCoefficient: 406.4,
  parameterExponent: 0.3392,
  tokenCoefficient: 410.7,
  tokenExponent: 0.2849,
  source: {
    citation: "Hoffmann et al. 2022, LaTeX source, as quoted by Besiroglu et al. 2024, table 1",
    sureness: "secondary",
  },
};

/** Besiroglu et al. 2024, approach 3 refitted to 240 of the runs. */
export const besiroglu2024: LossLaw = {
  irreducible: 1.8172,
  parameterCoefficient: 482.01,
  parameterExponent: 0.3478,
  tokenCoefficient: 2085.43,
  tokenExponent: 0.3658,
  standardErrors: {
    irreducible: 0.03,
    parameterCoefficient: 124.58,
    parameterExponent: 0.02,
    tokenCoefficient: 1293.23,
    tokenExponent: 0.02,
  },
  source: { citation: "Besiroglu et al. 2024, arXiv 2404.10102, table 1", sureness: "secondary" },
};

/**
 * Muennighoff et al. 2023: U unique tokens seen 1 + R times are worth U + U R* (1 - exp(-R / R*)) unique ones, and excess
 * parameters likewise with their own constant. `law` is their fit without repetition on C4, with equal exponents; its
 * coefficients are exp of the fitted logarithms 0.6254804, 6.255414 and 7.3049974.
 */
export const muennighoff2023 = {
  tokenRepetitionDecay: 15.387756,
  excessParameterDecay: 5.309743,
  law: {
    logIrreducible: 0.6254804,
    logParameterCoefficient: 6.255414,
    logTokenCoefficient: 7.3049974,
    exponent: 0.3526596,
  },
  source: {
    citation: "Muennighoff et al. 2023, arXiv 2305.16264, appendix A (LaTeX source)",
    sureness: "primary",
  } as Source,
} as const;

/**
 * Charles et al. 2025: DiLoCo with M replicas and 30 inner steps at 20 tokens per parameter,
 * L(N, M) = coefficient N^parameterExponent M^replicaExponent, beside plain data parallelism on the same grid.
 */
export const diloco2025 = {
  coefficient: 19.226,
  parameterExponent: -0.0985,
  replicaExponent: 0.0116,
  innerSteps: 30,
  dataParallel: { coefficient: 18.129, parameterExponent: -0.0953 },
  source: { citation: "Charles et al. 2025, arXiv 2503.09799, joint fit of the loss", sureness: "secondary" } as Source,
  dataParallelSource: {
    citation: "Charles et al. 2025, arXiv 2503.09799, independent fits",
    sureness: "recalled",
  } as Source,
} as const;
