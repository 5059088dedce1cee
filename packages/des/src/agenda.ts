/** An event loop of objects: each pending one holds a place, and the number of the place is its payload. */
import { EventLoop, priorities } from "./event-loop.ts";

/** What can be put on the agenda. */
export interface Happening {
  /** Called once when it falls due. */
  happen(): void;
}

/** Fills a place that is free, so that the table stays of one kind and keeps nothing alive. */
const nothing: Happening = { happen() {} };

/**
 * Places are handed out again as soon as they are free, the latest first, so they depend on the order of events alone:
 * runs that differ anywhere soon differ in their payloads too, and so in their trace hash.
 */
export class Agenda extends EventLoop {
  private readonly places: Happening[] = [];
  /** The first `freeCount` are free; as long as `places` or longer. */
  private freePlaces = new Int32Array(16);
  private freeCount = 0;

  private readonly happenAt = (place: number): void => {
    const happening = this.places[place];
    this.places[place] = nothing;
    this.freePlaces[this.freeCount++] = place;
    happening.happen();
  };

  /**
   * Lets `happening` happen after `delay` seconds.
   * @throws Error `invalid delay: ...` unless it is a finite number of at least 0.
   */
  enter(happening: Happening, delay: number, priority: number = priorities.normal): void {
    const { places, freePlaces, freeCount } = this;
    const place = freeCount > 0 ? freePlaces[freeCount - 1] : places.length;
    // The delay may be refused, so the place is taken afterwards.
    this.schedule(delay, this.happenAt, place, priority);
    if (freeCount > 0) {
      this.freeCount = freeCount - 1;
      places[place] = happening;
    } else this.addPlace(happening);
  }

  private addPlace(happening: Happening): void {
    this.places.push(happening);
    if (this.places.length <= this.freePlaces.length) return;
    const longer = new Int32Array(2 * this.freePlaces.length);
    longer.set(this.freePlaces);
    this.freePlaces = longer;
  }
}
