import type { Column, ColumnData, Table } from "@shardlab/contracts";
import { type AsyncBuffer, type FileMetaData, parquetMetadata, parquetRead } from "hyparquet";
import { ResultsError } from "./results-error.ts";

interface ColumnKind {
  readonly name: string;
  readonly type: ColumnData["type"];
}

const kindOf: Readonly<Record<string, ColumnData["type"]>> = {
  DOUBLE: "float64",
  INT32: "int32",
  "BYTE_ARRAY UTF8": "string",
};

function columnsOf({ schema }: FileMetaData, path: string): ColumnKind[] {
  return schema.slice(1).map((element) => {
    const type = kindOf[[element.type, element.converted_type].filter((part) => part !== undefined).join(" ")];
    if (type === undefined) throw new ResultsError(`unknown column type: ${element.name} of ${path}`);
    return { name: element.name, type };
  });
}

const emptyOf = (type: ColumnData["type"], rows: number): ColumnData => {
  if (type === "float64") return { type, values: new Float64Array(rows) };
  return type === "int32" ? { type, values: new Int32Array(rows) } : { type, values: new Array<string>(rows) };
};

/** A Parquet file in memory, of columns as `encodeParquet` writes them. */
export interface ParquetFile {
  readonly rows: number;
  readonly columns: readonly ColumnKind[];
  readonly metadata: FileMetaData;
  readonly file: AsyncBuffer;
}

/**
 * Opens a Parquet file.
 *
 * @param path the file's, for messages.
 * @throws ResultsError when it is no Parquet file, or has columns that `encodeParquet` does not write.
 */
export function openParquet(bytes: Uint8Array, path: string): ParquetFile {
  const buffer = bytes.buffer as ArrayBuffer;
  const content = buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.length);
  let metadata: FileMetaData;
  try {
    metadata = parquetMetadata(content);
  } catch (error) {
    throw new ResultsError(`damaged file: ${path} (not Parquet)`, { cause: error });
  }
  const file = { byteLength: content.byteLength, slice: (start: number, end?: number) => content.slice(start, end) };
  return { rows: Number(metadata.num_rows), columns: columnsOf(metadata, path), metadata, file };
}

/** The columns named in `names`, in the order of the file. */
export async function readColumns({ rows, columns, metadata, file }: ParquetFile, names: readonly string[]) {
  const wanted = columns.filter(({ name }) => names.includes(name));
  const data = new Map(wanted.map(({ name, type }) => [name, emptyOf(type, rows)]));
  await parquetRead({
    ...{ file, metadata, columns: [...data.keys()] },
    onChunk: ({ columnName, columnData, rowStart }) => {
      const values = data.get(columnName)?.values as { set?: unknown; [row: number]: unknown } | undefined;
      if (values === undefined) return;
      if (values instanceof Float64Array || values instanceof Int32Array)
        values.set(columnData as Float64Array, rowStart);
      else for (let row = 0; row < columnData.length; row += 1) values[rowStart + row] = columnData[row];
    },
  });
  return data;
}

function metaOf({ metadata }: ParquetFile, key: string): string | undefined {
  return metadata.key_value_metadata?.find((entry) => entry.key === key)?.value;
}

/**
 * The table in a Parquet file: `encodeParquet` of it gives the same bytes.
 *
 * @throws ResultsError when the file is damaged or has columns that `encodeParquet` does not write.
 */
export async function decodeParquet(bytes: Uint8Array, name: string, path: string): Promise<Table> {
  const file = openParquet(bytes, path);
  const units = JSON.parse(metaOf(file, "shardlab.units") ?? "{}") as Record<string, string>;
  let data: Map<string, ColumnData>;
  try {
    data = await readColumns(
      file,
      file.columns.map((column) => column.name),
    );
  } catch (error) {
    throw new ResultsError(`damaged file: ${path} (its columns do not decode)`, { cause: error });
  }
  const columns = [...data].map(
    ([column, values]): Column => ({ name: column, unit: units[column] ?? "", data: values }),
  );
  return { name, version: Number(metaOf(file, "shardlab.version") ?? 1), columns };
}
