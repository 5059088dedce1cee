/** The journal of a role, with what its host has to remember beside it. */
import type { Plain } from "@shardlab/contracts";
import { Journal } from "./journal.ts";

/** Length at which what a snapshot makes needless is dropped. */
const longestBytes = 4 * 2 ** 20;

export class RoleJournal {
  private readonly journal: Journal;
  private readonly isSnapshot: (entry: Plain) => boolean;
  private readonly compactAbove: number;
  /** All of the host, and those of the role that count. */
  readonly hostEntries: Plain[] = [];
  readonly roleEntries: readonly Plain[];

  /** @param isSnapshot whether an entry of the role makes all its earlier ones needless. */
  constructor(path: string, isSnapshot: (entry: Plain) => boolean, compactAbove = longestBytes) {
    this.journal = new Journal(path);
    this.isSnapshot = isSnapshot;
    this.compactAbove = compactAbove;
    const roleEntries: Plain[] = [];
    for (const entry of this.journal.entries) {
      const { host, role } = entry as { host?: Plain; role?: Plain };
      if (host !== undefined) this.hostEntries.push(host);
      if (role !== undefined) roleEntries.push(role);
    }
    this.roleEntries = roleEntries.slice(Math.max(0, roleEntries.findLastIndex(isSnapshot)));
  }

  /** On return the entry is on disk. */
  appendHost(entry: Plain): void {
    this.journal.append({ host: entry });
    this.hostEntries.push(entry);
  }

  append(entry: Plain): void {
    if (this.journal.bytes > this.compactAbove && this.isSnapshot(entry))
      this.journal.replace([...this.hostEntries.map((host) => ({ host })), { role: entry }]);
    else this.journal.append({ role: entry });
  }
}
