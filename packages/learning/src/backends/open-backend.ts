import type { Backend, BackendKind, BackendOptions } from "./backend.ts";
import { backendKinds } from "./backend.ts";
import { BackendError } from "./backend-error.ts";
import { drivers } from "./registry.ts";

export interface OpenBackendOptions extends BackendOptions {
  /** `auto` takes the fastest that loads. */
  readonly kind: BackendKind | "auto";
}

/** tfjs keeps its state in the process: tensors, tapes and the engine that computes. */
let open: Backend | undefined;

/**
 * Opens the backend of this process.
 * @throws BackendError, by rejecting, `unknown backend: ...`, `backend already open: ...`, `no such device for ...`,
 *   `backend not installed: ...` and the like, in one line that says what to do.
 */
export async function openBackend({ kind, ...options }: OpenBackendOptions): Promise<Backend> {
  if (open !== undefined)
    throw new BackendError(`backend already open: ${open.kind} (a process has one; dispose of it first)`);
  const backend = kind === "auto" ? await openFastest(options) : await openKind(kind, options);
  open = {
    ...backend,
    dispose: () => {
      open = undefined;
      backend.dispose();
    },
  };
  return open;
}

async function openKind(kind: BackendKind, options: BackendOptions): Promise<Backend> {
  if (!Object.hasOwn(drivers, kind))
    throw new BackendError(`unknown backend: ${kind} (${backendKinds.join(", ")}, auto)`);
  return await (await drivers[kind]())(options);
}

/** The fastest that opens; what stops the others does not matter unless none does. */
async function openFastest(options: BackendOptions): Promise<Backend> {
  const reasons: string[] = [];
  for (const kind of [...backendKinds].reverse()) {
    try {
      return await openKind(kind, { allowSoftware: false, ...options });
    } catch (error) {
      reasons.push(error instanceof Error ? error.message : String(error));
    }
  }
  throw new BackendError(`no backend opens: ${reasons.join("; ")}`);
}
