/** Socket files outlive the process that made them. */
import { unlinkSync } from "node:fs";

/** Removes the file of a process that was killed. Folders of sockets are private, so that nobody else's is there. */
export function removeStaleSocket(path: string): void {
  try {
    unlinkSync(path);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "ENOENT") throw error;
  }
}
