/** Names of devices: `cpu`, `gpu` for `gpu:0`, `gpu:N`. */

import type { BackendKind } from "./backend.ts";
import { BackendError } from "./backend-error.ts";

/** @throws BackendError `no such device for KIND: ...` for anything but `cpu`. */
export function requireCpu(kind: BackendKind, device = "cpu"): void {
  if (device !== "cpu") throw new BackendError(`no such device for ${kind}: ${device} (only cpu)`);
}

/** The number of a GPU. @throws BackendError `no such device for KIND: ...`. */
export function gpuIndex(kind: BackendKind, device = "gpu:0"): number {
  const match = /^gpu(?::(\d{1,3}))?$/.exec(device);
  if (match === null) throw new BackendError(`no such device for ${kind}: ${device} (gpu:0, gpu:1 and so on)`);
  return Number(match[1] ?? 0);
}
