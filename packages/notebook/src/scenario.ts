/** A scenario file as a value that a cell can change. */
import { readFileSync } from "node:fs";
import { loadPluginsOf, type MechanismPlugin } from "@shardlab/experiment";
import { armLabel, formatFault, type LoadedScenario, loadScenario } from "@shardlab/scenario";

/** What a person can act on in a cell: a fault in a file, a name that is not there. */
export class NotebookError extends Error {
  override readonly name = "NotebookError";
}

/** Dotted path to the value that it is to have, in the notation of the file: `{ "models.*.hazard": "40 %/y" }`. */
export type Changes = Readonly<Record<string, unknown>>;

/**
 * A scenario, checked.
 *
 * @property name under which its runs are stored.
 * @property arms labels of the points of its sweep.
 * @property runs how many runs the main design has: arms times seeds.
 */
export interface NotebookScenario {
  readonly file: string;
  readonly name: string;
  readonly question: string;
  readonly expect: string;
  readonly arms: readonly string[];
  readonly runs: number;
  /**
   * The same scenario with some values changed, and a name of its own.
   * @throws NotebookError with every fault, each with the path that it concerns.
   */
  with(changes: Changes, options?: { readonly name?: string }): NotebookScenario;
  /** What the loader made of the file. */
  readonly loaded: LoadedScenario;
}

/**
 * Reads and checks a scenario file.
 *
 * @param file path, relative to the notebook's folder or absolute.
 * @throws NotebookError with every fault: line, column, what was expected.
 */
export async function openScenario(file: string): Promise<NotebookScenario> {
  let source: Uint8Array;
  try {
    source = readFileSync(file);
  } catch (error) {
    throw new NotebookError(`cannot read ${file}: ${(error as NodeJS.ErrnoException).code}`);
  }
  const { mechanisms, faults } = await loadPluginsOf(source, file);
  if (faults.length > 0) throw new NotebookError(faults.map((fault) => formatFault(file, fault)).join("\n"));
  return scenarioOf({ file, source, mechanisms }, []);
}

interface ReadFile {
  readonly file: string;
  readonly source: Uint8Array;
  readonly mechanisms: readonly MechanismPlugin[];
}

function scenarioOf(read: ReadFile, overrides: readonly string[], name?: string): NotebookScenario {
  const { file, source, mechanisms } = read;
  const result = loadScenario(source, { file, overrides, mechanisms });
  if (!result.ok) throw new NotebookError(result.faults.map((fault) => formatFault(file, fault)).join("\n"));
  const loaded: LoadedScenario = name === undefined ? result.scenario : { ...result.scenario, name: checkedName(name) };
  const { resolved, points } = loaded;
  return {
    file,
    name: loaded.name,
    question: resolved.question,
    expect: resolved.expect,
    arms: points.map(armLabel),
    runs: points.length * resolved.seeds.count,
    with: (changes, options) => scenarioOf(read, [...overrides, ...settings(changes)], options?.name ?? name),
    loaded,
  };
}

const settings = (changes: Changes): string[] =>
  Object.entries(changes).map(([path, value]) => `${path}=${JSON.stringify(value)}`);

function checkedName(name: string): string {
  if (!/^[\w][\w.-]{0,99}$/.test(name)) {
    throw new NotebookError(
      `invalid name: ${name} (expected letters, digits, dots and dashes, such as twice-the-outlay)`,
    );
  }
  return name;
}
