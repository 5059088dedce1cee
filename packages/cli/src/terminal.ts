import { isatty } from "node:tty";

/** Exit codes of the command; Ctrl-C is 128 + SIGINT, as shells count. */
export const exitCodes = { ok: 0, runFailed: 1, badInput: 2, interrupted: 130 } as const;
export type ExitCode = (typeof exitCodes)[keyof typeof exitCodes];

/**
 * What a command may do to the outside: results go to stdout, everything else to stderr.
 *
 * @property isInteractive whether progress may redraw a line.
 * @property interrupted aborts on the first Ctrl-C or SIGTERM.
 */
export interface Terminal {
  readonly isInteractive: boolean;
  readonly columns: number;
  readonly interrupted: AbortSignal;
  /** Writes a line of results. */
  print(line: string): void;
  /** Writes a line for the person watching. */
  note(line: string): void;
  /** Replaces the line that is being redrawn; only where `isInteractive`. */
  redraw(line: string): void;
  exitWith(code: ExitCode): void;
}

const eraseLine = "\r\u001b[K";

/** The terminal of this process. A reader that stops early (`| head`) ends the process quietly. */
export function processTerminal(): Terminal {
  const interrupt = new AbortController();
  const stop = (): void => {
    if (interrupt.signal.aborted) process.exit(exitCodes.interrupted);
    process.stderr.write(
      "\nstopping: runs in progress are finished, or left where they can be resumed; no further ones start (again quits at once)\n",
    );
    interrupt.abort();
  };
  process.on("SIGINT", stop);
  process.on("SIGTERM", stop);
  for (const stream of [process.stdout, process.stderr]) {
    stream.on("error", (error: NodeJS.ErrnoException) => {
      if (error.code !== "EPIPE") throw error;
      process.exit(process.exitCode ?? exitCodes.ok);
    });
  }
  const isInteractive = isatty(2) && process.env.TERM !== "dumb";
  let isDrawn = false;
  const clear = () => {
    if (isDrawn) process.stderr.write(eraseLine);
    isDrawn = false;
  };
  return {
    isInteractive,
    columns: process.stderr.columns ?? 80,
    interrupted: interrupt.signal,
    print: (line) => {
      clear();
      process.stdout.write(`${line}\n`);
    },
    note: (line) => {
      clear();
      process.stderr.write(`${line}\n`);
    },
    redraw: (line) => {
      process.stderr.write(`${eraseLine}${line}`);
      isDrawn = true;
    },
    exitWith: (code) => {
      process.exitCode = code;
    },
  };
}
