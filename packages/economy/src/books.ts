/** The accounts and assets of an economy. */
import type { AccountRange, MechanismContext, ModelAccounts } from "@shardlab/contracts";
import { createLedger, type Ledger } from "@shardlab/ledger";
import { epochSeconds } from "./epoch.ts";
import type { ModelTerms } from "./model-plan.ts";

export interface Books {
  readonly ledger: Ledger;
  readonly cash: number;
  readonly coin: number;
  readonly providers: AccountRange;
  readonly dataProviders: AccountRange;
  /** Whoever can hold compute ownership: the providers, and after them the accounts of markets where there are any. */
  readonly holders: AccountRange;
  readonly models: readonly ModelAccounts[];
  /** Pays for inference; goes negative by what it has paid. */
  readonly customers: number;
  readonly sponsor: number;
  readonly suppliers: number;
  readonly utility: number;
  readonly issuer: number;
  /** Holds what providers have locked. */
  readonly vault: number;
}

/**
 * Opens the ledger: providers first, so that provider i is account i.
 *
 * @param markets names of accounts that markets hold ownership on; none without markets
 */
export function openBooks(
  providers: number,
  dataProviders: number,
  terms: readonly ModelTerms[],
  journalCapacity: number,
  markets: readonly string[],
): Books {
  const holders = providers + markets.length;
  const contra = holders + dataProviders + 2 * terms.length;
  const [customers, sponsor, suppliers, utility, issuer, vault] = [0, 1, 2, 3, 4, 5].map((offset) => contra + offset);
  const ledger = createLedger({
    accounts: contra + 6,
    assets: [
      { name: "cash", unit: "$", decimals: 6 },
      { name: "coin", unit: "coin", decimals: 8 },
      ...terms.map(({ name }) => ({ name: `ownership/${name}`, unit: "unit", decimals: 0 })),
      ...terms.map(({ name }) => ({ name: `data-ownership/${name}`, unit: "unit", decimals: 0 })),
    ],
    journalCapacity,
    mayOverdraw: [customers, sponsor, issuer],
  });
  const models = terms.map(
    (model, index): ModelAccounts => ({
      treasury: holders + dataProviders + index,
      designer: holders + dataProviders + terms.length + index,
      ownership: 2 + index,
      dataOwnership: 2 + terms.length + index,
      targetWork: model.targetWork,
      targetTokens: model.targetTokens,
    }),
  );
  const ranges = {
    providers: { first: 0, count: providers },
    dataProviders: { first: holders, count: dataProviders },
    holders: { first: 0, count: holders },
  };
  for (const [index, name] of markets.entries()) ledger.nameAccounts({ first: providers + index, count: 1 }, name);
  nameAccounts(ledger, ranges, terms, { customers, sponsor, suppliers, utility, issuer, vault });
  return { ledger, cash: 0, coin: 1, ...ranges, models, customers, sponsor, suppliers, utility, issuer, vault };
}

function nameAccounts(
  ledger: Ledger,
  ranges: { providers: AccountRange; dataProviders: AccountRange },
  terms: readonly ModelTerms[],
  single: Record<string, number>,
): void {
  ledger.nameAccounts(ranges.providers, "provider");
  ledger.nameAccounts(ranges.dataProviders, "data-provider");
  const afterPeople = ranges.dataProviders.first + ranges.dataProviders.count;
  for (const [index, { name }] of terms.entries()) {
    ledger.nameAccounts({ first: afterPeople + index, count: 1 }, `treasury/${name}`);
    ledger.nameAccounts({ first: afterPeople + terms.length + index, count: 1 }, `designer/${name}`);
  }
  for (const [name, account] of Object.entries(single)) ledger.nameAccounts({ first: account, count: 1 }, name);
}

/** What a mechanism is told of these books. */
export function mechanismContext(
  books: Books,
  terms: {
    horizonEpochs: number;
    outlayDollars: number;
    sponsorDiscountPerEpoch: number;
    uniform: (draw: number) => number;
  },
): MechanismContext {
  // Whoever holds ownership is a provider to a mechanism, which pays owners and workers alike.
  return { epochSeconds, ...terms, ...books, providers: books.holders };
}
