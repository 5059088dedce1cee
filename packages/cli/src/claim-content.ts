/** A claim's verdict in words, and where it holds as a figure. */
import type { Bound, ClaimSummary, RegionLeaf, RegionParameter, RegionShare } from "@shardlab/experiment";
import type { Finding, ReportFigure } from "@shardlab/report";
import { capitalized, enumerate, noEquilibrium } from "./answer.ts";
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

const percent = (share: number): string => formatQuantity(Math.round(100 * share) / 100, "share");

/** `holds in part: true at 20 of 32 points, false at 9, 3 cannot be told; true in 41 to 84 % of the region (95 % interval)`. */
export function verdictText({ verdict, possible, whole }: ClaimSummary): string {
  const [low, high] = whole.ci95;
  const range = `${percent(low).replace(" %", "")} to ${percent(high)}`;
  const between = possible.length === 2 ? ` between “${possible[0]}” and “${possible[1]}”` : "";
  return `${verdict}${between}: ${pointsText(whole)}; so true in ${range} of the region (95 % interval)`;
}

/** `true at 20 of 32 points, false at 9, 3 cannot be told`. */
function pointsText({ holds, fails, open }: RegionShare): string {
  const untold = open > 0 ? `, ${open} cannot be told from chance` : "";
  return `true at ${holds} of ${holds + fails + open} points, false at ${fails}${untold}`;
}

/** In the unit of the file. A parameter that the scenario's own rule lacks is another arm's. */
function notationOf({ schema, resolved }: ClaimWords, { path, written }: RegionParameter): Notation {
  const asWritten = notationOfText(written ?? "");
  if (asWritten.unit !== "") return asWritten;
  const own = notationAt(schema, path, resolved);
  if (own.unit !== "") return own;
  return isShareAt(schema, path) ? notationOfText("5 %") : notationAt(schema, path);
}

/** The file's own name for it; else the last part of the path, with the one before it where one word alone says little. */
export function parameterLabel({ path, label }: RegionParameter): string {
  if (label !== undefined) return label;
  const parts = path.split(".").filter((part) => part !== "*");
  const leaf = pathLabel(path);
  return leaf.includes(" ") ? leaf : parts.slice(-2).map(pathLabel).join(" ");
}

/** A place between 0 and 1 as the parameter's value, as scenario files write it. */
function placeText(words: ClaimWords, parameter: number, place: number): string {
  const ranged = words.claim.design.region[parameter];
  const { low, high, scale } = ranged;
  const value = scale === "log" ? low * (high / low) ** place : low + (high - low) * place;
  const { scale: inUnit, write } = notationOf(words, ranged);
  if (value === 0) return write(0);
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
  const label = parameterLabel(words.claim.design.region[parameter]);
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

/**
 * `revenue multiple (71 % of the variance of the margin, with interactions), hazard (20 %)`.
 *
 * @param of what the first share is a share of; nothing where a heading says so.
 */
export function moversText(words: ClaimWords, of = " of the variance of the margin, with interactions"): string {
  const { indices, design } = words.claim;
  if (indices === null) return "not known: the margin does not vary, or rows are missing";
  // Estimates from few points may lie beyond 0 and 1; the figure shows how far they may be off.
  const ranked = indices
    .map(({ total }, index) => ({
      label: parameterLabel(design.region[index]),
      share: Math.min(1, total.value),
    }))
    .sort((a, b) => b.share - a.share)
    .filter(({ share }, index) => index === 0 || share >= leastShare)
    .slice(0, 3);
  return ranked
    .map(({ label, share }, index) => `${label} (${percent(Math.max(0, share))}${index === 0 ? of : ""})`)
    .join(", ");
}

/** Share of the variance below which a parameter is not said to move a claim. */
const leastShare = 0.01;

/** `outlay $1M to $20M, delay 60 d to 540 d`: the ranges that are varied together. */
function rangesText(words: ClaimWords): string {
  return words.claim.design.region
    .map((parameter, index) => {
      return `${parameterLabel(parameter)} ${placeText(words, index, 0)} to ${placeText(words, index, 1)}`;
    })
    .join(", ");
}

/** Verdict, criteria, region and what moved it, as a paragraph with particulars. */
export function claimFinding(words: ClaimWords): Finding {
  const { claim } = words;
  const { design, criteria, tree } = claim;
  const parts = criteria.map((criterion) => {
    return `${capitalized(criterion.says)}: ${pointsText(criterion)} (${criterion.relation}).`;
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
      runsText(claim),
      ...(claim.unmetForecasts === 0 ? [] : [unmetText(claim)]),
      ...parts,
      ...boxes,
      ...accuracy,
    ],
  };
}

/** `32 points, 3 arms, 6 seeds each: 4,032 runs with those for what moves it.` */
function runsText({ points, design, runs }: ClaimSummary): string {
  const arms = design.arms.length > 1 ? `${design.arms.length} arms, ` : "";
  return `${points.length} points, ${arms}${design.seeds} seeds each: ${runs.toLocaleString("en-US")} runs with those that tell what moves it.`;
}

const unmetText = ({ unmetForecasts, runs }: ClaimSummary): string =>
  noEquilibrium(`${unmetForecasts.toLocaleString("en-US")} of ${runs.toLocaleString("en-US")} runs`);

/** Points of the region along the two parameters that move the claim most. */
export function claimFigure(words: ClaimWords, id: string): ReportFigure {
  const { claim } = words;
  const { region, statement, number } = claim.design;
  const order = region.map((_, index) => index);
  const strength = (index: number): number => claim.indices?.[index]?.total.value ?? 0;
  const [first, second] = order.sort((a, b) => strength(b) - strength(a));
  const axis = (index: number) => {
    const parameter = region[index];
    const { unit } = notationOf(words, parameter);
    return { label: capitalized(parameterLabel(parameter)), unit, scale: parameter.scale };
  };
  const written = (index: number, values: readonly number[]): number =>
    notationOf(words, region[index]).scale(values[index]);
  const data = {
    title: `${number}. ${statement}`,
    subtitle: `${capitalized(verdictText(claim))}. ${runsText(claim)}`,
    x: axis(first),
    y: second === undefined ? ({ label: "Margin", unit: "", scale: "linear" } as const) : axis(second),
    points: claim.points.map(({ values, margin, state }) => ({
      x: written(first, values),
      y: second === undefined ? margin : written(second, values),
      state,
    })),
    indices: (claim.indices ?? []).map(({ total }, index) => ({
      parameter: parameterLabel(region[index]),
      total: { mean: total.value, low: total.ci95?.[0] ?? total.value, high: total.ci95?.[1] ?? total.value },
    })),
  };
  const caption =
    `Left: where claim ${number} holds, over the two parameters that move it most; the others vary, too. ` +
    "Right: the share of the variance of the margin for which each parameter accounts, alone and with others; " +
    "the margin is by how much the weakest criterion is met.";
  return { id, caption, spec: { kind: "claim-region", data } };
}
