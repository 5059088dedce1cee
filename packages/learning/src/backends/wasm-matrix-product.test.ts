import { readFileSync } from "node:fs";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { kernelText } from "../../scripts/build-kernels.mjs";
import type { Backend } from "./backend.ts";
import { openBackend } from "./open-backend.ts";

let backend: Backend;
beforeAll(async () => {
  backend = await openBackend({ kind: "wasm" });
});
afterAll(() => backend.dispose());

const values = (count: number, seed: number): Float32Array =>
  Float32Array.from({ length: count }, (_, index) => (((Math.imul(index + seed, 0x9e3779b1) >> 8) % 1000) + 0.5) / 999);

/** The plain loop in float32: each product and each sum rounded, over the inner axis from the front. */
function plainProduct(a: Float32Array, b: Float32Array, [rows, inner, columns]: readonly [number, number, number]) {
  const product = new Float32Array(rows * columns);
  for (let row = 0; row < rows; row++) {
    for (let k = 0; k < inner; k++) {
      const factor = a[row * inner + k] as number;
      for (let column = 0; column < columns; column++) {
        const place = row * columns + column;
        product[place] = (product[place] as number) + Math.fround(factor * (b[k * columns + column] as number));
      }
    }
  }
  return product;
}

/** Much faster than `toEqual` where there is nothing to tell. */
const isSame = (a: Float32Array, b: Float32Array): boolean => Buffer.from(a.buffer).equals(Buffer.from(b.buffer));

describe("the product of matrices on wasm", () => {
  const sizes = [1, 3, 4, 5, 8, 127, 128, 255, 256, 257];
  test("has the bits of the plain loop in float32, at every size around its tiles and blocks", async () => {
    const { tf } = backend;
    const shapes = [1, 3, 4, 9].flatMap((rows) =>
      sizes.flatMap((inner) => sizes.map((columns) => [rows, inner, columns] as const)),
    );
    shapes.push([6, 513, 11], [7, 300, 513], [66, 40, 1025]);
    for (const shape of shapes) {
      const [rows, inner, columns] = shape;
      const [a, b] = [values(rows * inner, 1), values(inner * columns, 2)];
      const expected = plainProduct(a, b, shape);
      const [left, right] = [tf.tensor2d(a, [rows, inner]), tf.tensor2d(b, [inner, columns])];
      const [leftTurned, rightTurned] = [tf.transpose(left), tf.transpose(right)];
      const products = [
        backend.matMul(left, right),
        backend.matMul(leftTurned, right, true, false),
        backend.matMul(left, rightTurned, false, true),
        backend.matMul(leftTurned, rightTurned, true, true),
      ];
      for (const product of products) expect(isSame(await backend.read(product), expected), String(shape)).toBe(true);
      tf.dispose([left, right, leftTurned, rightTurned, ...products]);
    }
    expect(tf.memory().numTensors).toBe(0);
  });

  test("a row does not depend on the rows beside it", async () => {
    const { tf } = backend;
    const [a, b] = [values(37 * 300, 3), values(300 * 70, 4)];
    const whole = await backend.read(backend.matMul(tf.tensor2d(a, [37, 300]), tf.tensor2d(b, [300, 70])));
    const row = tf.tensor2d(a.slice(20 * 300, 21 * 300), [1, 300]);
    expect(await backend.read(backend.matMul(row, tf.tensor2d(b, [300, 70])))).toEqual(whole.slice(20 * 70, 21 * 70));
  });

  test("survives memory that grows, and an inner axis of nothing is zero", async () => {
    const { tf } = backend;
    const large = Array.from({ length: 6 }, () => tf.zeros([2048, 1024]));
    const identity = tf.eye(300);
    const x = tf.tensor2d(values(300 * 300, 5), [300, 300]);
    expect(await backend.read(backend.matMul(x, identity))).toEqual(await backend.read(x));
    tf.dispose(large);
    const empty = backend.matMul(tf.zeros([2, 0]), tf.zeros([0, 3]));
    expect([...(await backend.read(empty))]).toEqual([0, 0, 0, 0, 0, 0]);
  });

  test("refuses matrices that do not fit, and types other than float32", () => {
    const { tf } = backend;
    expect(() => backend.matMul(tf.zeros([2, 3]), tf.zeros([4, 2]))).toThrow("matrices do not fit: [2,3] and [4,2]");
    expect(() => tf.matMul(tf.zeros([2, 2], "int32"), tf.zeros([2, 2], "int32"))).toThrow(
      "product of other than float32",
    );
  });

  test("its committed module is that of its source", async () => {
    const committed = readFileSync(new URL("generated/matrix-product.ts", import.meta.url), "utf8");
    expect(committed).toBe(await kernelText());
  });
});
