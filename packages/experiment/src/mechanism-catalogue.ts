/** Every mechanism with its default parameters, and those that go around another one around one that shows what they do. */
import type { Mechanism } from "@shardlab/contracts";
import { createMechanism, mechanismKinds, mechanismSpec } from "@shardlab/mechanisms";

/**
 * @property label `grant`, or `slashing of spot-rental`.
 * @property input its specification as a scenario would have it.
 */
export interface CatalogueEntry {
  readonly kind: string;
  readonly label: string;
  readonly input: Readonly<Record<string, unknown>>;
  create(): Mechanism;
}

/** Rules that show what a rule around them changes, the most telling first for some. */
const telling: Readonly<Record<string, string>> = { personhood: "equal-epoch-split", slashing: "spot-rental" };
const usual = ["spot-rental", "protocol-models", "grant"];

/** The mechanisms of the registry, in its order. @throws Error `no example of: ...` for one whose specification takes nothing known here. */
export function mechanismCatalogue(): readonly CatalogueEntry[] {
  return mechanismKinds.map((kind) => {
    const inner = [telling[kind], ...usual].filter((name) => name !== undefined && name !== kind);
    const inputs: Record<string, unknown>[] = [{ kind }, ...inner.map((name) => ({ kind, of: { kind: name } }))];
    const input = inputs.find((candidate) => mechanismSpec.safeParse(candidate).success);
    if (input === undefined) throw new Error(`no example of: ${kind} (expected defaults, or a rule within it)`);
    const within = input.of as { kind: string } | undefined;
    return { kind, label: within ? `${kind} of ${within.kind}` : kind, input, create: () => mechanismFrom(input) };
  });
}

/** Makes a mechanism from a specification as a scenario would have it. @throws ZodError where it is none */
export const mechanismFrom = (input: unknown): Mechanism => createMechanism(mechanismSpec.parse(input));
