/** A claim's verdict in words, and where it holds as a figure. */
import type { Bound, ClaimSummary, ClaimVerdict, RegionLeaf } from "@shardlab/experiment";
import type { Finding, ReportFigure } from "@shardlab/report";
import { capitalized, enumerate } from "./answer.ts";
import { formatQuantity } from "./number-format.ts";
import { isShareAt, type Notation, notationAt, notationOf as notationOfText, pathLabel } from "./scenario-notation.ts";

/** What is needed to write a parameter as scenario files do. */
export interface ClaimWords {
  readonly claim: ClaimSummary;
  /** JSON Schema of scenario files. */
  readonly schema: object;
  /** The resolved scenario, whose kinds decide which parameters there are. */
  readonly resolved: unknown;
}

const percent = (share: number): string => formatQuantity(share, "share");

/** `holds in 62 % of the region (95 % interval 44 to 77 %)`. */
export function verdictText({ verdict, whole }: ClaimSummary): string {
  const { share, ci95, open, holds, fails } = whole;
  if (holds + fails === 0) return "cannot be told: no point of the region is decided";
  const range = `${percent(ci95[0]).replace(" %", "")} to ${percent(ci95[1])}`;
  const undecided = open > 0 ? `; ${open} of ${holds + fails + open} points cannot be told` : "";
  const words: Readonly<Record<ClaimVerdict, string>> = {
    holds: "holds",
    "holds in part": "holds in part",
    fails: "fails",
    "no power": "no power, too few points are decided",
  };
  return `${words[verdict]}: true in ${percent(share)} of the region (95 % interval ${range})${undecided}`;
}

/** A parameter that the scenario's own rule lacks is another arm's. */
function notationOf({ schema, resolved }: ClaimWords, path: string): Notation {
  const own = notationAt(schema, path, resolved);
  if (own.unit !== "") return own;
  return isShareAt(schema, path) ? notationOfText("5 %") : notationAt(schema, path);
}

/** The last parts of a path that tell it from the others of the region. */
export function parameterLabel({ claim }: ClaimWords, path: string): string {
  const isShared = claim.design.region.filter((other) => pathLabel(other.path) === pathLabel(path)).length > 1;
  if (!isShared) return pathLabel(path);
  return path
    .split(".")
    .filter((part) => part !== "*")
    .slice(-2)
    .map(pathLabel)
    .join(" ");
}

/** A place between 0 and 1 as the parameter's value, as scenario files write it. */
function placeText(words: ClaimWords, parameter: number, place: number): string {
  const { path, low, high, scale } = words.claim.design.region[parameter];
  const value = scale === "log" ? low * (high / low) ** place : low + (high - low) * place;
  const { scale: inUnit, write } = notationOf(words, path);
  // As many digits of what is written as tell a fiftieth of the range: a bound between two points is no sharper.
  const written = inUnit(value);
  const step = 10 ** Math.floor(Math.log10((scale === "log" ? written : Math.abs(inUnit(high) - inUnit(low))) / 25));
  const rounded = Math.round(written / step) * step;
  return write(value * (rounded / written));
}

/** The bounds of a box on one parameter: `outlay from $2M on`, `below $5M`, or `from $2M to $5M`. */
function sideText(words: ClaimWords, parameter: number, bounds: readonly Bound[]): string {
  const places = (side: Bound["side"]) => bounds.filter((bound) => bound.side === side).map(({ place }) => place);
  const [from, below] = [Math.max(...places("from")), Math.min(...places("below"))];
  const at = (place: number): string => placeText(words, parameter, place);
  const label = parameterLabel(words, words.claim.design.region[parameter].path);
  if (!Number.isFinite(below)) return `${label} from ${at(from)} on`;
  return Number.isFinite(from) ? `${label} from ${at(from)} to ${at(below)}` : `${label} below ${at(below)}`;
}

function leafText(words: ClaimWords, { bounds, share, points }: RegionLeaf): string {
  const parameters = [...new Set(bounds.map(({ parameter }) => parameter))];
  const sides = parameters.map((one) =>
    sideText(
      words,
      one,
      bounds.filter(({ parameter }) => parameter === one),
    ),
  );
  const where = bounds.length === 0 ? "in the whole region" : `where ${enumerate(sides)}`;
  return `${where}: true at ${percent(share)} of ${points} points`;
}

/** The boxes of the region, those in which it holds most first. */
export function regionLines(words: ClaimWords): string[] {
  const { leaves } = words.claim.tree;
  return [...leaves].sort((a, b) => b.share - a.share).map((leaf) => leafText(words, leaf));
}

/** `revenue multiple (71 % of the variance of the margin, with interactions), hazard (20 %)`. */
export function moversText(words: ClaimWords): string {
  const { indices, design } = words.claim;
  if (indices === null) return "not known: the margin does not vary, or rows are missing";
  // Estimates from few points may lie beyond 0 and 1; the figure shows how far they may be off.
  const ranked = indices
    .map(({ total }, index) => ({
      label: parameterLabel(words, design.region[index].path),
      share: Math.min(1, total.value),
    }))
    .sort((a, b) => b.share - a.share)
    .filter(({ share }, index) => index === 0 || share >= leastShare)
    .slice(0, 3);
  return ranked
    .map(({ label, share }, index) => {
      const of = index === 0 ? " of the variance of the margin, with interactions" : "";
      return `${label} (${percent(Math.max(0, Math.round(100 * share) / 100))}${of})`;
    })
    .join(", ");
}

/** Share of the variance below which a parameter is not said to move a claim. */
const leastShare = 0.01;

/** `outlay $1M to $20M, delay 60 d to 540 d`: the ranges that are varied together. */
function rangesText(words: ClaimWords): string {
  return words.claim.design.region
    .map((_, index) => {
      const label = parameterLabel(words, words.claim.design.region[index].path);
      return `${label} ${placeText(words, index, 0)} to ${placeText(words, index, 1)}`;
    })
    .join(", ");
}

/** Verdict, criteria, region and what moved it, as a paragraph with particulars. */
export function claimFinding(words: ClaimWords): Finding {
  const { claim } = words;
  const { design, criteria, tree } = claim;
  const parts = criteria.map(({ says, relation, share, seedDeviation }) => {
    return `${says}: true in ${percent(share)} of the region (${relation}; the margin varies by ${formatQuantity(seedDeviation, "")} from seed to seed).`;
  });
  const boxes = regionLines(words).map((line) => `${capitalized(line)}.`);
  const accuracy =
    tree.leaves.length > 1
      ? [`These boxes foretell ${percent(tree.accuracy)} of the points when each is left out in turn.`]
      : [];
  return {
    heading: `${design.number}. ${design.statement}`,
    text: `${capitalized(verdictText(claim))}. What moves it: ${moversText(words)}.`,
    items: [
      ...(design.source === null ? [] : [`Source: ${design.source}.`]),
      `Region: ${rangesText(words)}.`,
      ...parts,
      ...boxes,
      ...accuracy,
    ],
  };
}

/** Points of the region along the two parameters that move the claim most. */
export function claimFigure(words: ClaimWords, id: string): ReportFigure {
  const { claim } = words;
  const { region, statement, number, seeds } = claim.design;
  const order = region.map((_, index) => index);
  const strength = (index: number): number => claim.indices?.[index]?.total.value ?? 0;
  const [first, second] = order.sort((a, b) => strength(b) - strength(a));
  const axis = (index: number) => {
    const { path, scale } = region[index];
    return { label: capitalized(parameterLabel(words, path)), unit: notationOf(words, path).unit, scale };
  };
  const written = (index: number, values: readonly number[]): number =>
    notationOf(words, region[index].path).scale(values[index]);
  const data = {
    title: `${number}. ${statement}`,
    subtitle: `${capitalized(verdictText(claim))}. ${claim.points.length} points, ${seeds} seeds each.`,
    x: axis(first),
    y: second === undefined ? ({ label: "Margin", unit: "", scale: "linear" } as const) : axis(second),
    points: claim.points.map(({ values, margin, state }) => ({
      x: written(first, values),
      y: second === undefined ? margin : written(second, values),
      state,
    })),
    indices: (claim.indices ?? []).map(({ total }, index) => ({
      parameter: parameterLabel(words, region[index].path),
      total: { mean: total.value, low: total.ci95?.[0] ?? total.value, high: total.ci95?.[1] ?? total.value },
    })),
  };
  const caption = `Where claim ${number} holds, over the two parameters that move it most; the others vary, too.`;
  return { id, caption, spec: { kind: "claim-region", data } };
}
