import type { OptionalBackendKind } from "../installed-backend.ts";

/**
 * What the installer of one backend is given.
 * @property folder an empty one with a package.json, which becomes the installed backend.
 * @property progress takes a line for the person who waits.
 */
export interface InstallStep {
  readonly kind: OptionalBackendKind;
  readonly folder: string;
  readonly progress: (line: string) => void;
  readonly signal?: AbortSignal | undefined;
}
