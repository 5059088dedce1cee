/** The parts of a sweep: lists, ranges, zips and samples, each a list of rows that are set together. */
import { shown } from "@shardlab/contracts";
import type { Finding, Path } from "./fault.ts";
import { type RangeFault, type RawRange, rangeValues } from "./range-values.ts";
import { sampleIndices, sampleValues } from "./sample-values.ts";
import { isRecord } from "./schema-place.ts";
import type { SweepPartKind } from "./sweep-size.ts";
import { axisValuesSpec, columnSpec, drawnSpec, sampleSpec, sweepWords } from "./sweep-spec.ts";
import { labelOf, type Setting } from "./variation.ts";

/** A path and the labels of which it has to have one, for a part of the sweep to apply. */
export interface WhenCondition {
  readonly path: string;
  readonly labels: readonly string[];
  readonly writtenAt: Path;
}

export interface Block {
  readonly kind: SweepPartKind;
  readonly paths: readonly string[];
  readonly writtenAt: Path;
  readonly rows: readonly (readonly Setting[])[];
  readonly when: readonly WhenCondition[];
}

export interface ReadSweep {
  readonly blocks: readonly Block[];
  /** The conditions of `where`, as they are written. */
  readonly where: readonly string[];
  readonly findings: readonly Finding[];
  /** Paths that are swept, with those of parts whose form is wrong. */
  readonly paths: readonly { readonly path: string; readonly writtenAt: Path }[];
}

type Refuse = (finding: Finding) => void;
type Raw = Readonly<Record<string, unknown>>;

/** The parts of a sweep whose form is right, whatever else is wrong. */
export function readSweep(raw: unknown): ReadSweep {
  const blocks: Block[] = [];
  const findings: Finding[] = [];
  const paths: { path: string; writtenAt: Path }[] = [];
  const refuse: Refuse = (finding) => findings.push(finding);
  for (const [key, value] of isRecord(raw) ? Object.entries(raw) : []) {
    if (key === "where") continue;
    const at: Path = ["sweep", key];
    if (key !== "zip" && key !== "sample") {
      paths.push({ path: key, writtenAt: at });
      blocks.push(...axisBlock(key, value, at, refuse));
      continue;
    }
    for (const [part, partAt] of oneOrMore(value, at)) {
      const columns = key === "zip" ? withoutWhen(part) : part.over;
      const columnsAt = key === "zip" ? partAt : [...partAt, "over"];
      for (const path of isRecord(columns) ? Object.keys(columns) : [])
        paths.push({ path, writtenAt: [...columnsAt, path] });
      blocks.push(...(key === "zip" ? zipBlock(part, partAt, refuse) : sampleBlock(part, partAt, refuse)));
    }
  }
  const where = isRecord(raw) ? sweepWords.where.safeParse(raw.where).data : undefined;
  return { blocks, where: where ?? [], findings, paths };
}

const oneOrMore = (value: unknown, at: Path): readonly (readonly [Raw, Path])[] => {
  if (isRecord(value)) return [[value, at]];
  const list: readonly unknown[] = Array.isArray(value) ? value : [];
  return list.flatMap((part, index) => (isRecord(part) ? [[part, [...at, index]] as const] : []));
};

const withoutWhen = ({ when: _when, ...columns }: Raw): Raw => columns;

function axisBlock(path: string, raw: unknown, at: Path, refuse: Refuse): readonly Block[] {
  if (!axisValuesSpec.safeParse(raw).success) return [];
  const settings = columnSettings(path, raw, at, refuse);
  if (settings.length === 0) return [];
  refuseRepeated(settings, refuse);
  const isRange = isRecord(raw) && !Object.hasOwn(raw, "values");
  const rows = settings.map((setting) => [setting]);
  return [{ kind: isRange ? "range" : "list", paths: [path], writtenAt: at, rows, when: whenOf(raw, at) }];
}

function whenOf(raw: unknown, at: Path): readonly WhenCondition[] {
  const when = isRecord(raw) && isRecord(raw.when) ? Object.entries(raw.when) : [];
  return when.map(([path, value]) => {
    const labels = (Array.isArray(value) ? value : [value]).filter((label) => typeof label !== "object").map(String);
    return { path, labels, writtenAt: [...at, "when", path] };
  });
}

/** The settings of one path: what is listed, or what lies in the range. */
function columnSettings(path: string, raw: unknown, at: Path, refuse: Refuse): readonly Setting[] {
  const listed = (values: readonly unknown[], valuesAt: Path): readonly Setting[] =>
    values.map((value, index) => ({ path, value, writtenAt: [...valuesAt, index], pathAt: at }));
  if (Array.isArray(raw)) return listed(raw, at);
  if (!isRecord(raw)) return [];
  if (Array.isArray(raw.values)) return listed(raw.values, [...at, "values"]);
  const range = rangeValues(raw as unknown as RawRange);
  if ("fault" in range) {
    refuse(rangeFinding(range.fault, raw, at));
    return [];
  }
  return range.values.map((value, index, { length }) => {
    const end = index === 0 ? ["from"] : index === length - 1 ? ["to"] : [];
    return { path, value, writtenAt: [...at, ...end], pathAt: at };
  });
}

const rangeFinding = ({ key, message }: RangeFault, raw: Raw, at: Path): Finding => ({
  path: Object.hasOwn(raw, key) ? [...at, key] : at,
  at: "value",
  message,
});

/** Refuses values that are called the same, which would be one point twice. */
function refuseRepeated(settings: readonly Setting[], refuse: Refuse): void {
  const seen = new Set<unknown>();
  for (const { value, writtenAt } of settings) {
    const label = labelOf(value);
    const hint = isRecord(value) ? " (expected a label of its own)" : "";
    if (seen.has(label)) refuse({ path: writtenAt, at: "value", message: `duplicate value: ${shown(label)}${hint}` });
    seen.add(label);
  }
}

function zipBlock(raw: Raw, at: Path, refuse: Refuse): readonly Block[] {
  const columns = Object.entries(withoutWhen(raw));
  if (columns.length === 0) {
    refuse({ path: at, at: "value", message: "empty zip (expected paths with values)" });
    return [];
  }
  if (columns.some(([, values]) => !columnSpec.safeParse(values).success)) return [];
  const settings = columns.map(([path, values]) => columnSettings(path, values, [...at, path], refuse));
  const [first = []] = settings;
  if (settings.some((column) => column.length === 0)) return [];
  for (const [index, column] of settings.entries()) {
    if (column.length === first.length) continue;
    const [name = "", other = ""] = [columns[index]?.[0], columns[0]?.[0]].map(shown);
    const message = `zip of different lengths: ${name} has ${column.length}, ${other} has ${first.length}`;
    refuse({ path: [...at, columns[index]?.[0] ?? ""], at: "key", message });
  }
  if (settings.some((column) => column.length !== first.length)) return [];
  const rows = first.map((_, row) => settings.map((column) => column[row] as Setting));
  const distinct = distinctRows(rows);
  for (const row of rows.filter((row) => !distinct.includes(row))) {
    const [setting] = row;
    if (setting)
      refuse({
        path: setting.writtenAt,
        at: "value",
        message: `duplicate values: ${labelsOf(row).map(shown).join(", ")}`,
      });
  }
  return [{ kind: "zip", paths: columns.map(([path]) => path), writtenAt: at, rows, when: whenOf(raw, at) }];
}

const labelsOf = (row: readonly Setting[]) => row.map(({ value }) => labelOf(value));

/** The rows without those that repeat an earlier one. */
function distinctRows(rows: readonly (readonly Setting[])[]): readonly (readonly Setting[])[] {
  const byLabels = new Map<string, readonly Setting[]>();
  for (const row of rows) {
    const key = JSON.stringify(labelsOf(row));
    if (!byLabels.has(key)) byLabels.set(key, row);
  }
  return [...byLabels.values()];
}

function sampleBlock(raw: Raw, at: Path, refuse: Refuse): readonly Block[] {
  const plan = sampleSpec.safeParse(raw).data;
  if (!plan) return [];
  const columns = Object.entries(raw.over as Raw).map(([path, values]) => {
    const columnAt: Path = [...at, "over", path];
    if (Array.isArray(values)) {
      const choices = columnSettings(path, values, columnAt, refuse);
      refuseRepeated(choices, refuse);
      return sampleIndices(path, choices.length, plan).map((index) => choices[index] as Setting);
    }
    const drawn = drawnSpec.safeParse(values).success && sampleValues(path, values as RawRange, plan);
    if (drawn && "values" in drawn)
      return drawn.values.map((value) => ({ path, value, writtenAt: columnAt, pathAt: columnAt }));
    if (drawn) refuse(rangeFinding(drawn.fault, values as Raw, columnAt));
    return [];
  });
  if (columns.some((column) => column.length === 0)) return [];
  const rows = Array.from({ length: plan.points }, (_, row) => columns.map((column) => column[row] as Setting));
  const paths = Object.keys(raw.over as Raw);
  return [{ kind: plan.method, paths, writtenAt: at, rows: distinctRows(rows), when: whenOf(raw, at) }];
}
