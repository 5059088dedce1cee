/** What a scenario says of how providers behave: their strategies, the attacks that they know, and who checks. */
import { z } from "zod";

/**
 * A method of a family that this world is handed ready-made; the scenario's own schema, which knows the families, is stricter.
 */
const methodOf = (what: string) => z.looseObject({ kind: z.string() }).describe(what);

/** Fields of a group of providers. */
export const groupConductFields = {
  strategy: methodOf("how the group decides; logit unless given").optional(),
  attacks: z
    .array(z.string().min(1).max(100))
    .max(20)
    .optional()
    .describe("names of the attacks that the group may run; all of the scenario's unless given"),
} as const;

/** Fields of the economy. */
export const conductFields = {
  attacks: z.array(methodOf("an attack on training, as a profile")).max(20).default([]),
  verification: methodOf("who checks work, and how; nobody unless given").optional(),
  uncertainty: z
    .enum(["likely", "drawn"])
    .default("likely")
    .describe("whether rates of attacks and audits are the likely ones, or drawn from their ranges for each seed"),
} as const;

interface ConductFields {
  readonly providers: readonly {
    readonly group: string;
    readonly strategy?: unknown;
    readonly attacks?: readonly string[] | undefined;
  }[];
  readonly attacks?: readonly { readonly kind: string; readonly name?: unknown }[];
  readonly verification?: unknown;
}

/** What an attack is called: its kind, or the name that it is given. */
export const attackName = ({ kind, name }: { readonly kind: string; readonly name?: unknown }): string =>
  typeof name === "string" ? name : kind;

/** Whether anybody decides otherwise than by logit, may cheat, or is checked. */
// Scenarios of runs that were stored before there were attacks have no list of them.
export const hasConduct = ({ providers, attacks, verification }: ConductFields): boolean =>
  (attacks ?? []).length > 0 || verification !== undefined || providers.some(({ strategy }) => strategy !== undefined);
