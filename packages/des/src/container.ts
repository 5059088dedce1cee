/** A tank: amounts are put in and taken out, between nothing and its capacity. */
import type { Environment } from "./environment.ts";
import { Event } from "./event.ts";
import { TimeAverage } from "./time-average.ts";
import { type Linked, WaitingLine } from "./waiting-line.ts";

export interface ContainerOptions {
  /** The most that it holds; Infinity unless given. */
  readonly capacity?: number;
  /** What it holds at first; 0 unless given. */
  readonly initial?: number;
  /** Stands in error messages; "container" unless given. */
  readonly name?: string;
}

/** A put or a get that waits its turn; happens with the amount as its value. */
export class ContainerClaim extends Event<number> implements Linked<ContainerClaim> {
  readonly amount: number;
  /** @internal */
  previous: ContainerClaim | undefined = undefined;
  /** @internal */
  next: ContainerClaim | undefined = undefined;
  private readonly container: Container;
  private readonly line: WaitingLine<ContainerClaim>;

  /** @internal */
  constructor(container: Container, line: WaitingLine<ContainerClaim>, amount: number) {
    super(container.env);
    this.container = container;
    this.line = line;
    this.amount = amount;
    line.push(this);
  }

  /** Withdraws the claim if it still waits; false when it does not. */
  cancel(): boolean {
    if (!this.line.remove(this)) return false;
    // It may have stood in the way of smaller ones.
    this.container.serve();
    return true;
  }

  /** @internal */
  grant(): void {
    this.line.remove(this);
    this.succeed(this.amount);
  }

  override toString(): string {
    return `${this.amount} of ${this.container}`;
  }
}

/**
 * Puts and gets are each served first come, first served: a large get at the head of its line holds up smaller ones
 * behind it, so that it is not starved. Amounts are compared as they are; count in whole units where rounding matters.
 */
export class Container {
  readonly env: Environment;
  readonly capacity: number;
  readonly name: string;
  private stock: number;
  private readonly puts = new WaitingLine<ContainerClaim>();
  private readonly gets = new WaitingLine<ContainerClaim>();
  private average: TimeAverage | undefined = undefined;

  /** @throws Error `invalid capacity: ...`, `invalid initial level: ...` */
  constructor(
    env: Environment,
    { capacity = Number.POSITIVE_INFINITY, initial = 0, name = "container" }: ContainerOptions = {},
  ) {
    if (!(capacity > 0)) throw new Error(`invalid capacity: ${capacity}`);
    if (!(initial >= 0 && initial <= capacity && initial < Number.POSITIVE_INFINITY))
      throw new Error(`invalid initial level: ${initial}`);
    this.env = env;
    this.capacity = capacity;
    this.name = name;
    this.stock = initial;
  }

  /** How much is in it. */
  get level(): number {
    return this.stock;
  }

  /** How many puts wait for room. */
  get putQueueLength(): number {
    return this.puts.length;
  }

  /** How many gets wait for stock. */
  get getQueueLength(): number {
    return this.gets.length;
  }

  /** Adds an amount, as soon as there is room. @throws Error `invalid amount: ...` unless it is above 0 and fits the capacity. */
  put(amount: number): ContainerClaim {
    return this.open(this.puts, amount);
  }

  /** Takes an amount, as soon as there is so much. @throws Error `invalid amount: ...` unless it is above 0 and fits the capacity. */
  get(amount: number): ContainerClaim {
    return this.open(this.gets, amount);
  }

  /** Time average of the level, kept from the first call on. */
  monitor(): TimeAverage {
    this.average ??= new TimeAverage(this.env, this.stock);
    return this.average;
  }

  toString(): string {
    return this.name;
  }

  /** @internal Grants whatever can be granted: each put may make a get possible, and the other way round. */
  serve(): void {
    for (;;) {
      const put = this.puts.first;
      if (put !== undefined && this.stock + put.amount <= this.capacity) this.move(put, put.amount);
      else {
        const get = this.gets.first;
        if (get === undefined || this.stock < get.amount) return;
        this.move(get, -get.amount);
      }
    }
  }

  private open(line: WaitingLine<ContainerClaim>, amount: number): ContainerClaim {
    if (!(amount > 0 && amount <= this.capacity && amount < Number.POSITIVE_INFINITY))
      throw new Error(`invalid amount: ${amount} of ${this} with capacity ${this.capacity}`);
    const claim = new ContainerClaim(this, line, amount);
    this.serve();
    return claim;
  }

  private move(claim: ContainerClaim, change: number): void {
    this.stock += change;
    this.average?.set(this.stock);
    claim.grant();
  }
}
