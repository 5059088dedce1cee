import { formatDuration } from "./number-format.ts";
import type { Terminal } from "./terminal.ts";

export interface ProgressState {
  readonly done: number;
  readonly total: number;
  readonly secondsLeft: number;
}

/** Told how far the work is. */
export interface Progress {
  readonly update: (state: ProgressState) => void;
  readonly finish: () => void;
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
  let last = terminal.isInteractive ? Number.NEGATIVE_INFINITY : secondsNow();
  return {
    update: ({ done, total, secondsLeft }) => {
      const now = secondsNow();
      if (now - last < (terminal.isInteractive ? smoothestRedrawSeconds : plainIntervalSeconds)) return;
      last = now;
      const text = `${done} of ${total} ${noun}, ${formatDuration(secondsLeft)} left`;
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
