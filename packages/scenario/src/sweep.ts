/** Sweeps: the points of a scenario, each a document of its own, and what is wrong with their values. */
import { shown } from "@shardlab/contracts";
import { experimentFields } from "./experiment-card.ts";
import type { Finding } from "./fault.ts";
import type { Coordinate, ScenarioPoint } from "./loaded-scenario.ts";
import { type Block, type ReadSweep, readSweep } from "./sweep-blocks.ts";
import { applies, WhereConditions, whenFindings } from "./sweep-conditions.ts";
import type { SweepSize } from "./sweep-size.ts";
import { type Ground, identity, labelOf, type Setting, sweptPathFinding, Variation } from "./variation.ts";

/** More points than this are more likely a slip than a plan. */
export const mostPoints = 10_000;
/** Combinations that conditions may choose the points from. */
export const mostCombinations = 30_000;

export interface ExpandedSweep {
  readonly points: readonly ScenarioPoint[];
  /** Labels and documents of all points, of those too that do not resolve. */
  readonly labels: readonly string[];
  readonly documents: readonly Ground["document"][];
  readonly findings: readonly Finding[];
  readonly size: SweepSize;
}

/** The first segment of a path that changes no run, such as `seeds`. */
export function experimentKey(path: string): string | undefined {
  const key = /^[^.[]*/.exec(path)?.[0] ?? "";
  return Object.hasOwn(experimentFields, key) ? key : undefined;
}

/** The points of a sweep, and everything that is wrong with it, apart from the form that its schema checks. */
export function expandSweep(raw: unknown, ground: Ground): ExpandedSweep {
  const sweep = readSweep(raw);
  const expansion = new Expansion(sweep, ground);
  const tooMany = sizeFinding(sweep);
  if (tooMany) expansion.report([tooMany]);
  else expansion.run();
  const findings = [
    ...sweep.findings,
    ...pathFindings(sweep, ground),
    ...whenFindings(sweep, ground),
    ...expansion.findings,
  ];
  const { points, labels, documents, size } = expansion;
  return { points, labels, documents, findings, size };
}

/** What is wrong with the paths themselves: those that change no run, and those of parts that cannot be read. */
function pathFindings(sweep: ReadSweep, ground: Ground): readonly Finding[] {
  const varied = new Variation(ground);
  const isRead = (path: string): boolean => sweep.blocks.some((block) => block.paths.includes(path));
  return sweep.paths.flatMap(({ path, writtenAt }): Finding[] => {
    const key = experimentKey(path);
    const ofExperiment = {
      path: writtenAt,
      at: "key",
      message: `nothing to sweep: ${key} (it changes no run)`,
    } as const;
    const selected = isRead(path) ? undefined : varied.stateOf(path).select(path);
    const isWrong = selected !== undefined && "fault" in selected && !selected.isBelowUnknownKind;
    return [...(key === undefined ? [] : [ofExperiment]), ...(isWrong ? [sweptPathFinding(writtenAt, selected)] : [])];
  });
}

/** A fault where there are too many combinations, as far as that is known without making them. */
function sizeFinding({ blocks, where }: ReadSweep): Finding | undefined {
  const isConditional = blocks.some(({ when }) => when.length > 0);
  const size = blocks.reduce((product, { rows }) => product * rows.length, 1);
  const limit = where.length > 0 ? mostCombinations : mostPoints;
  if (isConditional || size <= limit) return undefined;
  return tooManyPoints(`${size}`, limit, where.length > 0);
}

const tooManyPoints = (size: string, limit: number, isBeforeWhere: boolean): Finding => {
  const [noun, hint] = isBeforeWhere ? ["combinations", " before the conditions"] : ["points", ""];
  return { path: ["sweep"], at: "key", message: `too many ${noun}: ${size} (expected at most ${limit}${hint})` };
};

/** Findings at one place beyond these are of one cause, such as a range that is out of bounds. */
const mostAtOnePlace = 3;

/** Walks through all combinations in file order, the last part varying fastest. */
class Expansion {
  readonly points: ScenarioPoint[] = [];
  readonly labels: string[] = [];
  readonly documents: Ground["document"][] = [];
  readonly findings: Finding[] = [];
  readonly #blocks: readonly Block[];
  readonly #where: WhereConditions;
  readonly #sweep: ReadSweep;
  readonly #ground: Ground;
  readonly #reported = new Set<unknown>();
  readonly #atPlace = new Map<string, number>();
  #combinations = 0;
  #isFull = false;

  constructor(sweep: ReadSweep, ground: Ground) {
    this.#sweep = sweep;
    this.#blocks = sweep.blocks;
    this.#ground = ground;
    this.#where = new WhereConditions(sweep.where, ground);
  }

  run(): void {
    this.#walk(0, new Variation(this.#ground), new Map());
    this.#where.finish();
    this.report(this.#where.findings);
    if (this.labels.length === 0 && this.#combinations > 0 && this.findings.length === 0) {
      this.report([{ path: ["sweep", "where"], at: "key", message: "no points: the conditions leave out every one" }]);
    }
  }

  get size(): SweepSize {
    return {
      parts: this.#blocks.map(({ kind, paths, rows, when }) => ({
        ...{ kind, paths, values: rows.length },
        ...(when.length > 0 && { when: when.map(({ path, labels }) => `${path}: ${labels.join(" or ")}`).join(", ") }),
      })),
      combinations: this.#combinations,
      conditions: this.#sweep.where.map((where, index) => ({ where, leavesOut: this.#where.leftOut[index] ?? 0 })),
      points: this.points.length,
    };
  }

  /** Keeps findings that are new, a few for each place. */
  report(findings: readonly Finding[]): void {
    for (const finding of findings) {
      const key = identity(finding);
      const place = JSON.stringify(finding.path);
      const here = this.#atPlace.get(place) ?? 0;
      if (this.#reported.has(key) || here >= mostAtOnePlace) continue;
      this.#reported.add(key);
      this.#atPlace.set(place, here + 1);
      this.findings.push(finding);
    }
  }

  #walk(depth: number, varied: Variation, coordinates: ReadonlyMap<string, Coordinate>): void {
    const block = this.#blocks[depth];
    if (!block) {
      this.#arrive(varied, coordinates);
      return;
    }
    if (!applies(block.when, varied, coordinates)) {
      this.#walk(depth + 1, varied, coordinates);
      return;
    }
    const twice = block.paths.find((path) => coordinates.has(path));
    if (twice !== undefined) {
      this.report([{ path: block.writtenAt, at: "key", message: `swept twice at one point: ${shown(twice)}` }]);
    }
    for (const row of block.rows) {
      if (this.#isFull) return;
      this.#walk(depth + 1, varied.with(row), withLabels(coordinates, row));
    }
  }

  #arrive(varied: Variation, coordinates: ReadonlyMap<string, Coordinate>): void {
    const isLimitedByWhere = this.#sweep.where.length > 0;
    this.#combinations += 1;
    const limit = isLimitedByWhere ? mostCombinations : mostPoints;
    if (this.#combinations > limit) {
      this.#stop(tooManyPoints(`more than ${limit}`, limit, isLimitedByWhere));
      return;
    }
    const { touched, resolved } = varied;
    for (const state of touched) if (!this.#reported.has(state)) this.report(state.findings);
    for (const state of touched) this.#reported.add(state);
    if (resolved && !this.#where.hold(varied)) return;
    this.labels.push([...coordinates.values()].join(", "));
    if (this.labels.length > mostPoints) {
      this.#stop(tooManyPoints(`more than ${mostPoints}`, mostPoints, false));
      return;
    }
    this.report(varied.contradictions());
    const { document } = varied;
    this.documents.push(document);
    if (!resolved || this.findings.length > 0 || this.#ground.known.size > 0) return;
    this.points.push({
      index: this.points.length,
      coordinates: Object.fromEntries(coordinates),
      resolved,
      hash: varied.hash,
      document,
    });
  }

  #stop(finding: Finding): void {
    this.#isFull = true;
    this.report([finding]);
  }
}

function withLabels(coordinates: ReadonlyMap<string, Coordinate>, row: readonly Setting[]): Map<string, Coordinate> {
  const labelled = new Map(coordinates);
  for (const { path, value } of row) labelled.set(path, labelOf(value));
  return labelled;
}
