import { spawn } from "node:child_process";
import { BackendError } from "../backend-error.ts";

export interface ProgramOptions {
  readonly cwd: string;
  readonly signal?: AbortSignal | undefined;
}

const lastLine = (text: string): string => text.trimEnd().split("\n").at(-1)?.trim() ?? "";

/**
 * Runs a program to its end and gives what it wrote to stdout.
 * @throws BackendError, by rejecting, `program not found: ...` or `PROGRAM failed: ` and the last line that it wrote.
 */
export function runProgram(program: string, args: readonly string[], options: ProgramOptions): Promise<string> {
  const { cwd, signal } = options;
  return new Promise((resolve, reject) => {
    const child = spawn(program, args, {
      ...{ cwd, stdio: ["ignore", "pipe", "pipe"] },
      ...(signal === undefined ? {} : { signal }),
    });
    const written = { out: "", error: "" };
    child.stdout.on("data", (chunk: Buffer) => {
      written.out += chunk.toString();
    });
    child.stderr.on("data", (chunk: Buffer) => {
      written.error += chunk.toString();
    });
    child.on("error", (error: NodeJS.ErrnoException) => {
      if (error.code === "ENOENT") reject(new BackendError(`program not found: ${program}`));
      else reject(error.name === "AbortError" ? new BackendError(`interrupted: ${program}`) : error);
    });
    child.on("close", (code, killed) => {
      if (code === 0) resolve(written.out);
      else
        reject(
          new BackendError(
            `${program} failed: ${lastLine(written.error) || lastLine(written.out) || (killed ?? code)}`,
          ),
        );
    });
  });
}

/** The first of several programs that answers `--version`, or undefined. */
export async function findProgram(programs: readonly string[], cwd: string): Promise<string | undefined> {
  for (const program of programs) {
    const isThere = await runProgram(program, ["--version"], { cwd }).then(
      () => true,
      () => false,
    );
    if (isThere) return program;
  }
  return undefined;
}
