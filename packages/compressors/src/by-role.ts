/**
 * By role: another compressor for each use of a tensor, `default` where none is named, identity where that is not named either.
 *
 * The form is that of hivemind's RoleAdaptiveCompression. `subspace` may stand at several roles, with one rank and one
 * deviation, since the model obeys one constraint.
 */
import {
  type Compressor,
  type CompressorContext,
  type Kinded,
  specsWithin,
  type TensorDescription,
  tensorRoles,
} from "@shardlab/contracts";
import { z } from "zod";
import { identity } from "./identity.ts";

export interface ByRoleSpec<Inner> {
  readonly kind: "by-role";
  readonly activation?: Inner | undefined;
  readonly "activation-gradient"?: Inner | undefined;
  readonly gradient?: Inner | undefined;
  readonly parameter?: Inner | undefined;
  readonly default?: Inner | undefined;
}

export const byRoleSpec = <Inner extends Kinded>(inner: () => z.ZodType<Inner>) =>
  z
    .strictObject({
      kind: z.literal("by-role"),
      get activation() {
        return inner().optional().describe("of what stages pass forward");
      },
      get "activation-gradient"() {
        return inner().optional().describe("of what stages pass back");
      },
      get gradient() {
        return inner().optional().describe("of what replicas exchange");
      },
      get parameter() {
        return inner().optional().describe("of weights");
      },
      get default() {
        return inner().optional().describe("of the other roles; identity where absent");
      },
    })
    .refine((spec) => basesOf(spec as Kinded).size < 2, {
      error: "subspaces of one rank and one frozenDeviation expected: the model obeys one constraint",
    });

/** The constraints that subspaces within `spec` ask for. */
function basesOf(spec: Kinded): Set<string> {
  const subspaces = specsWithin(spec).filter(({ kind }) => kind === "subspace") as (Kinded & Record<string, unknown>)[];
  return new Set(subspaces.map(({ rank, frozenDeviation }) => `${rank} ${frozenDeviation}`));
}

/** @param create makes the compressor of a part */
export function byRole<Inner>(
  spec: ByRoleSpec<Inner>,
  context: CompressorContext,
  create: (spec: Inner, context: CompressorContext) => Compressor,
): Compressor {
  const fallback = spec.default === undefined ? identity() : create(spec.default, context);
  const parts = new Map(
    tensorRoles.map((role) => {
      const part = spec[role];
      return [role, part === undefined ? fallback : create(part, context)];
    }),
  );
  const of = ({ role }: TensorDescription): Compressor => parts.get(role) ?? fallback;
  const constraint = [...parts.values()].find((part) => part.constraint !== undefined)?.constraint;
  return {
    kind: spec.kind,
    encodedBytes: (tensor) => of(tensor).encodedBytes(tensor),
    isLossless: (tensor) => of(tensor).isLossless(tensor),
    encoder: (tensor) => of(tensor).encoder(tensor),
    decode: (bytes, tensor) => of(tensor).decode(bytes, tensor),
    ...(constraint === undefined ? {} : { constraint }),
  };
}
