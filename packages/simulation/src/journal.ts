/** What a node has written durably, across its lives. */
import type { Plain } from "@shardlab/contracts";

export interface JournalOptions {
  readonly writeSeconds: number;
  /** Whether an entry makes all before it needless. */
  readonly isSnapshot?: (entry: Plain) => boolean;
}

/** Entries are written one after the other, each in `writeSeconds`; a crash loses those that are not written yet. */
export class Journal {
  private readonly options: JournalOptions;
  private entries: Plain[] = [];
  private durableAt: number[] = [];

  constructor(options: JournalOptions) {
    this.options = options;
  }

  /** When everything so far is durable. */
  get durableSeconds(): number {
    return this.durableAt.length > 0 ? this.durableAt[this.durableAt.length - 1] : 0;
  }

  append(entry: Plain, nowSeconds: number): void {
    const durable = Math.max(this.durableSeconds, nowSeconds) + this.options.writeSeconds;
    if (this.options.isSnapshot?.(entry)) this.dropBefore(nowSeconds);
    this.entries.push(entry);
    this.durableAt.push(durable);
  }

  /** Loses what is not written yet. */
  crash(nowSeconds: number): void {
    while (this.durableAt.length > 0 && this.durableSeconds > nowSeconds) {
      this.entries.pop();
      this.durableAt.pop();
    }
  }

  /** What a new life finds: its own copies. */
  read(): Plain[] {
    return structuredClone(this.entries);
  }

  get length(): number {
    return this.entries.length;
  }

  /** Forgets what a durable snapshot before this one made needless: were this one lost, that one would be read. */
  private dropBefore(nowSeconds: number): void {
    let last = this.entries.length - 1;
    while (last > 0 && !(this.options.isSnapshot?.(this.entries[last]) && this.durableAt[last] <= nowSeconds))
      last -= 1;
    if (last <= 0) return;
    this.entries = this.entries.slice(last);
    this.durableAt = this.durableAt.slice(last);
  }
}
