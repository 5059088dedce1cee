/** JSON read with the place of every value, so that a fault found later can name it. */
import { placeAt, shownText, TraceFault } from "./trace-fault.ts";

/** A value and the offset of its first character. */
export interface Positioned {
  readonly offset: number;
  readonly value: string | number | boolean | null | readonly Positioned[] | ReadonlyMap<string, PositionedEntry>;
}

export interface PositionedEntry {
  readonly keyOffset: number;
  readonly item: Positioned;
}

/** What a value is called in a message. */
export function nounOf({ value }: Positioned): string {
  if (value === null) return "null";
  if (Array.isArray(value)) return "a list";
  if (value instanceof Map) return "an object";
  return typeof value === "string" ? `the text ${shownText(value)}` : String(value);
}

/** Traces nest four levels; anything much deeper is a mistake, and would exhaust the stack. */
const deepest = 32;

/**
 * Reads JSON (RFC 8259); a key that comes twice in an object is refused.
 * @throws TraceFault with line and column
 */
export function readJson(text: string): Positioned {
  return new JsonReader(text).whole();
}

class JsonReader {
  private readonly text: string;
  private offset = 0;
  private depth = 0;

  constructor(text: string) {
    this.text = text;
  }

  whole(): Positioned {
    const item = this.item();
    this.skipSpace();
    if (this.offset < this.text.length) throw this.fault(`unexpected ${this.here()}: expected the end of the file`);
    return item;
  }

  private item(): Positioned {
    this.skipSpace();
    const offset = this.offset;
    const first = this.text[offset];
    if (first === "{" || first === "[") {
      if (++this.depth > deepest) throw this.fault(`nested too deep: expected at most ${deepest} levels`);
      const value = first === "{" ? this.object() : this.list();
      this.depth -= 1;
      return { offset, value };
    }
    if (first === '"') return { offset, value: this.string() };
    return { offset, value: this.word() };
  }

  private object(): Map<string, PositionedEntry> {
    const entries = new Map<string, PositionedEntry>();
    this.sequence("}", "a key in quotes or }", () => {
      const keyOffset = this.offset;
      if (this.text[keyOffset] !== '"') throw this.fault(`unexpected ${this.here()}: expected a key in quotes`);
      const key = this.string();
      if (entries.has(key)) throw this.fault(`key given twice: ${shownText(key)}`, keyOffset);
      this.skipSpace();
      if (this.text[this.offset] !== ":") throw this.fault(`unexpected ${this.here()}: expected : after a key`);
      this.offset += 1;
      entries.set(key, { keyOffset, item: this.item() });
    });
    return entries;
  }

  private list(): Positioned[] {
    const items: Positioned[] = [];
    this.sequence("]", "a value or ]", () => items.push(this.item()));
    return items;
  }

  /** Elements between commas up to `close`; the opening bracket is at the current offset. */
  private sequence(close: string, wanted: string, readElement: () => void): void {
    this.offset += 1;
    this.skipSpace();
    if (this.text[this.offset] === close) {
      this.offset += 1;
      return;
    }
    for (;;) {
      this.skipSpace();
      if (this.offset >= this.text.length) throw this.fault(`unexpected end of the file: expected ${wanted}`);
      readElement();
      this.skipSpace();
      const next = this.text[this.offset];
      if (next !== "," && next !== close) throw this.fault(`unexpected ${this.here()}: expected a comma or ${close}`);
      this.offset += 1;
      if (next === close) return;
    }
  }

  private string(): string {
    const pattern = /"(?:[^"\\\n]|\\.)*"/y;
    pattern.lastIndex = this.offset;
    const match = pattern.exec(this.text);
    if (match === null) throw this.fault("unfinished text: expected a closing quote on the same line");
    try {
      const value = JSON.parse(match[0]) as string;
      this.offset += match[0].length;
      return value;
    } catch {
      throw this.fault(`invalid text: ${shownText(match[0])}`);
    }
  }

  /** A number, true, false or null. */
  private word(): number | boolean | null {
    const pattern = /-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?(?![\w.])|(?:true|false|null)(?!\w)/y;
    pattern.lastIndex = this.offset;
    const match = pattern.exec(this.text);
    if (match === null) throw this.fault(`unexpected ${this.here()}: expected a value`);
    this.offset += match[0].length;
    return JSON.parse(match[0]) as number | boolean | null;
  }

  private skipSpace(): void {
    while (" \t\r\n".includes(this.text[this.offset] ?? "x")) this.offset += 1;
  }

  private here(): string {
    const match = /[^\s,:[\]{}]+|\S/y;
    match.lastIndex = this.offset;
    const found = match.exec(this.text);
    return found === null ? "end of the file" : shownText(found[0]);
  }

  private fault(message: string, offset = this.offset): TraceFault {
    return new TraceFault(placeAt(this.text, offset), message);
  }
}
