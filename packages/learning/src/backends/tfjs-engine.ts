/** What the backends of tfjs have in common, whichever tfjs-core they belong to. */

import type { Tensor, Tensor2D } from "@tensorflow/tfjs-core";
import type { Backend, BackendKind, Tfjs } from "./backend.ts";
import { BackendError } from "./backend-error.ts";

/**
 * @property engine the name by which tfjs knows the backend.
 * @property release what is to be freed besides the engine.
 */
export interface EngineParts {
  readonly tf: Tfjs;
  readonly kind: BackendKind;
  readonly engine: string;
  readonly device: string;
  readonly version: string;
  readonly isSynchronous: boolean;
  readonly release?: () => void;
}

/** Makes an engine the one that computes. @throws BackendError `backend does not start: ...`. */
export async function startEngine(tf: Tfjs, engine: string): Promise<void> {
  const hasStarted = await tf.setBackend(engine);
  if (!hasStarted) throw new BackendError(`backend does not start: ${engine}`);
  await tf.ready();
}

const asFloats = (data: ArrayLike<number>): Float32Array =>
  data instanceof Float32Array ? data : Float32Array.from(data);

/** The handle on an engine that has been started. */
export function engineBackend(parts: EngineParts): Backend {
  const { tf, kind, engine, device, version, isSynchronous, release } = parts;
  return {
    ...{ kind, device, version, tf, isSynchronous },
    read: (tensor: Tensor) =>
      isSynchronous ? asFloats(tensor.dataSync()) : tensor.data().then((data) => asFloats(data)),
    matMul: (a: Tensor2D, b: Tensor2D, transposeA = false, transposeB = false) =>
      tf.matMul<Tensor2D>(a, b, transposeA, transposeB),
    batchMatMul: <T extends Tensor>(a: T, b: T, transposeA = false, transposeB = false) =>
      tf.matMul<T>(a, b, transposeA, transposeB),
    dispose: () => {
      // Removing forgets how to make the engine too, and a process may open it again.
      const factory = tf.findBackendFactory(engine);
      tf.removeBackend(engine);
      tf.registerBackend(engine, factory);
      release?.();
    },
  };
}
