/** A store that hands out its items by priority. */
import type { Environment } from "./environment.ts";
import { PriorityShelf } from "./shelf.ts";
import { Store, type StoreOptions } from "./store.ts";

export interface PriorityStoreOptions<T> extends StoreOptions {
  /** Lower numbers go first, equal ones in the order in which they were put in. Asked once, when an item is put. */
  readonly priorityOf: (item: T) => number;
}

/** As `Store`, but the item that goes next is the one with the lowest priority number. */
export class PriorityStore<T> extends Store<T> {
  constructor(env: Environment, { priorityOf, ...options }: PriorityStoreOptions<T>) {
    super(env, options, new PriorityShelf(priorityOf));
  }
}
