/** What a model is made of, in numbers alone: parts in a row, each with its parameters and what it costs. */

/** How a parameter begins: draws from a normal distribution, or one value throughout. */
export type InitialValue = { readonly standardDeviation: number } | { readonly constant: number };

/**
 * @property name of this parameter in the whole model, such as `blocks.3.attention.out`.
 * @property shape of the weights; matrices are [inputs, outputs], but for embeddings and heads, [vocabulary, width].
 * @property draws the stream of random numbers (name and entity) that it begins from, whichever stage holds it.
 * @property writesToResidual whether what it makes is added to the stream that crosses stage boundaries.
 * @property isTied whether the first and the last part share it.
 */
export interface ParameterPlan {
  readonly name: string;
  readonly shape: readonly number[];
  readonly initial: InitialValue;
  readonly draws: { readonly stream: string; readonly entity: number };
  readonly writesToResidual: boolean;
  readonly isTied: boolean;
}

/**
 * The least that a stage can hold. Floating-point operations are those of matrix products, for one example, without
 * computing anything anew.
 */
export interface PartPlan {
  readonly name: string;
  readonly parameters: readonly ParameterPlan[];
  readonly forwardFlop: number;
  readonly backwardFlop: number;
}

/**
 * @property parts the input (embedding or first layer), the blocks, and the output (head and loss).
 * @property blocks how many parts lie between the first and the last; no more stages than these.
 * @property boundaryWidth elements of a row of the tensors between parts.
 * @property rowsPerExample rows of an example at a boundary, and targets of its loss: tokens of a sequence, or 1.
 * @property vocabulary what the last part chooses from: tokens, or classes.
 * @property features of an example where it is a vector, 0 where it is a sequence of tokens.
 */
export interface ModelPlan {
  readonly parts: readonly PartPlan[];
  readonly blocks: number;
  readonly boundaryWidth: number;
  readonly rowsPerExample: number;
  readonly vocabulary: number;
  readonly features: number;
}

export const elementsOf = (shape: readonly number[]): number => shape.reduce((product, size) => product * size, 1);

/** Elements of all parameters of a part. */
export const parameterCountOf = ({ parameters }: PartPlan): number =>
  parameters.reduce((sum, { shape }) => sum + elementsOf(shape), 0);

/** A parameter that neither writes to the residual stream nor is shared. */
export function parameterPlan(
  name: string,
  shape: readonly number[],
  rest: Pick<ParameterPlan, "initial"> & Partial<ParameterPlan>,
): ParameterPlan {
  const block = /^blocks\.(\d+)\.(.+)$/.exec(name);
  const draws = block
    ? { stream: `weights ${block[2]}`, entity: Number(block[1]) }
    : { stream: `weights ${name}`, entity: 0 };
  return { name, shape, draws, writesToResidual: false, isTied: false, ...rest };
}
