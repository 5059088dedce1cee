import { formatDuration } from "./number-format.ts";
import type { Terminal } from "./terminal.ts";

/** Told how many of the runs are done. */
export interface Progress {
  update(done: number, total: number): void;
  finish(): void;
}

const plainIntervalSeconds = 5;
const smoothestRedrawSeconds = 0.1;
const widestBar = 40;

const secondsNow = (): number => performance.now() / 1000;

/**
 * A bar that redraws itself where a person watches, otherwise a line every few seconds, both on stderr with the time left.
 *
 * @param noun what is counted, in the plural.
 */
export function createProgress(terminal: Terminal, noun: string): Progress {
  const start = secondsNow();
  let last = terminal.isInteractive ? Number.NEGATIVE_INFINITY : start;
  const left = (done: number, total: number): string => {
    const elapsed = secondsNow() - start;
    return done === 0 ? "" : `, ${formatDuration((elapsed / done) * (total - done))} left`;
  };
  return {
    update: (done, total) => {
      const now = secondsNow();
      if (now - last < (terminal.isInteractive ? smoothestRedrawSeconds : plainIntervalSeconds)) return;
      last = now;
      const text = `${done} of ${total} ${noun}${left(done, total)}`;
      if (terminal.isInteractive) terminal.redraw(`${bar(done / total, terminal.columns - text.length - 4)} ${text}`);
      else terminal.note(text);
    },
    finish: () => {
      if (terminal.isInteractive) terminal.redraw("");
    },
  };
}

function bar(share: number, room: number): string {
  const width = Math.max(0, Math.min(widestBar, room));
  const filled = Math.round(share * width);
  return "█".repeat(filled) + "░".repeat(width - filled);
}
