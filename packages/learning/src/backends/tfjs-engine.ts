/** What the backends of tfjs have in common, whichever tfjs-core they belong to. */

import type { Tensor, Tensor2D } from "@tensorflow/tfjs-core";
import type { Backend, BackendKind, Tfjs } from "./backend.ts";
import { BackendError } from "./backend-error.ts";

/**
 * @property engine the name by which tfjs knows the backend.
 * @property broadcastsBatches whether its product of matrices is right where both tensors have leading axes of 1.
 * @property release what is to be freed besides the engine.
 */
export interface EngineParts {
  readonly tf: Tfjs;
  readonly kind: BackendKind;
  readonly engine: string;
  readonly device: string;
  readonly version: string;
  readonly isSynchronous: boolean;
  readonly broadcastsBatches: boolean;
  readonly release?: () => void;
}

/** Makes an engine the one that computes. @throws BackendError `backend does not start: ...`. */
export async function startEngine(tf: Tfjs, engine: string): Promise<void> {
  const hasStarted = await tf.setBackend(engine);
  if (!hasStarted) throw new BackendError(`backend does not start: ${engine}`);
  await tf.ready();
}

/** The elements as floats of the caller's own: the cpu backend hands out what it computes with. */
const ownFloats = (kind: BackendKind, data: ArrayLike<number>): Float32Array =>
  data instanceof Float32Array && kind !== "cpu" ? data : Float32Array.from(data);

/** The handle on an engine that has been started. */
export function engineBackend(parts: EngineParts): Backend {
  const { tf, kind, engine, device, version, isSynchronous, release } = parts;
  return {
    ...{ kind, device, version, tf, isSynchronous },
    read: (tensor: Tensor) =>
      isSynchronous ? ownFloats(kind, tensor.dataSync()) : tensor.data().then((data) => ownFloats(kind, data)),
    matMul: (a: Tensor2D, b: Tensor2D, transposeA = false, transposeB = false) =>
      tf.matMul<Tensor2D>(a, b, transposeA, transposeB),
    batchMatMul: <T extends Tensor>(a: T, b: T, transposeA = false, transposeB = false) =>
      parts.broadcastsBatches
        ? tf.matMul<T>(a, b, transposeA, transposeB)
        : tf.tidy(() => {
            const batch = tf.broadcast_util.assertAndGetBroadcastShape(a.shape.slice(0, -2), b.shape.slice(0, -2));
            return tf.matMul<T>(broadcastBatch(tf, a, batch), broadcastBatch(tf, b, batch), transposeA, transposeB);
          }),
    dispose: () => {
      // Removing forgets how to make the engine too, and a process may open it again.
      const factory = tf.findBackendFactory(engine);
      tf.removeBackend(engine);
      tf.registerBackend(engine, factory);
      release?.();
    },
  };
}

/** The tensor with these leading axes; itself where it has them. */
function broadcastBatch<T extends Tensor>(tf: Tfjs, tensor: T, batch: readonly number[]): T {
  const own = tensor.shape.slice(0, -2);
  if (own.join() === batch.join()) return tensor;
  return tf.broadcastTo(tensor, [...batch, ...tensor.shape.slice(-2)] as [number, number, number]) as Tensor as T;
}
