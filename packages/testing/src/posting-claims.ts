/** Checks of single postings: who may get something, what may be taken from whom, and whether it can be explained. */
import type { Deliveries } from "@shardlab/contracts";
import { createStreams } from "@shardlab/random";
import { amountText } from "./amount-text.ts";
import { inputsOf, sorted } from "./changed-inputs.ts";
import { check, type MechanismCheck } from "./mechanism-basics.ts";
import {
  type DeliveryRow,
  deliveriesOf,
  type EpochInputs,
  type EpochRecord,
  type MechanismWorld,
  rowsOf,
  runMechanism,
} from "./mechanism-world.ts";
import { type PostingRow, postingRows } from "./posting-rows.ts";

/**
 * Whoever delivers nothing gets nothing: neither who turns up with no work done, nor who delivers what an audit finds bad,
 * nor who does work that trains nothing.
 */
export const nullPlayer: MechanismCheck = (create, plan) => {
  const base = runMechanism(create(), plan);
  const nobody = base.world.context.providers.first;
  const draws = createStreams(plan.seed).stream("null-player");
  const inputs = base.epochs.map(({ inputs, offer }) => {
    const model = Math.max(0, offer.access.indexOf(1));
    const useless = { account: nobody, model, quantity: offer.usefulShare[model] === 0 ? 1000 : 0 };
    const without = (deliveries: Deliveries): DeliveryRow[] =>
      rowsOf(deliveries).filter(({ account }) => account !== nobody);
    const [isThere, isBad] = [draws.uniform() < 0.7 && offer.access[model] === 1, draws.uniform() < 0.3];
    return {
      ...inputs,
      work: sorted(deliveriesOf([...without(inputs.work), ...(isThere && !isBad ? [useless] : [])])),
      verdicts: sorted(
        deliveriesOf([...without(inputs.verdicts), ...(isThere && isBad ? [{ ...useless, quantity: 1000 }] : [])]),
      ),
    };
  });
  const { world } = runMechanism(create(), plan, { inputs });
  for (let asset = 0; asset < world.assets; asset++) {
    const balance = world.ledger.exactBalance(nobody, asset);
    const got = (): string => amountText(balance, world.ledger.assets[asset]);
    check(balance <= 0n, () => `who delivers nothing that trains gets ${got()}`);
  }
};

const wealthDollars = 1e6;

/**
 * What was granted stays granted. From a participant's account nothing goes but stake that this epoch's offer asks for, to
 * the vault; and from the vault no more goes to others than sums that others put there (pay that has not vested, escrow) and
 * the stake of those whom an audit has found bad. Dust: two units for each participant and epoch.
 */
export const noRetroactiveConfiscation: MechanismCheck = (create, plan) => {
  const wealth = new Float64Array(plan.providers).fill(wealthDollars);
  const { world, epochs } = runMechanism(create(), plan, { wealthDollars: wealth });
  const kept = newCustody(world);
  for (const [epoch, record] of epochs.entries()) {
    for (const { account } of rowsOf(record.inputs.verdicts)) kept.found.add(account);
    const declared = declaredStakes(record);
    for (const row of postingRows(record.postings)) checkTaking(world, kept, { ...row, declared, epoch });
    checkForfeits(world, kept, epoch);
  }
};

/** What participants have locked, by account and asset; what others have put into the vault; what left it to others. */
interface Custody {
  readonly found: Set<number>;
  readonly locked: Map<number, bigint[]>;
  readonly escrow: bigint[];
  readonly forfeited: bigint[];
}

const newCustody = ({ assets }: MechanismWorld): Custody => ({
  found: new Set(),
  locked: new Map(),
  escrow: new Array(assets).fill(0n),
  forfeited: new Array(assets).fill(0n),
});

const isParticipant = ({ context: { providers, dataProviders } }: MechanismWorld, account: number): boolean =>
  [providers, dataProviders].some(({ first, count }) => account >= first && account < first + count);

/** Stake that each account at work is asked for, micro-dollars. */
function declaredStakes({ inputs, offer }: EpochRecord): Map<number, number> {
  const rows = [...rowsOf(inputs.work), ...rowsOf(inputs.verdicts)];
  return new Map(
    rows.map(({ account, model, quantity, identities = 1 }) => {
      const dollars = offer.stakePerWork[model] * quantity + offer.stakePerIdentity[model] * identities;
      return [account, dollars * 1e6];
    }),
  );
}

function checkTaking(
  world: MechanismWorld,
  kept: Custody,
  {
    reason,
    asset,
    from,
    to,
    amount,
    declared,
    epoch,
  }: PostingRow & { readonly declared: ReadonlyMap<number, number>; readonly epoch: number },
): void {
  const { vault, cash } = world.context;
  if (amount === 0) return;
  if (isParticipant(world, from)) {
    const asked = declared.get(from) ?? 0;
    const isStake = to === vault && asset === cash && amount <= asked + 2;
    const fault = (): string => {
      const [name, taken] = [world.ledger.accountName(from), amountText(amount, world.ledger.assets[asset])];
      const stake = amountText(Math.floor(asked), world.ledger.assets[cash]);
      return `taken from ${name} in epoch ${epoch}: ${taken} (${reason}), stake asked for ${stake}`;
    };
    check(isStake, fault);
    const held = kept.locked.get(from) ?? new Array<bigint>(world.assets).fill(0n);
    kept.locked.set(from, held);
    held[asset] += BigInt(amount);
  } else if (to === vault) kept.escrow[asset] += BigInt(amount);
  else if (from === vault && !isParticipant(world, to)) kept.forfeited[asset] += BigInt(amount);
}

function checkForfeits(world: MechanismWorld, kept: Custody, epoch: number): void {
  const dust = BigInt(2 * world.accounts * (epoch + 1));
  for (let asset = 0; asset < world.assets; asset++) {
    let forfeitable = kept.escrow[asset] + dust;
    for (const account of kept.found) forfeitable += kept.locked.get(account)?.[asset] ?? 0n;
    const taken = kept.forfeited[asset];
    const text = (units: bigint): string => amountText(units, world.ledger.assets[asset]);
    check(
      taken <= forfeitable,
      () => `forfeited by epoch ${epoch}: ${text(taken)}, of stakes found bad and escrow ${text(forfeitable)}`,
    );
  }
}

/**
 * Every posting to a participant can be explained: it says why; one reason stands for one cause (one kind of asset from one
 * kind of account); two who have delivered alike are given alike, reason by reason; and the epoch made again from its
 * beginnings gives everybody the same. Dust between the two: two units per epoch, which may come back at once.
 */
export const explainability: MechanismCheck = (create, plan) => {
  const spares = 1;
  const wealth = new Float64Array(plan.providers + spares).fill(wealthDollars);
  const drawn = runMechanism(create(), plan, { spares, wealthDollars: wealth });
  const { first, count } = drawn.world.context.providers;
  const twins = [first, first + count - spares] as const;
  const inputs = inputsOf(drawn).map((epoch) => withTwin(epoch, twins));
  const base = runMechanism(create(), plan, { spares, wealthDollars: wealth, inputs });
  const causes = new Map<string, string>();
  for (const [epoch, { postings }] of base.epochs.entries()) {
    const rows = postingRows(postings).filter(({ amount }) => amount > 0);
    for (const row of rows) checkReason(base.world, row, causes);
    checkTwins(base.world, rows, { twins, epoch });
  }
  const last = base.epochs.length - 1;
  const chosen = createStreams(plan.seed)
    .stream("explained")
    .integer(last + 1);
  const again = runMechanism(create(), plan, { spares, wealthDollars: wealth, inputs, epochs: chosen + 1 });
  const [before, after] = [base, again].map(({ epochs }) => JSON.stringify(postingRows(epochs[chosen].postings)));
  check(before === after, () => `epoch ${chosen} made again pays otherwise`);
};

/** What the first of the twins delivers, delivered by the second, too. */
function withTwin(epoch: EpochInputs, [one, other]: readonly [number, number]): EpochInputs {
  const twin = (deliveries: Deliveries): Deliveries =>
    sorted(
      deliveriesOf(
        rowsOf(deliveries).flatMap((row) => (row.account === one ? [row, { ...row, account: other }] : [row])),
      ),
    );
  return { ...epoch, work: twin(epoch.work), verdicts: twin(epoch.verdicts) };
}

function checkReason(
  world: MechanismWorld,
  { reason, asset, from, to }: PostingRow,
  causes: Map<string, string>,
): void {
  if (!isParticipant(world, to)) return;
  check(reason.trim() !== "", () => `posting without a reason: to ${world.ledger.accountName(to)}`);
  const cause = `${assetKind(world, asset)} from ${accountKind(world, from)}`;
  const known = causes.get(reason) ?? cause;
  causes.set(reason, known);
  check(known === cause, () => `one reason for two causes: ${reason} (${known}, ${cause})`);
}

const assetKind = ({ ledger }: MechanismWorld, asset: number): string => ledger.assets[asset].name.split("/")[0];

function accountKind(world: MechanismWorld, account: number): string {
  const { models, sponsor, issuer, vault } = world.context;
  if (isParticipant(world, account)) return "a participant";
  if (models.some(({ treasury }) => treasury === account)) return "a treasury";
  const single = new Map([
    [sponsor, "the sponsor"],
    [issuer, "the issuer"],
    [vault, "the vault"],
  ]);
  return single.get(account) ?? "another";
}

function checkTwins(
  { assets, ledger }: MechanismWorld,
  rows: readonly PostingRow[],
  { twins: [one, other], epoch }: { readonly twins: readonly [number, number]; readonly epoch: number },
): void {
  const net = (account: number, asset: number): Map<string, number> => {
    const sums = new Map<string, number>();
    for (const { reason, from, to, amount } of rows.filter((row) => row.asset === asset)) {
      if (from !== account && to !== account) continue;
      sums.set(reason, (sums.get(reason) ?? 0) + (to === account ? amount : -amount));
    }
    return sums;
  };
  for (let asset = 0; asset < assets; asset++) {
    const [own, twin] = [net(one, asset), net(other, asset)];
    for (const reason of new Set([...own.keys(), ...twin.keys()])) {
      const [had, has] = [own.get(reason) ?? 0, twin.get(reason) ?? 0];
      const text = (units: number): string => amountText(units, ledger.assets[asset]);
      check(
        Math.abs(had - has) <= 2 * (epoch + 1),
        () => `two who delivered alike get ${text(had)} and ${text(has)} in epoch ${epoch}: ${reason}`,
      );
    }
  }
}
