import type { ColumnArray } from "./column-file.ts";

/** A column of texts in which equal ones are kept once. `codes[i]` is the number of text i among the different ones. */
export interface Texts {
  readonly codes: Int32Array;
  /** How many different texts there are. */
  readonly distinct: number;
  at(index: number): string;
  /** The different texts, by their codes. */
  text(code: number): string;
}

/** Gathers a column of texts. */
export class TextsBuilder {
  private readonly known = new Map<string, number>();
  private readonly codes: number[] = [];

  add(text: string): void {
    const code = this.known.get(text) ?? this.known.size;
    if (code === this.known.size) this.known.set(text, code);
    this.codes.push(code);
  }

  get texts(): string[] {
    const all = [...this.known.keys()];
    return this.codes.map((code) => all[code] as string);
  }

  /** The arrays to store, named after the column. */
  arrays(name: string): Record<string, ColumnArray> {
    const parts = Array.from(this.known.keys(), (text) => Buffer.from(text));
    const ends = new Float64Array(parts.length);
    let end = 0;
    for (const [code, part] of parts.entries()) {
      end += part.length;
      ends[code] = end;
    }
    return {
      [`${name}.codes`]: Int32Array.from(this.codes),
      [`${name}.ends`]: ends,
      [`${name}.text`]: new Uint8Array(Buffer.concat(parts)),
    };
  }
}

/** The column that `TextsBuilder.arrays` stored under `name`. Texts are decoded when they are asked for. */
export function readTexts(columns: Readonly<Record<string, ColumnArray>>, name: string): Texts {
  const codes = columns[`${name}.codes`] as Int32Array;
  const ends = columns[`${name}.ends`] as Float64Array;
  const bytes = columns[`${name}.text`] as Uint8Array;
  const buffer = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length);
  const decoded: string[] = [];
  const text = (code: number): string => {
    decoded[code] ??= buffer.toString("utf8", code === 0 ? 0 : ends[code - 1], ends[code]);
    return decoded[code];
  };
  return { codes, distinct: ends.length, text, at: (index) => text(codes[index] as number) };
}
