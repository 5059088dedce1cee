/** Lines in which claims wait: joining, leaving at the front and withdrawing do not depend on the length. */

/** What can stand in one line at a time; both undefined at the ends. */
export interface Linked<Self> {
  previous: Self | undefined;
  next: Self | undefined;
}

/** A priority as it is. @throws Error `invalid priority: ...` unless it is a number, infinite or not. */
export function checkPriority(priority: number): number {
  if (typeof priority !== "number" || Number.isNaN(priority))
    throw new Error(`invalid priority: ${String(priority)} (expected a number)`);
  return priority;
}

/** First come, first served. */
export class WaitingLine<C extends Linked<C>> {
  private head: C | undefined = undefined;
  private tail: C | undefined = undefined;
  private count = 0;

  get length(): number {
    return this.count;
  }

  /** Whose turn it is. */
  get first(): C | undefined {
    return this.head;
  }

  push(claim: C): void {
    claim.previous = this.tail;
    if (this.tail === undefined) this.head = claim;
    else this.tail.next = claim;
    this.tail = claim;
    this.count += 1;
  }

  /** Removes a claim; false when it is not in this line. A claim must never stand in two lines. */
  remove(claim: C): boolean {
    const { previous, next } = claim;
    if (previous === undefined && this.head !== claim) return false;
    if (previous === undefined) this.head = next;
    else previous.next = next;
    if (next === undefined) this.tail = previous;
    else next.previous = previous;
    claim.previous = undefined;
    claim.next = undefined;
    this.count -= 1;
    return true;
  }
}

interface Level<C extends Linked<C>> {
  priority: number;
  readonly line: WaitingLine<C>;
}

/** Lower priorities first, then first come, first served: one line for each priority in use, in order. */
export class PriorityLine<C extends Linked<C> & { readonly priority: number }> {
  private readonly levels: Level<C>[] = [];
  private count = 0;

  get length(): number {
    return this.count;
  }

  get first(): C | undefined {
    return this.count === 0 ? undefined : this.levels[0].line.first;
  }

  push(claim: C): void {
    this.levelOf(claim.priority).line.push(claim);
    this.count += 1;
  }

  /** Removes a claim, which has to be in this line. */
  remove(claim: C): void {
    const { levels } = this;
    const index = this.search(claim.priority);
    levels[index].line.remove(claim);
    this.count -= 1;
    // The last level stays, for the next claim.
    if (levels[index].line.length === 0 && levels.length > 1) levels.splice(index, 1);
  }

  private levelOf(priority: number): Level<C> {
    const { levels } = this;
    if (this.count === 0 && levels.length > 0) levels[0].priority = priority;
    const index = this.search(priority);
    if (index === levels.length || levels[index].priority !== priority)
      levels.splice(index, 0, { priority, line: new WaitingLine<C>() });
    return levels[index];
  }

  /** Index of the first level of this priority or a later one. */
  private search(priority: number): number {
    let low = 0;
    let high = this.levels.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if (this.levels[middle].priority < priority) low = middle + 1;
      else high = middle;
    }
    return low;
  }
}
