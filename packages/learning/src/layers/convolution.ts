/**
 * 3 x 3 convolutions of stride 1 with zeros around the image, followed by a bias and relu: the nine neighbours of each pixel side
 * by side make a row, and one product with the kernel does the rest.
 */
import type { Tensor, Tensor2D, Tensor4D } from "@tensorflow/tfjs-core";
import type { Backend } from "../backends/backend.ts";
import { columnSums } from "./column-sums.ts";
import { rectifiedGradient } from "./dense.ts";
import type { FirstLayer, Saved } from "./layer.ts";

interface SavedConvolution extends Saved {
  /** [images pixels, 9 inputs]. */
  readonly neighbours: Tensor2D;
  /** [images pixels, outputs]. */
  readonly y: Tensor;
}

export interface ConvolutionSizes {
  readonly imageSize: number;
  readonly inputs: number;
}

/** Weights: kernel [9 inputs, outputs], whose rows go over the neighbours row by row; bias [outputs]. Images are rows. */
export function convolution(backend: Backend, sizes: ConvolutionSizes): FirstLayer<SavedConvolution> {
  const { tf } = backend;
  const linearGradient = (dy: Tensor, y: Tensor) => rectifiedGradient(backend, tf.reshape(dy, y.shape), y);
  const gradients = (dLinear: Tensor2D, neighbours: Tensor2D) => [
    backend.matMul(neighbours, dLinear, true, false),
    columnSums(backend, dLinear),
  ];
  return {
    weights: 2,
    forward: ([kernel, bias], x) => {
      const neighbours = neighboursOf(backend, x, sizes);
      const y = tf.relu(tf.add(backend.matMul(neighbours, kernel as Tensor2D), bias));
      return { y: tf.reshape(y, [x.shape[0], -1]), saved: { neighbours, y } };
    },
    backward: ([kernel], dy, { neighbours, y }) => {
      const dLinear = linearGradient(dy, y);
      const dNeighbours = backend.matMul(dLinear, kernel as Tensor2D, false, true);
      return { dx: sumOfNeighbours(backend, dNeighbours, sizes), gradients: gradients(dLinear, neighbours) };
    },
    gradients: (_weights, dy, { neighbours, y }) => gradients(linearGradient(dy, y), neighbours),
  };
}

const offsets = [0, 1, 2].flatMap((row) => [0, 1, 2].map((column) => [row, column] as const));

function neighboursOf({ tf }: Backend, x: Tensor, { imageSize, inputs }: ConvolutionSizes): Tensor2D {
  const images: Tensor4D = tf.reshape(x, [-1, imageSize, imageSize, inputs]);
  const padded = tf.pad(images, [
    [0, 0],
    [1, 1],
    [1, 1],
    [0, 0],
  ]); // prettier-ignore
  const shifted = offsets.map(([row, column]) => tf.slice(padded, [0, row, column, 0], [-1, imageSize, imageSize, -1]));
  return tf.reshape(tf.concat(shifted, 3), [-1, 9 * inputs]);
}

/** The way back: each neighbour's gradient goes to the pixel that it was. */
function sumOfNeighbours({ tf }: Backend, dNeighbours: Tensor2D, { imageSize, inputs }: ConvolutionSizes): Tensor {
  const images: Tensor4D = tf.reshape(dNeighbours, [-1, imageSize, imageSize, 9 * inputs]);
  const padded = offsets.map(([row, column], index) =>
    tf.pad(tf.slice(images, [0, 0, 0, index * inputs], [-1, -1, -1, inputs]), [
      [0, 0],
      [row, 2 - row],
      [column, 2 - column],
      [0, 0],
    ]),
  );
  const sum = padded.reduce((total, part) => tf.add(total, part));
  return tf.reshape(tf.slice(sum, [0, 1, 1, 0], [-1, imageSize, imageSize, -1]), [images.shape[0], -1]);
}
