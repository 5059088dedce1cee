/** tfjs-wasm's oneHot gives zeros for any type but int32: make those, and cast them. */
import type { KernelConfig, TensorInfo } from "@tensorflow/tfjs-core";
import type { Tfjs } from "./backend.ts";

type KernelArguments = Parameters<KernelConfig["kernelFunc"]>[0];

interface DisposingBackend {
  disposeData(dataId: object): boolean;
}

/** tfjs's own kernel, kept when it is replaced. */
let ownKernel: KernelConfig | undefined;

/** Puts a right one in the place of tfjs's own. */
export function replaceOneHot(tf: Tfjs): void {
  ownKernel ??= tf.getKernel("OneHot", "wasm");
  const { kernelFunc } = ownKernel;
  tf.unregisterKernel("OneHot", "wasm");
  tf.registerKernel({
    ...ownKernel,
    kernelFunc: (given: KernelArguments) => {
      const attrs = given.attrs as Record<string, unknown>;
      const { dtype = "int32" } = attrs;
      const whole = kernelFunc({ ...given, attrs: { ...attrs, dtype: "int32" } } as KernelArguments) as TensorInfo;
      if (dtype === "int32") return whole;
      const cast = tf.getKernel("Cast", "wasm").kernelFunc;
      const { inputs, backend } = { inputs: { x: whole }, backend: given.backend };
      const result = cast({ inputs, backend, attrs: { dtype } } as unknown as KernelArguments);
      (backend as DisposingBackend).disposeData(whole.dataId);
      return result;
    },
  });
}
