/** Events that happen when all, or any, of a list of events have. */
import type { Agenda } from "./agenda.ts";
import { Event, type Waiter } from "./event.ts";

/** The values of the events of a list, in its order. */
export type ValuesOf<Events extends readonly Event[]> = {
  readonly [I in keyof Events]: Events[I] extends Event<infer T> ? T : never;
};

/** Which events of a condition have happened by the time that it is processed, and with which values. */
export class ConditionValue<Values extends readonly unknown[] = readonly unknown[]> {
  /** Those that have happened, in the order in which the condition names them. */
  readonly events: readonly Event[];
  /** Their values; of `allOf`, the value of each event in order. */
  readonly values: Values;
  private readonly nested: readonly Event[];

  constructor(parts: readonly Event[]) {
    this.events = parts.filter(hasHappened);
    this.values = this.events.map(({ value }) => value) as readonly unknown[] as Values;
    this.nested = parts.flatMap((part) => (part instanceof Condition ? part.happenedParts() : []));
  }

  /** Whether `event`, of this condition or of one within it, has happened. */
  has(event: Event): boolean {
    return this.events.includes(event) || this.nested.includes(event);
  }

  /** Its value; undefined unless it has happened. */
  get<T>(event: Event<T>): T | undefined {
    return this.has(event) ? event.value : undefined;
  }
}

const hasHappened = ({ processed, failed }: Event): boolean => processed && !failed;

/**
 * Happens as soon as enough of its events have. It fails with the first of them that fails; one that fails after the
 * condition was processed has to be handled by somebody else.
 */
export class Condition<Values extends readonly unknown[] = readonly unknown[]>
  extends Event<ConditionValue<Values>>
  implements Waiter
{
  private readonly parts: readonly Event[];
  private missing: number;

  /** @throws Error `not a list of events: ...`, `not an event: ...`, `event of another environment: ...` */
  constructor(env: Agenda, parts: readonly Event[], needed: number) {
    super(env);
    // An event can be iterated too, so it would pass for a list without a length.
    if (!Array.isArray(parts)) throw new Error(`not a list of events: ${String(parts)}`);
    this.parts = [...parts];
    this.missing = Math.min(needed, parts.length);
    for (const part of parts) {
      if (!(part instanceof Event)) throw new Error(`not an event: ${String(part)}`);
      if (part.env !== env) throw new Error(`event of another environment: ${part}`);
    }
    if (this.missing === 0) this.trigger();
    for (const part of parts) {
      if (part.processed) this.wake(part);
      else part.addWaiter(this);
    }
  }

  /** @internal Called by a part that has happened. */
  wake(part: Event): void {
    if (this.triggered) return;
    if (part.error !== undefined) {
      part.defuse();
      this.fail(part.error);
      return;
    }
    this.missing -= 1;
    if (this.missing === 0) this.trigger();
  }

  /** @internal The value is taken again: parts of this instant that were processed since the trigger belong to it. */
  override happen(): void {
    // It is called again when a callback throws.
    if (!this.processed) {
      for (const part of this.parts) if (!part.processed) part.removeWaiter(this);
      if (this.ok) this.outcome = new ConditionValue<Values>(this.parts);
    }
    super.happen();
  }

  /** @internal Its parts, and the parts of conditions among them, that have happened. */
  happenedParts(): Event[] {
    return this.parts.flatMap((part) => [
      ...(hasHappened(part) ? [part] : []),
      ...(part instanceof Condition ? part.happenedParts() : []),
    ]);
  }

  override toString(): string {
    return `condition on ${this.parts.map(String).join(", ")}`;
  }

  private trigger(): void {
    this.settle(new ConditionValue<Values>(this.parts));
    this.env.enter(this, 0);
  }
}
