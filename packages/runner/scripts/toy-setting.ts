/** What tests of whole runs begin with: entries that processes can start, and folders that are gone afterwards. */
import { rmSync } from "node:fs";
import { afterAll, beforeAll } from "vitest";
import { type BundledEntries, bundleEntries } from "./bundle-entries.ts";
import { newFolder, type ToyTrained, type ToyTraining, trainToy } from "./toy-checks.ts";

export interface ToySetting {
  /** There once the tests have begun. */
  readonly entries: BundledEntries;
  readonly folder: () => string;
  readonly train: (options: Omit<ToyTraining, "entries">) => Promise<ToyTrained>;
}

/** Called at the top of a file of tests. @param name of the file, so that tests do not meet. */
export function toySetting(name: string): ToySetting {
  let entries: BundledEntries | undefined;
  const folders: string[] = [];
  beforeAll(async () => {
    entries = await bundleEntries(name);
  });
  afterAll(() => {
    entries?.remove();
    for (const folder of folders) rmSync(folder, { recursive: true, force: true });
  });
  const setting: ToySetting = {
    get entries() {
      if (entries === undefined) throw new Error(`no entries yet: ${name}`);
      return entries;
    },
    folder: () => {
      const path = newFolder();
      folders.push(path);
      return path;
    },
    train: ({ directory = setting.folder(), ...options }) =>
      trainToy({ ...options, directory, entries: setting.entries }),
  };
  return setting;
}
