/** What a person can act on: a folder that is not writable, a query that does not parse, a run that is too new. */
export class ResultsError extends Error {
  override readonly name = "ResultsError";
}

const writeFaults: Readonly<Record<string, string>> = {
  EACCES: "permission denied",
  EDQUOT: "disk quota exceeded",
  EEXIST: "a file is in the way",
  EISDIR: "a folder is in the way",
  ENOENT: "no such folder",
  ENOSPC: "no space left on the disk",
  ENOTDIR: "part of the path is not a folder",
  EPERM: "operation not permitted",
  EROFS: "read-only file system",
};

/** The error code of a failed system call, or undefined when `error` is of another kind. */
export function errorCode(error: unknown): string | undefined {
  return error instanceof Error && "code" in error && typeof error.code === "string" ? error.code : undefined;
}

/** Turns a failed system call into one line; anything else is a mistake of ours and stays as it is. */
export function writeError(error: unknown, path: string): unknown {
  const code = errorCode(error);
  if (code === undefined || !code.startsWith("E")) return error;
  return new ResultsError(`cannot write results: ${writeFaults[code] ?? code} (${path})`, { cause: error });
}
