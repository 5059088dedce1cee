/** What a person, or a program, is told of a run that takes long enough to be watched. */
import type { RunProgress, RunTask } from "@shardlab/experiment";
import { formatDuration, formatQuantity } from "./number-format.ts";
import type { RunFormat } from "./run-options.ts";
import type { Terminal } from "./terminal.ts";

const plainIntervalSeconds = 5;
const smoothestRedrawSeconds = 0.1;
const secondsNow = (): number => performance.now() / 1000;

/** `12 of 120 updates, loss 3.21, held-out 3.3, 1.2k token/s, 34 MB sent, 1 min 20 s left`. */
export function runProgressText(progress: RunProgress): string {
  const { update, updates, loss, heldOutLoss, tokensPerSecond, sentBytes, secondsLeft } = progress;
  return [
    `${update} of ${updates} updates`,
    ...(loss === null ? [] : [`loss ${formatQuantity(loss, "")}`]),
    ...(heldOutLoss === null ? [] : [`held-out ${formatQuantity(heldOutLoss, "")}`]),
    ...(tokensPerSecond > 0 ? [`${formatQuantity(Math.round(tokensPerSecond), "")} token/s`] : []),
    ...(sentBytes > 0 ? [`${formatQuantity(sentBytes, "B")} sent`] : []),
    ...(Number.isFinite(secondsLeft) ? [`${formatDuration(secondsLeft)} left`] : []),
  ].join(", ");
}

/** More of what happens to workers in one run is counted by its tables alone. */
const mostHappenings = 30;

const nameOf = ({ arm, seed }: RunTask): string => `${arm}, seed ${seed}`;

/**
 * Tells of runs as they go on: a line that redraws itself where a person watches, else a line every few seconds, on stderr;
 * with `jsonl` every update as a line of JSON on stdout. What happened to workers is always told.
 */
export function watchRuns(terminal: Terminal, format: RunFormat): (task: RunTask, progress: RunProgress) => void {
  let last = Number.NEGATIVE_INFINITY;
  const told = new Map<string, number>();
  const tellHappening = (task: RunTask, happened: string): void => {
    const count = (told.get(task.runHash) ?? 0) + 1;
    told.set(task.runHash, count);
    if (count <= mostHappenings) terminal.note(`${nameOf(task)}: ${happened}`);
    if (count === mostHappenings) terminal.note(`${nameOf(task)}: what else happens is in the tables of the run`);
  };
  return (task, progress) => {
    const { happened } = progress;
    if (format === "jsonl") {
      const { arm, seed, coordinates } = task;
      terminal.print(JSON.stringify({ event: "progress", arm, seed, coordinates, ...progress }));
    }
    if (happened !== undefined) tellHappening(task, happened);
    const now = secondsNow();
    const isOver = progress.update === progress.updates;
    const interval = terminal.isInteractive ? smoothestRedrawSeconds : plainIntervalSeconds;
    if (now - last < interval && !isOver) return;
    last = now;
    const text = `${nameOf(task)}: ${runProgressText(progress)}`;
    if (terminal.isInteractive) terminal.redraw(text.slice(0, Math.max(20, terminal.columns - 1)));
    else if (!isOver || happened === undefined) terminal.note(text);
  };
}
