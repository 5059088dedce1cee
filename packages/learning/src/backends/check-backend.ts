import type { Backend } from "./backend.ts";
import { BackendError } from "./backend-error.ts";

const rows = 33;
const inner = 257;
const columns = 65;

/** Whole numbers, whose products and sums float32 holds exactly. */
const wholeNumbers = (count: number, modulus: number): Float32Array =>
  Float32Array.from({ length: count }, (_, index) => ((index * 7) % modulus) - 5);

/** Tries a backend on a product of matrices that it must get exactly right. @throws BackendError `wrong product: ...`. */
export async function checkBackend(backend: Backend): Promise<void> {
  const a = wholeNumbers(rows * inner, 11);
  const b = wholeNumbers(columns * inner, 13);
  const { tf } = backend;
  const product = backend.matMul(tf.tensor2d(a, [rows, inner]), tf.tensor2d(b, [columns, inner]), false, true);
  const found = await backend.read(product);
  for (let row = 0; row < rows; row++) {
    for (let column = 0; column < columns; column++) {
      let expected = 0;
      for (let k = 0; k < inner; k++) expected += (a[row * inner + k] as number) * (b[column * inner + k] as number);
      const value = found[row * columns + column];
      if (value !== expected)
        throw new BackendError(
          `wrong product: ${backend.kind} says ${value} at [${row}, ${column}], which is ${expected}`,
        );
    }
  }
  product.dispose();
}
