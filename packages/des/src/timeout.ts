/** An event that happens after a delay. */
import type { Agenda } from "./agenda.ts";
import { Event } from "./event.ts";

/** Triggered from the start: its value is known, only its time has not come. */
export class Timeout<T = undefined> extends Event<T> {
  /** @throws Error `invalid delay: ...` unless it is a finite number of at least 0. */
  constructor(env: Agenda, delay: number, value: T) {
    super(env);
    this.settle(value);
    env.enter(this, delay);
  }

  override toString(): string {
    return "timeout";
  }
}
