/** Checks files without running anything: scenarios, and games whose payoffs are written down. */
import { InputError } from "./input-error.ts";
import { loadScenarios, readInput } from "./scenario-files.ts";

export interface ValidatedFiles {
  readonly valid: readonly string[];
  /** One formatted fault each, over all files. */
  readonly faults: readonly string[];
  /** Valid files that are games and no scenarios. */
  readonly games: readonly string[];
}

/** Loads every file, so that a person sees all faults of all files at once. */
export async function validateFiles(files: readonly string[]): Promise<ValidatedFiles> {
  const { formatFault, loadGameFile } = await import("@shardlab/scenario");
  const valid: string[] = [];
  const faults: string[] = [];
  const games: string[] = [];
  for (const file of files) {
    const source = await gameSource(file);
    if (source === undefined) {
      const loaded = await loadScenarios([file], []);
      valid.push(...loaded.scenarios.map(({ file: known }) => known));
      faults.push(...loaded.faults);
      continue;
    }
    const loaded = loadGameFile(source, { file });
    if (loaded.ok) {
      valid.push(file);
      games.push(file);
    } else faults.push(...loaded.faults.map((fault) => formatFault(file, fault)));
  }
  return { valid, faults, games };
}

/** The bytes of a game file; undefined for any other, and for one that cannot be read, which is told where it is loaded. */
async function gameSource(file: string): Promise<Buffer | undefined> {
  const { isGameFile } = await import("@shardlab/scenario");
  try {
    const source = readInput(file);
    return isGameFile(source) ? source : undefined;
  } catch (error) {
    if (error instanceof InputError) return undefined;
    throw error;
  }
}
