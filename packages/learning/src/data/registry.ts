/** The data that a scenario can name; a missing factory does not compile. */
import { z } from "zod";
import type { DataContext, DataSource } from "./data-source.ts";
import { gaussianMixture, gaussianMixtureSpec } from "./gaussian-mixture.ts";
import { localText, localTextSpec } from "./local-text.ts";
import { markov, markovSpec } from "./markov.ts";
import { mobyDick, mobyDickSpec } from "./moby-dick.ts";
import { stateOfTheUnion, stateOfTheUnionSpec } from "./state-of-the-union.ts";

export const dataSpec = z.discriminatedUnion("kind", [
  gaussianMixtureSpec,
  localTextSpec,
  markovSpec,
  mobyDickSpec,
  stateOfTheUnionSpec,
]);
export type DataSpec = z.output<typeof dataSpec>;
export type DataKind = DataSpec["kind"];

const factories: { [K in DataKind]: (spec: Extract<DataSpec, { kind: K }>, context: DataContext) => DataSource } = {
  "gaussian-mixture": gaussianMixture,
  "local-text": localText,
  markov,
  "moby-dick": mobyDick,
  "state-of-the-union": stateOfTheUnion,
};

export const dataKinds = Object.keys(factories) as readonly DataKind[];

/** Makes the data that `spec` describes. @throws Error `unsuitable data: ...` for a model that cannot read it. */
export function createDataSource<K extends DataKind>(
  spec: Extract<DataSpec, { kind: K }>,
  context: DataContext,
): DataSource {
  const create: (spec: Extract<DataSpec, { kind: K }>, context: DataContext) => DataSource = factories[spec.kind as K];
  return create(spec, context);
}
