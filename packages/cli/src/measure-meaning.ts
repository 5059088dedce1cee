/** What measures are called in sentences, and which way is better. */

export type Better = "higher" | "lower";

export interface MeasureMeaning {
  readonly label: string;
  /** Absent where neither way is better by itself. */
  readonly better?: Better;
  /** Whether it is shown where there is room for a few only. */
  readonly isMain?: true;
}

const meanings: Readonly<Record<string, MeasureMeaning>> = {
  compute: { label: "compute gathered", better: "higher", isMain: true },
  loss: { label: "loss", better: "lower", isMain: true },
  "target-reached": { label: "chance of reaching the target", better: "higher", isMain: true },
  "time-to-target": { label: "time to the target", better: "lower" },
  outlay: { label: "outlay", isMain: true },
  "cash-up-front": { label: "cash that a sponsor has to front", better: "lower" },
  "resource-cost": { label: "resource cost", better: "lower" },
  revenue: { label: "revenue", better: "higher", isMain: true },
  participation: { label: "participation", better: "higher", isMain: true },
  "participation/peak": { label: "peak participation", better: "higher" },
  "distinct-tokens": { label: "distinct training tokens", better: "higher" },
  gini: { label: "Gini coefficient of ownership", better: "lower" },
  nakamoto: { label: "Nakamoto coefficient of ownership", better: "higher" },
  "belief-residual": { label: "gap between forecast and outcome" },
  crossing: { label: "chance that the best open model passes the closed competitor", better: "higher", isMain: true },
  "crossing-day": { label: "time until the best open model passes the closed competitor", better: "lower" },
  "compute-crossing": {
    label: "chance that the collective trains at a higher rate than the closed lab",
    better: "higher",
  },
  "compute-crossing-day": { label: "time until the collective trains at a higher rate than the lab", better: "lower" },
  "compute-ratio": { label: "collective's compute in that of the closed lab", better: "higher" },
  "participation/before-fall": { label: "participation before expectations fall", better: "higher" },
  "participation/after-fall": { label: "participation after expectations fall", better: "higher" },
  "compute/before-fall": { label: "compute gathered before expectations fall", better: "higher" },
  "provider-gain": { label: "what providers gain after all costs", better: "higher", isMain: true },
  "gini/start": { label: "Gini coefficient of ownership after the first revision", better: "lower" },
  "gini/end": { label: "Gini coefficient of ownership at the end", better: "lower" },
  "top-1-percent": { label: "share of the largest hundredth of owners", better: "lower" },
  "capacity-growth": { label: "capacity at the end in that at the start", better: "higher" },
  "allocation-efficiency": { label: "value of the allocation of work in the best", better: "higher", isMain: true },
  "allocation-efficiency/above-random": {
    label: "value of the allocation of work, from an even one (0) to the best (1)",
    better: "higher",
  },
  "work-on-best": { label: "share of work on the best model", better: "higher" },
  herding: { label: "share of decisions against one's own information", better: "lower" },
  designs: { label: "designs entered", better: "higher" },
  "design-quality": { label: "quality of designs", better: "higher", isMain: true },
  "designer-gain": { label: "what designers expect to gain", better: "higher" },
  "exclusive-share": { label: "share of ownership that designers hold" },
  "best-revenue": { label: "revenue of the best model", better: "higher" },
  "best-fitness": { label: "fitness of the best architecture found", better: "higher", isMain: true },
  "architectures-tried": { label: "architectures tried", better: "higher" },
  experiments: { label: "experiments" },
  "experiments/in-vain": { label: "experiments on what somebody had tried", better: "lower" },
  leaked: { label: "share of models whose weights got out", better: "lower" },
  "revenue-lost": { label: "revenue lost to copies", better: "lower", isMain: true },
  "cheating-share": { label: "share of work that is cheated", better: "lower", isMain: true },
  "wasted-work": { label: "work that trained nothing", better: "lower" },
  caught: { label: "cheated deliveries found" },
  "false-slashes": { label: "honest deliveries found bad", better: "lower" },
  "honest-exits": { label: "honest providers who leave after a false finding", better: "lower" },
  identities: { label: "names for each provider at work", better: "lower" },
  payoff: { label: "gain of a provider over doing without", better: "higher" },
  "token-price": { label: "mean price of a unit of ownership" },
  turnover: { label: "ownership traded" },
  "speculator-gain": { label: "what speculators gain in cash", isMain: true },
  borrowed: { label: "cash borrowed against ownership" },
  liquidated: { label: "debt repaid by selling collateral", better: "lower" },
  "bad-debt": { label: "debt that was never repaid", better: "lower", isMain: true },
  "compute-price": { label: "price of compute in that without the project", better: "lower" },
  "held-out-loss": { label: "loss on held-out data", better: "lower", isMain: true },
  "seconds-per-update": { label: "time per update", better: "lower", isMain: true },
  "tokens-per-second": { label: "tokens per second", better: "higher", isMain: true },
  "loss-floor": { label: "entropy of the data" },
  bytes: { label: "bytes sent", better: "lower", isMain: true },
  "bytes-per-token": { label: "bytes per token", better: "lower" },
  "tensor-bytes": { label: "bytes of tensors", better: "lower" },
  utilisation: { label: "utilisation of devices", better: "higher", isMain: true },
  rho: { label: "transfer time over compute time" },
  duration: { label: "duration", better: "lower" },
  "updates-per-hour": { label: "updates per hour", better: "higher" },
  "compute-per-update": { label: "compute per update" },
  "work-in-vain": { label: "work in vain", better: "lower" },
  restarts: { label: "restarts", better: "lower" },
  "updates-undone": { label: "updates undone", better: "lower" },
  "workers-lost": { label: "workers lost", better: "lower" },
  "replica-mismatches": { label: "replicas that differ", better: "lower" },
  blames: { label: "broken commitments", better: "lower" },
};

/** What `name` means; a measure of one part (`loss/large`) means what the whole does. */
export function meaningOf(name: string): MeasureMeaning {
  const known = meanings[name];
  if (known) return known;
  const [group = name, ...part] = name.split("/");
  const whole = meanings[group];
  const suffix = part.length > 0 ? ` (${part.join("/")})` : "";
  if (whole) {
    const { isMain: _, ...meaning } = whole;
    return { ...meaning, label: `${whole.label}${suffix}` };
  }
  return { label: `${group.replaceAll("-", " ")}${suffix}` };
}

/** The few of `measures` that matter most; all of them where none is known to. */
export function mainMeasures(measures: readonly string[]): readonly string[] {
  const main = measures.filter((measure) => meaningOf(measure).isMain);
  return main.length > 0 ? main : measures;
}

/** Which way a measure is better; higher where nothing is known of it. */
export const betterOf = (measure: string): Better => meaningOf(measure).better ?? "higher";
