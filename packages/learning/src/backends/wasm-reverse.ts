/**
 * tfjs-wasm's reverse computes the place of each element from its number, which took a seventh of a transformer's training
 * step (rotary positions turn halves around). Along one axis, runs of elements are copied instead.
 */
import type { KernelConfig, TensorInfo } from "@tensorflow/tfjs-core";
import type { Tfjs } from "./backend.ts";

type KernelArguments = Parameters<KernelConfig["kernelFunc"]>[0];

/** What of tfjs's backend is used here, which no type declares. */
interface WasmBackend {
  makeOutput(shape: readonly number[], dtype: string): TensorInfo;
  typedArrayFromHeap(info: TensorInfo): Float32Array;
}

/** tfjs's own kernel, kept when it is replaced. */
let ownKernel: KernelConfig | undefined;

/** Puts a faster one in the place of tfjs's own. */
export function replaceReverse(tf: Tfjs): void {
  ownKernel ??= tf.getKernel("Reverse", "wasm");
  const { kernelFunc } = ownKernel;
  tf.unregisterKernel("Reverse", "wasm");
  tf.registerKernel({
    ...ownKernel,
    kernelFunc: (given: KernelArguments) => {
      const { x } = given.inputs as { x: TensorInfo };
      const axes = tf.util.parseAxisParam((given.attrs as unknown as { dims: number[] }).dims, x.shape);
      const [axis] = axes;
      if (axes.length !== 1 || axis === undefined) return kernelFunc(given);
      const backend = given.backend as unknown as WasmBackend;
      const output = backend.makeOutput(x.shape, x.dtype);
      const run = tf.util.sizeFromShape(x.shape.slice(axis + 1));
      reverseRuns(backend.typedArrayFromHeap(x), backend.typedArrayFromHeap(output), {
        count: x.shape[axis] ?? 1,
        run,
      });
      return output;
    },
  });
}

/** Copies groups of `count` runs of `run` elements, in each group from the last run to the first. */
function reverseRuns(
  from: Float32Array,
  to: Float32Array,
  { count, run }: { readonly count: number; readonly run: number },
): void {
  const group = count * run;
  for (let start = 0; start < from.length; start += group) {
    for (let index = 0; index < count; index++) {
      const source = start + (count - 1 - index) * run;
      const target = start + index * run;
      for (let offset = 0; offset < run; offset++) to[target + offset] = from[source + offset] as number;
    }
  }
}
