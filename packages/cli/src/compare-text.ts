/** A comparison, as text for a terminal. */
import type { ComparisonReport, ComparisonRow, EffectSize, SettingDifference } from "@shardlab/experiment";
import { correctionText, placeOf } from "./compare-figure.ts";
import { type ComparedSide, outcomeOf, type Sides } from "./compare-outcome.ts";
import { meaningOf } from "./measure-meaning.ts";
import { formatQuantity, formatRange } from "./number-format.ts";
import { type Alignment, formatTable } from "./text-table.ts";

const none = "-";
const fewestShownP = 1e-4;

const formatP = (value: number | null): string => {
  if (value === null) return none;
  return value < fewestShownP ? "<0.0001" : value.toPrecision(2);
};

const formatEffect = (effect: EffectSize | null): string =>
  effect === null
    ? none
    : `${effect.value.toFixed(2)} (${effect.ci95[0].toFixed(2)} to ${effect.ci95[1].toFixed(2)})`.replaceAll("-", "−");

/** A difference with its sign, in the unit of its measure; shares differ by percentage points. */
function signed(value: number, unit: string): string {
  const text = formatQuantity(value, unit);
  return value > 0 ? `+${text}` : text;
}

function verdictText(row: ComparisonRow): string {
  const outcome = outcomeOf(row);
  return outcome === "better" || outcome === "worse" ? `${row.verdict}, ${outcome}` : row.verdict;
}

function cellsOf(row: ComparisonRow, isSimultaneous: boolean, isFirst: boolean): string[] {
  const { unit, left, right, difference, relative, effect, pValue, adjustedP, mdd } = row;
  const interval = isSimultaneous ? row.simultaneous95 : row.ci95;
  return [
    isFirst ? meaningOf(row.measure).label : "",
    placeOf(row),
    formatQuantity(left, unit),
    formatQuantity(right, unit),
    signed(difference, unit),
    interval === null ? none : formatRange(interval[0], interval[1], unit),
    relative === null ? none : `${relative > 0 ? "+" : ""}${formatQuantity(relative, "share")}`,
    formatEffect(effect),
    formatP(pValue),
    formatP(adjustedP),
    mdd === null ? none : formatQuantity(mdd, unit),
    verdictText(row),
  ];
}

const header = (isSimultaneous: boolean): string[] => [
  ...["measure", "arms", "A", "B", "A − B", isSimultaneous ? "simultaneous 95 %" : "95 % interval"],
  ...["relative", "effect", "p", "p adjusted", "detectable", "verdict"],
];

const alignments: readonly Alignment[] = [
  ...["left", "left", "right", "right", "right", "right"],
  ...["right", "right", "right", "right", "right", "left"],
] as Alignment[];

/** Rows by measure, each measure named once. */
function tableLines({ rows }: ComparisonReport, isSimultaneous: boolean): string[] {
  const measures = [...new Set(rows.map(({ measure }) => measure))];
  const cells = measures.flatMap((measure) =>
    rows.filter((row) => row.measure === measure).map((row, index) => cellsOf(row, isSimultaneous, index === 0)),
  );
  return formatTable([header(isSimultaneous), ...cells], alignments);
}

const sideLine = (name: string, { experiment, arms, directory }: ComparedSide): string =>
  `${name}: ${experiment}, ${arms} (${directory})`;

const settingsShown = 12;

const settingText = (value: SettingDifference["left"]): string =>
  value === undefined ? "absent" : typeof value === "string" ? value : JSON.stringify(value);

function settingLines({ settings, modelHashes }: ComparisonReport): string[] {
  const lines = settings
    .slice(0, settingsShown)
    .map(({ path, left, right }) => `  ${path}: ${settingText(left)} | ${settingText(right)}`);
  const more = settings.length > settingsShown ? [`  and ${settings.length - settingsShown} more`] : [];
  const isOtherModel = modelHashes.left !== modelHashes.right;
  return [
    ...(settings.length > 0 ? ["settings that differ, A | B, in SI:", ...lines, ...more] : ["settings: the same"]),
    ...(isOtherModel
      ? [
          `warning: the model's code differs: ${modelHashes.left} and ${modelHashes.right}; differences may come from it`,
        ]
      : []),
  ];
}

/** How the rows were compared, and how far their intervals and p-values can be read together. */
function methodLines(report: ComparisonReport, isSimultaneous: boolean): string[] {
  const { rows, correction, tested } = report;
  const paired = rows.filter(({ method }) => method === "paired");
  const countOf = (some: readonly ComparisonRow[]): string => {
    const counts = [...new Set(some.flatMap(({ seeds }) => [seeds.left, seeds.right]))].sort((x, y) => x - y);
    return counts.length === 1 ? String(counts[0]) : `${counts[0]} to ${counts.at(-1)}`;
  };
  const welch = rows.filter(({ method }) => method === "welch");
  return [
    ...(paired.length > 0 ? [`paired by ${countOf(paired)} shared seeds: Student's t, effect g_z`] : []),
    ...(welch.length > 0
      ? [
          `${paired.length > 0 ? "others by" : "too few shared seeds to pair by:"} Welch's t over ${countOf(welch)} seeds, effect g`,
        ]
      : []),
    `p-values ${correctionText(report)}; verdicts are by adjusted p-values at 5 %`,
    isSimultaneous
      ? `intervals hold together with 95 % (Bonferroni over ${tested} rows)`
      : `intervals are for each row by itself${correction === "none" ? "" : ", so that one may leave out zero where the verdict does not"}; --simultaneous for intervals that hold together`,
    "detectable: the true difference that so many seeds would show with probability 0.8, by itself",
  ];
}

function cautionLines({ rows, skipped, onlyLeft, onlyRight }: ComparisonReport): string[] {
  const places = new Map<string, string[]>();
  const note = (caution: string, measure: string, arms: string): void => {
    places.set(caution, [...(places.get(caution) ?? []), `${meaningOf(measure).label} (${arms})`]);
  };
  for (const { measure, arms, reason } of skipped) note(`not compared, ${reason}`, measure, arms);
  for (const row of rows) for (const caution of row.cautions) note(caution, row.measure, placeOf(row));
  return [
    ...(onlyLeft.length > 0 ? [`only in A: ${onlyLeft.join("; ")}`] : []),
    ...(onlyRight.length > 0 ? [`only in B: ${onlyRight.join("; ")}`] : []),
    ...(places.size > 0 ? ["", "careful:"] : []),
    ...[...places].map(([caution, where]) => `  ${caution}: ${where.join(", ")}`),
  ];
}

/** The whole answer, line by line. */
export function comparisonLines(report: ComparisonReport, { left, right }: Sides, isSimultaneous: boolean): string[] {
  return [
    sideLine("A", left),
    sideLine("B", right),
    ...settingLines(report),
    "",
    ...tableLines(report, isSimultaneous),
    "",
    ...methodLines(report, isSimultaneous),
    ...cautionLines(report),
  ];
}
