/** A place where items are put and taken out, one by one. */
import type { Environment } from "./environment.ts";
import { Event, errorOf } from "./event.ts";
import { type Filter, QueueShelf, type Shelf } from "./shelf.ts";
import { TimeAverage } from "./time-average.ts";
import { type Linked, WaitingLine } from "./waiting-line.ts";

export interface StoreOptions {
  /** How many items it holds; Infinity unless given. */
  readonly capacity?: number;
  /** Stands in error messages; "store" unless given. */
  readonly name?: string;
}

/** Happens when the item is in the store (or with the one who waited for it), with the item as its value. */
export class StorePut<T> extends Event<T> implements Linked<StorePut<T>> {
  readonly item: T;
  /** @internal Where the shelf puts the item. */
  readonly rank: number;
  /** @internal */
  previous: StorePut<T> | undefined = undefined;
  /** @internal */
  next: StorePut<T> | undefined = undefined;
  private readonly store: Store<T>;

  /** @internal */
  constructor(store: Store<T>, item: T, rank: number) {
    super(store.env);
    this.store = store;
    this.item = item;
    this.rank = rank;
  }

  /** Withdraws the put if it still waits for room; false when it does not. */
  cancel(): boolean {
    return this.store.withdrawPut(this);
  }

  /** @internal */
  grant(): void {
    this.settle(this.item);
    this.env.enter(this, 0);
  }

  override toString(): string {
    return `put into ${this.store}`;
  }
}

/** Happens when an item was taken out, with the item as its value. */
export class StoreGet<T> extends Event<T> implements Linked<StoreGet<T>> {
  readonly filter: Filter<T> | undefined;
  /** @internal */
  previous: StoreGet<T> | undefined = undefined;
  /** @internal */
  next: StoreGet<T> | undefined = undefined;
  private readonly store: Store<T>;

  /** @internal */
  constructor(store: Store<T>, filter: Filter<T> | undefined) {
    super(store.env);
    this.store = store;
    this.filter = filter;
  }

  /** Withdraws the get if it still waits for an item; false when it does not. */
  cancel(): boolean {
    return this.store.withdrawGet(this);
  }

  /** @internal */
  grant(item: T): void {
    this.settle(item);
    this.env.enter(this, 0);
  }

  override toString(): string {
    return `get from ${this.store}`;
  }
}

/**
 * First in, first out, and first come, first served on both sides; but a get with a filter is passed over until an item
 * comes that it accepts. An item goes to who waits for it at once, so a filter is asked about each item only once: it
 * must depend on the item alone. What a filter throws is its own get's failure; the item goes on to the next.
 */
export class Store<T> {
  readonly env: Environment;
  readonly capacity: number;
  readonly name: string;
  private readonly shelf: Shelf<T>;
  private readonly puts = new WaitingLine<StorePut<T>>();
  private readonly gets = new WaitingLine<StoreGet<T>>();
  private average: TimeAverage | undefined = undefined;

  /** @throws Error `invalid capacity: ...` unless it is an integer of at least 1, or Infinity. */
  constructor(
    env: Environment,
    { capacity = Number.POSITIVE_INFINITY, name = "store" }: StoreOptions = {},
    shelf: Shelf<T> = new QueueShelf<T>(),
  ) {
    if (!(capacity >= 1 && (Number.isInteger(capacity) || capacity === Number.POSITIVE_INFINITY)))
      throw new Error(`invalid capacity: ${capacity}`);
    this.env = env;
    this.capacity = capacity;
    this.name = name;
    this.shelf = shelf;
  }

  /** How many items are in it. */
  get size(): number {
    return this.shelf.size;
  }

  /** The items in it, in the order in which they go. */
  get items(): readonly T[] {
    return this.shelf.list();
  }

  /** How many puts wait for room. */
  get putQueueLength(): number {
    return this.puts.length;
  }

  /** How many gets wait for an item. */
  get getQueueLength(): number {
    return this.gets.length;
  }

  /** Puts an item in, as soon as there is room. @throws Error `invalid priority: ...` of a `PriorityStore`. */
  put(item: T): StorePut<T> {
    const put = new StorePut(this, item, this.shelf.rankOf(item));
    if (this.shelf.size >= this.capacity) this.puts.push(put);
    else this.accept(put);
    return put;
  }

  /**
   * Takes the next item out, or the next that `filter` accepts, as soon as there is one.
   * @throws Error `invalid filter: ...` unless it is a function; and what it throws about an item that is in the store.
   */
  get(filter?: Filter<T>): StoreGet<T> {
    if (filter !== undefined && typeof filter !== "function")
      throw new Error(`invalid filter: ${String(filter)} (expected a function)`);
    const get = new StoreGet(this, filter);
    const position = this.shelf.find(filter);
    if (position < 0) this.gets.push(get);
    else {
      get.grant(this.shelf.removeAt(position));
      this.fill();
      this.note();
    }
    return get;
  }

  /** Time average of the number of items, kept from the first call on. */
  monitor(): TimeAverage {
    this.average ??= new TimeAverage(this.env, this.size);
    return this.average;
  }

  toString(): string {
    return this.name;
  }

  /** @internal */
  withdrawPut(put: StorePut<T>): boolean {
    return this.puts.remove(put);
  }

  /** @internal */
  withdrawGet(get: StoreGet<T>): boolean {
    return this.gets.remove(get);
  }

  /** Hands the item to the first who waits for such a one, or keeps it. */
  private accept(put: StorePut<T>): void {
    const { item } = put;
    const get = this.takerOf(item);
    if (get === undefined) this.shelf.add(item, put.rank);
    put.grant();
    if (get !== undefined) {
      this.gets.remove(get);
      get.grant(item);
    }
    this.note();
  }

  /** The first who waits for such an item. One whose filter throws fails, and does not wait any more. */
  private takerOf(item: T): StoreGet<T> | undefined {
    let get = this.gets.first;
    while (get?.filter !== undefined) {
      const { next } = get;
      try {
        if (get.filter(item)) break;
      } catch (reason) {
        this.gets.remove(get);
        get.fail(errorOf(reason));
      }
      get = next;
    }
    return get;
  }

  /** Lets in those who wait while there is room. */
  private fill(): void {
    for (;;) {
      const put = this.puts.first;
      if (put === undefined || this.shelf.size >= this.capacity) return;
      this.puts.remove(put);
      this.accept(put);
    }
  }

  private note(): void {
    const { average } = this;
    if (average !== undefined && average.value !== this.size) average.set(this.size);
  }
}
