/** Checks of the sensitivity and frontier analyses: their paths, their bounds, the arm they speak of. */
import { alternatives, shown } from "@shardlab/contracts";
import type { z } from "zod";
import { select } from "./dotted-path.ts";
import { axisSpec, frontierSpec, rangeSpec, regionRangeSpec } from "./experiment-card.ts";
import type { Finding, Path } from "./fault.ts";
import type { Language } from "./language.ts";
import { ExpressionError, parseRelation, referencesOf } from "./measure-expression.ts";
import { isRecord } from "./schema-place.ts";
import { experimentKey } from "./sweep.ts";
import { numberAt } from "./values.ts";
import { type Setting, tryOut } from "./variation.ts";

type Document = Readonly<Record<string, unknown>>;

/** Documents that an analysis varies: the file's own and every point of its sweep, with what was wrong before. */
export interface Arms {
  readonly documents: readonly Document[];
  readonly labels: readonly string[];
  readonly known: ReadonlySet<string>;
  readonly language: Language;
}

/** What is wrong with a sensitivity analysis, as far as its form is right. Paths need to exist in at least one arm. */
export function sensitivityFindings(raw: unknown, arms: Arms): readonly Finding[] {
  if (!isRecord(raw)) return [];
  const parameters = isRecord(raw.parameters) ? Object.entries(raw.parameters) : [];
  const ofRanges = parameters.flatMap(([path, parameter]) => {
    const at: Path = ["sensitivity", "parameters", path];
    const range = rangeSpec.safeParse(parameter).data;
    const pathAt = { path: at, at: "key" } as const;
    return rangeFindings(arms, path, { range, at, pathAt, isLog: range?.scale === "log" });
  });
  return [...narrowingFindings(raw, "sensitivity", arms), ...ofRanges];
}

/** What is wrong with a claim, as far as its form is right: its region, and the relations that it is made of. */
export function claimFindings(raw: unknown, arms: Arms): readonly Finding[] {
  if (!isRecord(raw)) return [];
  const region = isRecord(raw.region) ? Object.entries(raw.region) : [];
  const ofRanges = region.flatMap(([path, parameter]) => {
    const at: Path = ["claim", "region", path];
    const range = regionRangeSpec.safeParse(parameter).data;
    return rangeFindings(arms, path, { range, at, pathAt: { path: at, at: "key" }, isLog: range?.scale === "log" });
  });
  const criteria = Array.isArray(raw.criteria) ? raw.criteria : [];
  const ofCriteria = criteria.flatMap((criterion: unknown, index): readonly Finding[] => {
    if (!isRecord(criterion) || typeof criterion.holds !== "string") return [];
    return criterionFindings(criterion.holds, ["claim", "criteria", index, "holds"], { ...arms, chosen: raw.arms });
  });
  return [...narrowingFindings(raw, "claim", arms), ...ofRanges, ...ofCriteria];
}

function criterionFindings(holds: string, path: Path, arms: Arms & { readonly chosen: unknown }): readonly Finding[] {
  const refuse = (message: string): Finding[] => [{ path, at: "value", message }];
  try {
    const { left, right, relation } = parseRelation(holds);
    if (relation === "=") return refuse(`not a criterion: ${shown(holds)} (expected >= or <=)`);
    const labels = Array.isArray(arms.chosen) ? arms.chosen.map(String) : arms.labels;
    const named = [left, right].flatMap(referencesOf);
    if (named.length === 0) return refuse(`criterion without a measure: ${shown(holds)}`);
    return named.flatMap(({ arm, name }) => {
      if (arm !== undefined) return labels.includes(arm) ? [] : refuse(unknownArm(arm, labels));
      return labels.length < 2 ? [] : refuse(`measure without an arm: ${name} (expected ARM:${name})`);
    });
  } catch (error) {
    if (error instanceof ExpressionError) return refuse(error.message);
    throw error;
  }
}

/** What is wrong with a frontier, as far as its form is right: its challenger, the two axes and the range searched. */
export function frontierFindings(raw: unknown, arms: Arms): readonly Finding[] {
  if (!isRecord(raw)) return [];
  const findings: Finding[] = [...challengerFindings(raw, arms), ...narrowingFindings(raw, "frontier", arms)];
  for (const name of ["over", "lines"] as const) {
    const axis = axisSpec.safeParse(raw[name]).data;
    if (axis) findings.push(...axisFindings(axis, ["frontier", name], arms));
  }
  const range = frontierSpec.shape.find.safeParse(raw.find).data;
  if (!range) return findings;
  const at: Path = ["frontier", "find"];
  const pathAt = { path: [...at, "path"], at: "value" } as const;
  return [...findings, ...rangeFindings(arms, range.path, { range, at, pathAt, isLog: true })];
}

function challengerFindings(
  { challenger, arms: chosen }: Record<string, unknown>,
  { labels }: Arms,
): readonly Finding[] {
  const at: Path = ["frontier", "challenger"];
  if (typeof challenger !== "string") return [];
  if (!labels.includes(challenger)) return [{ path: at, at: "value", message: unknownArm(challenger, labels) }];
  if (!Array.isArray(chosen) || chosen.includes(challenger)) return [];
  return [{ path: at, at: "value", message: `challenger not among the arms: ${shown(challenger)}` }];
}

/** Comparing a word with every arm takes long where there are thousands. */
const mostCompared = 500;

function unknownArm(arm: string, labels: readonly string[]): string {
  const known = labels.filter((label) => label !== "").slice(0, mostCompared);
  const hint = known.length > 0 ? alternatives(arm, known) : " (expected a sweep whose points are the arms)";
  return `unknown arm: ${shown(arm)}${hint}`;
}

/** What is wrong with `arms` and `with`. A value must fit wherever its path exists, and its path must exist somewhere. */
export function narrowingFindings(raw: Record<string, unknown>, analysis: string, arms: Arms): readonly Finding[] {
  const chosen = Array.isArray(raw.arms) ? raw.arms : [];
  const ofArms = chosen.flatMap((arm, index): Finding[] =>
    typeof arm !== "string" || arms.labels.includes(arm)
      ? []
      : [{ path: [analysis, "arms", index], at: "value", message: unknownArm(arm, arms.labels) }],
  );
  const settings = isRecord(raw.with) ? Object.entries(raw.with) : [];
  const ofSettings = settings.flatMap(([path, value]): readonly Finding[] => {
    const writtenAt: Path = [analysis, "with", path];
    const found = documentWith(arms, path, { path: writtenAt, at: "key" });
    if ("findings" in found) return found.findings;
    return tryOut({ ...arms, document: found.document }, [{ path, value, writtenAt }]).findings;
  });
  return [...ofArms, ...ofSettings];
}

function axisFindings(axis: z.output<typeof axisSpec>, at: Path, arms: Arms): readonly Finding[] {
  const { path, values } = axis;
  const found = documentWith(arms, path, { path: [...at, "path"], at: "value" });
  if ("findings" in found) return found.findings;
  return values.flatMap(
    (value, index) => numberOf(found.document, path, { value, writtenAt: [...at, "values", index] }, arms).findings,
  );
}

type Where = Pick<Finding, "path" | "at">;

/** The first document in which the path selects something. */
function documentWith(
  arms: Arms,
  path: string,
  where: Where,
): { document: Document } | { findings: readonly Finding[] } {
  const key = experimentKey(path);
  if (key !== undefined) return { findings: [{ ...where, message: `nothing to vary: ${key} (it changes no run)` }] };
  let fault: string | undefined;
  for (const document of arms.documents) {
    const selected = select({ schema: arms.language.spec, value: document }, path);
    if (!("fault" in selected)) return { document };
    // The unknown kind is reported where it stands.
    if (selected.isBelowUnknownKind) return { findings: [] };
    fault ??= selected.fault;
  }
  return { findings: [{ ...where, message: fault ?? `unknown path: ${path}` }] };
}

interface Range {
  /** Undefined where its form is wrong: then only the path is checked. */
  readonly range: { readonly low: unknown; readonly high: unknown } | undefined;
  readonly at: Path;
  readonly pathAt: Where;
  readonly isLog: boolean;
}

function rangeFindings(arms: Arms, path: string, { range, at, pathAt, isLog }: Range): readonly Finding[] {
  const found = documentWith(arms, path, pathAt);
  if ("findings" in found) return found.findings;
  if (!range) return [];
  const ends = (["low", "high"] as const).map((end) => {
    return numberOf(found.document, path, { value: range[end], writtenAt: [...at, end] }, arms);
  });
  const findings = ends.flatMap((end) => end.findings);
  const [low, high] = ends.map((end) => end.value);
  const refuse = (end: string, message: string) => findings.push({ path: [...at, end], at: "value", message });
  if (low !== undefined && high !== undefined && low >= high) {
    refuse("high", `high not above low: ${shown(range.high)} (expected more than ${shown(range.low)})`);
  }
  if (isLog && low !== undefined && low <= 0) {
    refuse("low", `low too small: ${shown(range.low)} (expected more than 0 on a log scale)`);
  }
  return findings;
}

/** The number in SI that a written value stands for at the path, or what is wrong with it. */
function numberOf(document: Document, path: string, written: Omit<Setting, "path">, arms: Arms) {
  const trial = tryOut({ ...arms, document }, [{ path, ...written }]);
  const value = trial.resolved && numberAt(trial.resolved, path, arms.language.spec);
  if (value !== undefined || !trial.resolved) return { value, findings: trial.findings };
  const message = `not a number: ${shown(written.value)} (expected a path to numbers)`;
  return { value, findings: [{ path: written.writtenAt, at: "value", message } satisfies Finding] };
}
