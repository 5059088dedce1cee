/** A list in which many wait for one event, and which any of them may leave before. */

/** Looking through so few takes less time than keeping an index of them. */
const mostSearched = 16;

/**
 * First come, first told. Leaving takes constant time on average, whatever the length: who leaves a long list leaves an
 * empty place behind, and the empty places are closed up when they are more than half of all. Joining costs nothing for
 * that as long as nobody leaves, because the index of places is made for the first who does.
 */
export class WaiterList<W extends object> {
  private places: (W | undefined)[] = [];
  /** Places before this one are done with. */
  private head = 0;
  /** Empty places from `head` on. */
  private emptyCount = 0;
  /** The last place of each; undefined until somebody leaves a long list. */
  private lastPlaces: Map<W, number> | undefined = undefined;

  /** How many wait; one who joined twice counts twice. */
  get length(): number {
    return this.places.length - this.head - this.emptyCount;
  }

  /** Adds one at the end. Who joins several times has to do so in a row, with nobody joining in between. */
  push(waiter: W): void {
    if (this.lastPlaces !== undefined) this.lastPlaces.set(waiter, this.places.length);
    this.places.push(waiter);
  }

  /** Takes out who comes first; undefined when nobody is left. */
  shift(): W | undefined {
    const { places } = this;
    while (this.head < places.length) {
      const waiter = places[this.head];
      places[this.head] = undefined;
      this.head += 1;
      if (waiter !== undefined) return waiter;
      this.emptyCount -= 1;
    }
    return undefined;
  }

  /** Removes one who no longer waits, as often as it joined; the others keep their order. */
  remove(waiter: W): void {
    const { places } = this;
    this.lastPlaces ??= places.length > mostSearched ? this.indexed() : undefined;
    let place = this.lastPlaces === undefined ? places.lastIndexOf(waiter) : (this.lastPlaces.get(waiter) ?? -1);
    this.lastPlaces?.delete(waiter);
    for (; place >= 0 && places[place] === waiter; place--) {
      places[place] = undefined;
      this.emptyCount += 1;
    }
    if (2 * (this.head + this.emptyCount) > places.length) this.closeUp();
  }

  private closeUp(): void {
    this.places = this.places.filter((waiter) => waiter !== undefined);
    this.head = 0;
    this.emptyCount = 0;
    this.lastPlaces = undefined;
  }

  private indexed(): Map<W, number> {
    const lastPlaces = new Map<W, number>();
    for (const [place, waiter] of this.places.entries()) if (waiter !== undefined) lastPlaces.set(waiter, place);
    return lastPlaces;
  }
}
