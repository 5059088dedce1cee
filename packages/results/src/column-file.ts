import { crc32 } from "node:zlib";
import type { JsonObject } from "./manifest.ts";
import { ResultsError } from "./results-error.ts";

/**
 * A file of typed columns that is read at once and without DuckDB: eight letters, the length and the checksum of the rest
 * as two 32-bit numbers, a header in JSON, then the columns in little-endian order, each on a multiple of eight bytes.
 */
const magic = "SLCOLUMN";
const preludeBytes = 16;

export type ColumnArray = Float64Array | Int32Array | Uint8Array;

const arrayTypes = { float64: Float64Array, int32: Int32Array, uint8: Uint8Array } as const;
type ArrayType = keyof typeof arrayTypes;

interface ColumnEntry {
  readonly name: string;
  readonly type: ArrayType;
  readonly offset: number;
  readonly length: number;
}

/** What a column file holds: what its writer says of it, and its columns by name. */
export interface ColumnFile {
  readonly meta: JsonObject;
  readonly columns: Readonly<Record<string, ColumnArray>>;
}

const aligned = (bytes: number): number => Math.ceil(bytes / 8) * 8;

function typeOf(array: ColumnArray): ArrayType {
  if (array instanceof Float64Array) return "float64";
  return array instanceof Int32Array ? "int32" : "uint8";
}

/** Encodes columns and what `meta` says of them. */
export function encodeColumnFile({ meta, columns }: ColumnFile): Uint8Array {
  const entries: ColumnEntry[] = [];
  let end = 0;
  for (const [name, array] of Object.entries(columns)) {
    entries.push({ name, type: typeOf(array), offset: end, length: array.length });
    end = aligned(end + array.byteLength);
  }
  const header = Buffer.from(JSON.stringify({ meta, columns: entries }));
  const start = aligned(preludeBytes + header.length);
  const file = Buffer.alloc(start + end);
  file.write(magic, 0, "latin1");
  file.writeUInt32LE(header.length, 8);
  header.copy(file, preludeBytes);
  for (const { name, offset } of entries) {
    const array = columns[name] as ColumnArray;
    file.set(new Uint8Array(array.buffer, array.byteOffset, array.byteLength), start + offset);
  }
  file.writeUInt32LE(crc32(file.subarray(preludeBytes)), 12);
  return file;
}

/**
 * The columns of a file, as views of `bytes`.
 *
 * @param path the file's, for messages.
 * @throws ResultsError `damaged file: ...` when it is cut short or changed.
 */
export function decodeColumnFile(bytes: Uint8Array, path: string): ColumnFile {
  // Views of eight-byte numbers must start on a multiple of eight.
  const whole = bytes.byteOffset % 8 === 0 ? bytes : new Uint8Array(bytes);
  const file = Buffer.from(whole.buffer as ArrayBuffer, whole.byteOffset, whole.length);
  if (file.length < preludeBytes || file.toString("latin1", 0, magic.length) !== magic) {
    throw new ResultsError(`damaged file: ${path} (not a column file)`);
  }
  if (crc32(file.subarray(preludeBytes)) !== file.readUInt32LE(12)) {
    throw new ResultsError(`damaged file: ${path} (its checksum differs)`);
  }
  const headerBytes = file.readUInt32LE(8);
  const header = JSON.parse(file.toString("utf8", preludeBytes, preludeBytes + headerBytes)) as {
    meta: JsonObject;
    columns: ColumnEntry[];
  };
  const start = file.byteOffset + aligned(preludeBytes + headerBytes);
  const columns = header.columns.map(({ name, type, offset, length }) => [
    name,
    new arrayTypes[type](file.buffer, start + offset, length),
  ]);
  return { meta: header.meta, columns: Object.fromEntries(columns) };
}
