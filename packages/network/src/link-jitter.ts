/** Delay that varies from message to message: its distributions, drawn and in the mean. */
import { exp } from "@shardlab/numerics";
import type { RandomStream } from "@shardlab/random";

/**
 * Extra one-way delay of a message, never negative, independent from message to message.
 * `uniform` lies between 0 and its maximum; `log-normal` is exp of a normal with standard deviation `sigma`.
 */
export type Jitter =
  | { readonly kind: "none" }
  | { readonly kind: "uniform"; readonly maximumSeconds: number }
  | { readonly kind: "exponential"; readonly meanSeconds: number }
  | { readonly kind: "log-normal"; readonly medianSeconds: number; readonly sigma: number };

type JitterKind = Jitter["kind"];
type JitterOf<Kind extends JitterKind> = Extract<Jitter, { kind: Kind }>;

interface JitterRule<Kind extends JitterKind> {
  readonly draw: (jitter: JitterOf<Kind>, stream: RandomStream) => number;
  readonly mean: (jitter: JitterOf<Kind>) => number;
  readonly parameters: (jitter: JitterOf<Kind>) => readonly number[];
}

const rules: { readonly [Kind in JitterKind]: JitterRule<Kind> } = {
  none: { draw: () => 0, mean: () => 0, parameters: () => [] },
  uniform: {
    draw: ({ maximumSeconds }, stream) => maximumSeconds * stream.uniform(),
    mean: ({ maximumSeconds }) => maximumSeconds / 2,
    parameters: ({ maximumSeconds }) => [maximumSeconds],
  },
  exponential: {
    // The stream's own exponential takes a rate, which a mean of 0 does not have.
    draw: ({ meanSeconds }, stream) => meanSeconds * stream.exponential(1),
    mean: ({ meanSeconds }) => meanSeconds,
    parameters: ({ meanSeconds }) => [meanSeconds],
  },
  "log-normal": {
    draw: ({ medianSeconds, sigma }, stream) => medianSeconds * stream.logNormal(0, sigma),
    mean: ({ medianSeconds, sigma }) => medianSeconds * exp((sigma * sigma) / 2),
    parameters: ({ medianSeconds, sigma }) => [medianSeconds, sigma],
  },
};

const ruleOf = <Kind extends JitterKind>(jitter: JitterOf<Kind>): JitterRule<Kind> =>
  rules[jitter.kind as Kind] as JitterRule<Kind>;

/** One delay in seconds; takes one draw of `stream`, none for `none`. */
export function drawJitter(jitter: Jitter, stream: RandomStream): number {
  return ruleOf(jitter).draw(jitter, stream);
}

/** The mean delay in seconds. */
export function meanJitter(jitter: Jitter): number {
  return ruleOf(jitter).mean(jitter);
}

/** @throws Error `invalid jitter: ...` unless its parameters are finite and at least 0. */
export function checkJitter(jitter: Jitter): void {
  const isSound = ruleOf(jitter)
    .parameters(jitter)
    .every((value) => value >= 0 && value < Number.POSITIVE_INFINITY);
  if (!isSound) throw new Error(`invalid jitter: ${JSON.stringify(jitter)}`);
}
