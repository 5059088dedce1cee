/** Claims: files that keep two processes, on one machine or on several that share a file system, from making the same run. */
import { randomUUID } from "node:crypto";
import {
  closeSync,
  fstatSync,
  linkSync,
  openSync,
  readdirSync,
  readFileSync,
  rmdirSync,
  statSync,
  unlinkSync,
  writeFileSync,
  writeSync,
} from "node:fs";
import { join } from "node:path";
import { isAlive, ownIdentity, type ProcessIdentity } from "./claim-process.ts";
import { runIdOf } from "./manifest.ts";
import { makeFolder } from "./replace-file.ts";
import { errorCode, writeError } from "./results-error.ts";

/** The hidden folder of claims in an experiment's folder; readers of results pass over it. */
export const claimsFolder = ".claims";

/** How often a process says that it lives, and after how long without that another machine takes its claims over. */
const refreshSeconds = 20;
const staleSeconds = 180;
const millisPerSecond = 1000;

/** Takeovers that collide are tried again; after so many the run counts as taken, and is asked for again later. */
const mostTries = 8;

/** @property since when the claiming process began, as its clock said. */
export interface ClaimHolder extends ProcessIdentity {
  readonly since: string;
}

/** `mine`, or who makes the run; null where the claim does not say (it is just being written, or was cut off). */
export type ClaimResult = { readonly mine: true } | { readonly mine: false; readonly holder: ClaimHolder | null };

export interface ClaimsOptions {
  /** Time of day, for people who read a claim. */
  readonly since: string;
  /** Who claims; this process unless given. */
  readonly identity?: ProcessIdentity;
  readonly refreshSeconds?: number;
  readonly staleSeconds?: number;
  /** Whether claims are hard links to one file of this process. False writes a file for each, as on systems without links. */
  readonly hardLinks?: boolean;
}

/** The claims of this process on runs of one experiment. Only the thread that opened them may use them. */
export interface Claims {
  /**
   * Claims a run. Look for the run again afterwards: somebody may have finished it in between.
   *
   * @throws ResultsError when the folder cannot be written.
   */
  take(runHash: string): ClaimResult;
  /** Gives a run back. */
  release(runHash: string): void;
  /** Gives everything back. */
  close(): void;
}

const ownersSuffix = ".owner";
const linkFaults = new Set(["EPERM", "ENOTSUP", "EOPNOTSUPP", "ENOSYS", "EMLINK", "EXDEV"]);

/** Runs `action`; undefined when the file is not there. */
function ifThere<T>(action: () => T): T | undefined {
  try {
    return action();
  } catch (error) {
    if (errorCode(error) !== "ENOENT") throw error;
    return undefined;
  }
}

interface FoundClaim {
  readonly text: string;
  readonly modifiedMillis: number;
}

function readClaim(path: string): FoundClaim | undefined {
  return ifThere(() => ({ text: readFileSync(path, "utf8"), modifiedMillis: statSync(path).mtimeMs }));
}

function holderOf({ text }: FoundClaim): ClaimHolder | null {
  try {
    const { process, host, machine, born, since } = JSON.parse(text) as ClaimHolder;
    return typeof process === "number" ? { process, host, machine, born, since } : null;
  } catch {
    return null;
  }
}

/**
 * Opens the claims of this process on an experiment; nothing is written before the first claim.
 *
 * A claim is `.claims/<run id>.<generation>`, a hard link to one file that says who we are: it appears whole or not at all,
 * and writing that file again refreshes all claims at once. The highest generation holds the run. A claim is never
 * replaced: whoever finds its holder dead creates the next generation, which only one can, and then makes sure that what
 * it took over is still what it judged. A holder of the same machine is judged by its process; that of another one by the
 * time since its last refresh, both read from the clock of the file system, so that clocks of machines do not matter.
 */
export function openClaims(experimentDirectory: string, options: ClaimsOptions): Claims {
  return new FolderClaims(join(experimentDirectory, claimsFolder), options);
}

class FolderClaims implements Claims {
  private readonly folder: string;
  private readonly identity: ProcessIdentity;
  private readonly text: string;
  private readonly ownerFile: string;
  private readonly refreshMillis: number;
  private readonly staleMillis: number;
  private hardLinks: boolean;
  private descriptor: number | undefined;
  private timer: NodeJS.Timeout | undefined;
  /** Path of the claim on each run that we hold. */
  private readonly held = new Map<string, string>();
  private readonly closeAtExit = (): void => this.close();

  constructor(folder: string, options: ClaimsOptions) {
    this.folder = folder;
    this.identity = options.identity ?? ownIdentity();
    this.refreshMillis = millisPerSecond * (options.refreshSeconds ?? refreshSeconds);
    this.staleMillis = millisPerSecond * (options.staleSeconds ?? staleSeconds);
    this.hardLinks = options.hardLinks ?? true;
    const name = randomUUID();
    this.ownerFile = join(folder, `${name}${ownersSuffix}`);
    this.text = `${JSON.stringify({ version: 1, name, ...this.identity, since: options.since })}\n`;
  }

  take(runHash: string): ClaimResult {
    const run = runIdOf(runHash);
    if (this.held.has(run)) return { mine: true };
    try {
      this.open();
      let holder: ClaimHolder | null = null;
      for (let tries = 0; tries < mostTries; tries++) {
        const tried = this.tryToTake(run);
        if (tried.mine) return tried;
        holder = tried.holder;
        if (tried.isCertain) break;
      }
      return { mine: false, holder };
    } catch (error) {
      throw writeError(error, this.folder);
    }
  }

  release(runHash: string): void {
    const run = runIdOf(runHash);
    const path = this.held.get(run);
    this.held.delete(run);
    if (path !== undefined) this.removeIfOurs(path);
  }

  close(): void {
    for (const path of this.held.values()) this.removeIfOurs(path);
    this.held.clear();
    clearInterval(this.timer);
    process.off("exit", this.closeAtExit);
    if (this.descriptor === undefined) return;
    closeSync(this.descriptor);
    this.descriptor = undefined;
    try {
      unlinkSync(this.ownerFile);
      rmdirSync(this.folder);
    } catch {
      // Others still have claims there.
    }
  }

  private open(): void {
    if (this.descriptor !== undefined) return;
    this.openOwner();
    this.removeDeadOwners();
    this.timer = setInterval(() => this.refreshIfPossible(), this.refreshMillis);
    this.timer.unref();
    process.on("exit", this.closeAtExit);
  }

  /** The folder goes when the last claim in it goes, which may be between our making it and our using it. */
  private openOwner(): void {
    for (let tries = 0; this.descriptor === undefined; tries++) {
      try {
        makeFolder(this.folder);
        this.descriptor = openSync(this.ownerFile, "w");
      } catch (error) {
        if (errorCode(error) !== "ENOENT" || tries >= mostTries) throw error;
      }
    }
    this.refresh();
  }

  /** A disk that fails for a while is no reason to stop: at worst another machine makes the same run as well. */
  private refreshIfPossible(): void {
    try {
      this.refresh();
    } catch {
      // The next one may get through.
    }
  }

  /** Written rather than touched, so that the file system's own clock dates it. Returns that date in milliseconds. */
  private refresh(): number {
    if (this.descriptor === undefined) return 0;
    writeSync(this.descriptor, this.text, 0);
    if (!this.hardLinks) for (const path of this.held.values()) this.rewrite(path);
    return fstatSync(this.descriptor).mtimeMs;
  }

  private rewrite(path: string): void {
    ifThere(() => {
      const descriptor = openSync(path, "r+");
      writeSync(descriptor, this.text, 0);
      closeSync(descriptor);
    });
  }

  /** @returns isCertain when a living holder was seen; otherwise somebody was quicker, and it pays to look again. */
  private tryToTake(run: string): { mine: true } | { mine: false; holder: ClaimHolder | null; isCertain: boolean } {
    const [top, ...older] = this.generations(run);
    const below = top === undefined ? undefined : readClaim(this.pathOf(run, top));
    if (top !== undefined && below === undefined) return { mine: false, holder: null, isCertain: false };
    const holder = below ? holderOf(below) : null;
    if (below && this.isLiving(below)) return { mine: false, holder, isCertain: true };

    const generation = top === undefined ? 0 : top + 1;
    const path = this.pathOf(run, generation);
    if (!this.create(path)) return { mine: false, holder, isCertain: false };
    const isHighest = this.generations(run)[0] === generation;
    const isAsJudged = top === undefined || readClaim(this.pathOf(run, top))?.text === below?.text;
    if (!isHighest || !isAsJudged) {
      this.removeIfOurs(path);
      return { mine: false, holder, isCertain: false };
    }
    for (const dead of top === undefined ? [] : [top, ...older]) ifThere(() => unlinkSync(this.pathOf(run, dead)));
    this.held.set(run, path);
    return { mine: true };
  }

  private isLiving(claim: FoundClaim): boolean {
    const holder = holderOf(claim);
    if (holder !== null && holder.machine === this.identity.machine) return isAlive(holder);
    return this.refresh() - claim.modifiedMillis <= this.staleMillis;
  }

  /** Creates a claim; false when somebody else has. */
  private create(path: string): boolean {
    try {
      if (this.hardLinks) linkSync(this.ownerFile, path);
      else writeFileSync(path, this.text, { flag: "wx" });
      return true;
    } catch (error) {
      const code = errorCode(error) ?? "";
      if (code === "EEXIST") return false;
      if (code === "ENOENT") return this.restoreOwner();
      if (!this.hardLinks || !linkFaults.has(code)) throw error;
      this.hardLinks = false;
      return this.create(path);
    }
  }

  /** Somebody tidied the folder away; what we hold there is gone, and the claim has to be tried again. */
  private restoreOwner(): false {
    if (this.descriptor !== undefined) closeSync(this.descriptor);
    this.descriptor = undefined;
    this.openOwner();
    return false;
  }

  private removeIfOurs(path: string): void {
    try {
      if (readClaim(path)?.text === this.text) unlinkSync(path);
    } catch {
      // It is gone, or cannot be removed: then it is dead as soon as we are.
    }
  }

  private pathOf(run: string, generation: number): string {
    return join(this.folder, `${run}.${generation}`);
  }

  /** Generations of a run's claims, the highest first. */
  private generations(run: string): number[] {
    const prefix = `${run}.`;
    return (ifThere(() => readdirSync(this.folder)) ?? [])
      .filter((name) => name.startsWith(prefix))
      .map((name) => Number(name.slice(prefix.length)))
      .filter((generation) => Number.isSafeInteger(generation))
      .sort((a, b) => b - a);
  }

  /** Files that killed processes left; their claims are links of their own and stay until they are taken over. */
  private removeDeadOwners(): void {
    for (const name of readdirSync(this.folder)) {
      const path = join(this.folder, name);
      if (!name.endsWith(ownersSuffix) || path === this.ownerFile) continue;
      const found = readClaim(path);
      if (found && !this.isLiving(found)) ifThere(() => unlinkSync(path));
    }
  }
}
