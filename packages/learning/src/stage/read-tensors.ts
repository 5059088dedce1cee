/** Reads many tensors: one by one where that is at once, in one transfer where it takes a journey to a GPU. */
import type { Tensor } from "@tensorflow/tfjs-core";
import type { Backend } from "../backends/backend.ts";
import { finallyDo, settled } from "./settled.ts";

export function readTensors(backend: Backend, tensors: readonly Tensor[]): Float32Array[] | Promise<Float32Array[]> {
  const { tf } = backend;
  if (tensors.length === 0) return [];
  if (backend.isSynchronous) return tensors.map((tensor) => backend.read(tensor) as Float32Array);
  const all = tf.tidy(() => tf.concat(tensors.map((tensor) => tf.reshape(tensor, [tensor.size]))));
  return finallyDo(
    () =>
      settled(backend.read(all), (values) => {
        let end = 0;
        return tensors.map(({ size }) => {
          end += size;
          return values.subarray(end - size, end);
        });
      }),
    () => all.dispose(),
  );
}
