/** What happened in a world, changed: for checks that run a world twice and compare. */
import type { Deliveries } from "@shardlab/contracts";
import { deliveriesOf, type EpochInputs, type MechanismWorld, rowsOf, type WorldRun } from "./mechanism-world.ts";

/** What happened, with every kind of delivery changed alike. */
export const changed = (inputs: EpochInputs, change: (deliveries: Deliveries) => Deliveries): EpochInputs => ({
  work: change(inputs.work),
  data: change(inputs.data),
  verdicts: change(inputs.verdicts),
  revenueMicros: inputs.revenueMicros,
});

export const inputsOf = ({ epochs }: WorldRun): EpochInputs[] => epochs.map(({ inputs }) => inputs);

export const sorted = (deliveries: Deliveries): Deliveries =>
  deliveriesOf(rowsOf(deliveries).sort((a, b) => a.account - b.account));

/** What these accounts have of one asset together. */
export const totalOf = ({ ledger }: MechanismWorld, accounts: readonly number[], asset: number): bigint =>
  accounts.reduce((sum, account) => sum + ledger.exactBalance(account, asset), 0n);
