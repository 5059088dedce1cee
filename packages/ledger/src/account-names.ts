/** Names of accounts, so that errors and explanations speak of `provider/17` rather than of account 40317. */
import type { AccountId, AccountRange } from "@shardlab/contracts";

export interface AccountNames {
  name(range: AccountRange, name: string): void;
  /** `provider/17` within a range, `issuer` for a range of one, `account/5` without a name. The latest name counts. */
  nameOf(account: AccountId): string;
}

export function createAccountNames(): AccountNames {
  const named: { range: AccountRange; name: string }[] = [];
  return {
    name(range, name) {
      named.push({ range, name });
    },
    nameOf(account) {
      const found = named.findLast(({ range }) => account >= range.first && account < range.first + range.count);
      if (found === undefined) return `account/${account}`;
      return found.range.count === 1 ? found.name : `${found.name}/${account - found.range.first}`;
    },
  };
}
