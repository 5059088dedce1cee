/** Tells what a scenario means: the question, every value and whether it is the file's, what varies, what is taken for granted. */
import type { FigureUsed, WorldAccount } from "@shardlab/experiment";
import type { LoadedScenario, Scenario, ScenarioPoint } from "@shardlab/scenario";
import { assumptionLine } from "./explain-run.ts";
import { formatDuration, formatQuantity } from "./number-format.ts";
import { loadScenarios } from "./scenario-files.ts";
import { describedAt, type Notation, notationAt } from "./scenario-notation.ts";
import { exitCodes, type Terminal } from "./terminal.ts";
import { formatTable } from "./text-table.ts";

export interface ExplainScenarioOptions {
  readonly set?: readonly string[];
  readonly format: "text" | "json";
}

/** @property written as the file has it; undefined where it leaves the value out. */
interface Value {
  readonly path: string;
  readonly value: string | number | boolean;
  readonly written: string | undefined;
}

export async function explainScenario(
  file: string,
  options: ExplainScenarioOptions,
  terminal: Terminal,
): Promise<void> {
  const { scenarios, faults } = await loadScenarios([file], options.set ?? []);
  const [loaded] = scenarios;
  if (loaded === undefined) {
    for (const fault of faults) terminal.note(fault);
    terminal.exitWith(exitCodes.badInput);
    return;
  }
  const { estimateCost, planExperiment, worldAccount } = await import("@shardlab/experiment");
  const { scenarioJsonSchema } = await import("@shardlab/scenario");
  const { scenario } = loaded;
  const account = worldAccount(scenario.resolved);
  const values = valuesOf(scenario);
  if (options.format === "json") {
    const { resolved, hash, points } = scenario;
    const arms = points.map(({ coordinates }) => coordinates);
    terminal.print(JSON.stringify({ name: scenario.name, hash, resolved, arms, values, ...account }, null, 2));
  } else {
    const plan = planExperiment(scenario, { modelHash: "" });
    const designs = [...new Set(plan.tasks.map(({ design }) => design))].map(
      (design) => `${plan.tasks.filter((task) => task.design === design).length} ${design}`,
    );
    const cost = estimateCost(plan.tasks, 1);
    const size = `${plan.tasks.length} runs (${designs.join(", ")}), about ${formatDuration(cost.seconds)} on one core`;
    const schema = scenarioJsonSchema(scenario.language.form);
    for (const line of [
      ...cardLines(scenario, size),
      ...valueLines(values, schema, scenario.resolved),
      ...accountLines(account),
    ]) {
      terminal.print(line);
    }
  }
  terminal.note(`next: shardlab run ${file} --dry-run`);
}

function cardLines({ name, resolved, hash, points }: LoadedScenario, size: string): string[] {
  const { question, expect, reference, sweep, sensitivity, frontier, claim } = resolved;
  const facts = [
    ["question", question],
    ["expect", expect],
    ...(reference === undefined ? [] : [["reference", reference]]),
    ["world", `${resolved.engine}, ${resolved.resolution}, ${extentOf(resolved)}`],
    ["arms", armsText(points, Object.keys(sweep))],
    ["seeds", `${resolved.seeds.count}, from ${resolved.seeds.first}`],
    ...(sensitivity
      ? [["sensitivity", `of ${sensitivity.measure} to ${Object.keys(sensitivity.parameters).join(", ")}`]]
      : []),
    ...(frontier
      ? [["frontier", `${frontier.find.path} at which ${frontier.challenger} leads in ${frontier.measure}`]]
      : []),
    ...(claim ? [["claim", `${claim.statement} Over ${Object.keys(claim.region).join(", ")}`]] : []),
    ["in all", size],
    ["hash", hash],
  ];
  return [name, ...formatTable(facts, ["left", "left"]).map((line) => `  ${line}`)];
}

/** How far a run goes: time in the economy, updates in the swarm. */
const extentOf = (scenario: Scenario): string =>
  scenario.resolution === "events" ? `${scenario.training.updates} updates` : formatDuration(scenario.horizon);

const armsShown = 8;

function armsText(points: readonly ScenarioPoint[], swept: readonly string[]): string {
  if (points.length === 1) return "1";
  const labels = points.slice(0, armsShown).map(pointText);
  const more = points.length > armsShown ? `, and ${points.length - armsShown} more` : "";
  return `${points.length} (${swept.join(" x ")}): ${labels.join("; ")}${more}`;
}

const pointText = ({ coordinates }: ScenarioPoint): string => Object.values(coordinates).join(", ");

/** Parts of a scenario that are about the experiment rather than the world. */
const notOfTheWorld = new Set([
  "question",
  "expect",
  "reference",
  "runningTime",
  "yesIf",
  "seeds",
  "sweep",
  "sensitivity",
  "frontier",
  "claim",
  "measure",
  "plugins",
]);

function valuesOf({ document, resolved }: LoadedScenario): Value[] {
  const values: Value[] = [];
  const visit = (path: string, value: unknown, written: unknown): void => {
    if (Array.isArray(value)) {
      for (const [index, element] of value.entries())
        visit(`${path}.${nameOf(element) ?? index}`, element, at(written, index));
    } else if (typeof value === "object" && value !== null) {
      for (const [key, inner] of Object.entries(value))
        visit(path === "" ? key : `${path}.${key}`, inner, at(written, key));
    } else if (typeof value === "string" || typeof value === "number" || typeof value === "boolean") {
      values.push({ path, value, written: written === undefined ? undefined : String(written) });
    }
  };
  for (const [key, value] of Object.entries(resolved satisfies Scenario)) {
    if (!notOfTheWorld.has(key)) visit(key, value, at(document, key));
  }
  return values;
}

const at = (value: unknown, key: string | number): unknown =>
  typeof value === "object" && value !== null ? (value as Record<string | number, unknown>)[key] : undefined;

const nameOf = (element: unknown): string | undefined => {
  const name = at(element, "name") ?? at(element, "group");
  return typeof name === "string" ? name : undefined;
};

/** Values of one part, such as `market`: those of the file first, then the defaults, each with what it means. */
function valueLines(values: readonly Value[], schema: object, resolved: Scenario): string[] {
  const lines: string[] = [];
  const partOf = ({ path }: Value): string => (path.includes(".") ? path.slice(0, path.lastIndexOf(".")) : "");
  for (const part of new Set(values.map(partOf))) {
    const ofPart = values.filter((value) => partOf(value) === part);
    const rows = [false, true].flatMap((isDefault) =>
      ofPart
        .filter(({ written }) => (written === undefined) === isDefault)
        .map(({ path, value, written }) => {
          const leaf = path.slice(path.lastIndexOf(".") + 1);
          const shown = written ?? shownIn(value, notationAt(schema, path, resolved));
          return [leaf, shown, isDefault ? "default" : "file", meaningAt(schema, path, resolved)];
        }),
    );
    lines.push("", part === "" ? "world" : part);
    lines.push(...formatTable(rows, ["left", "right", "left", "left"]).map((line) => `  ${line}`));
  }
  return lines;
}

/** What the schema says of a parameter, unless that is its unit alone, which the value shows. */
function meaningAt(schema: object, path: string, resolved: Scenario): string {
  const description = describedAt(schema, path, resolved);
  return /^an? .*\([^)]*\)$/.test(description) ? "" : description;
}

function shownIn(value: string | number | boolean, notation: Notation): string {
  return typeof value === "number" ? notation.write(value) : String(value);
}

function accountLines({ assumptions, figures }: WorldAccount): string[] {
  const rows = figures.map(({ of, what, value, unit, source }: FigureUsed) => [
    of,
    what,
    value === null ? "" : formatQuantity(value, unit),
    source.sureness,
    source.citation,
  ]);
  const behind = [
    "",
    "figures behind it (primary: read in the original; secondary: in an account of it; recalled: not looked up again)",
    ...formatTable(rows, ["left", "left", "right", "left", "left"]).map((line) => `  ${line}`),
  ];
  return [
    ...(figures.length > 0 ? behind : []),
    "",
    "what it takes for granted",
    ...assumptions.map((assumption) => `  ${assumptionLine(assumption)}`),
  ];
}
