/** Topologies from files: a parsed object, or a table of nodes, checked with an answer that a person can act on. */
import { unknownName } from "@shardlab/contracts";
import { z } from "zod";
import type { Topology } from "../topology.ts";
import { createTopology, topologyKinds, topologySpec } from "./registry.ts";

export type FieldPath = readonly (string | number)[];

/** One thing wrong with a file: where, and what. */
export interface TopologyFault {
  readonly path: FieldPath;
  readonly message: string;
}

/** All that is wrong with a file, a line each. */
export class TopologyError extends Error {
  readonly faults: readonly TopologyFault[];

  constructor(faults: readonly TopologyFault[], placeOf: (path: FieldPath) => string) {
    super(faults.map(({ path, message }) => `${placeOf(path)}: ${message}`).join("\n"));
    this.name = "TopologyError";
    this.faults = faults;
  }
}

/** `nodes[3].up`, as a file without known lines is spoken of. */
export function fieldOf(path: FieldPath): string {
  const text = path.map((segment) => (typeof segment === "number" ? `[${segment}]` : `.${segment}`)).join("");
  return text === "" ? "topology" : text.replace(/^\./, "");
}

/**
 * Checks a parsed YAML or JSON document and makes its topology.
 *
 * @param placeOf names the place of a field in messages: a reader that knows lines says `net.yaml:12`.
 * @throws TopologyError with every fault: unknown kinds, keys, groups and regions with the nearest right name, numbers without a
 * unit, values out of range.
 */
export function readTopology(input: unknown, placeOf: (path: FieldPath) => string = fieldOf): Topology {
  const kind = isRecord(input) ? input.kind : undefined;
  if (!topologyKinds.includes(kind as never)) {
    const message =
      kind === undefined
        ? `missing key: kind (expected ${topologyKinds.join(", ")})`
        : unknownName("topology", String(kind), topologyKinds);
    throw new TopologyError([{ path: kind === undefined ? [] : ["kind"], message }], placeOf);
  }
  const parsed = topologySpec.safeParse(input);
  if (parsed.success) return createTopology(parsed.data);
  const faults = parsed.error.issues.flatMap((issue) => faultsOf(issue, input));
  throw new TopologyError(faults, placeOf);
}

/**
 * Reads nodes from comma-separated text whose first line names the columns (`group,count,up,down,latency,loss,region`); empty
 * cells are left out, lines that begin with # are comments. For `nodes` of a topology; `lineOf` is the line of a node's path
 * (`["nodes", 0, "up"]`), for messages.
 * @throws Error `line 3: 4 cells for 5 columns`
 */
export function readNodeTable(text: string): { nodes: Record<string, string>[]; lineOf: (path: FieldPath) => string } {
  const lines = text
    .split(/\r?\n/)
    .map((content, index) => ({ cells: content.split(",").map((cell) => cell.trim()), line: index + 1, content }))
    .filter(({ content }) => content.trim() !== "" && !content.trimStart().startsWith("#"));
  const [header, ...rows] = lines;
  const columns = header?.cells ?? [];
  const nodes = rows.map(({ cells, line }) => {
    if (cells.length !== columns.length) {
      throw new Error(`line ${line}: ${cells.length} cells for ${columns.length} columns`);
    }
    return Object.fromEntries(columns.map((column, i) => [column, cells[i]]).filter(([, cell]) => cell !== ""));
  });
  const lineOf = (path: FieldPath): string => {
    const row = path[0] === "nodes" && typeof path[1] === "number" ? rows[path[1]] : undefined;
    return row === undefined ? fieldOf(path) : `line ${row.line}, ${fieldOf(path.slice(2))}`;
  };
  return { nodes, lineOf };
}

type Issue = z.core.$ZodIssue;

const isRecord = (value: unknown): value is Record<string, unknown> => typeof value === "object" && value !== null;

function faultsOf(issue: Issue, input: unknown): TopologyFault[] {
  const path = issue.path.map((segment) => (typeof segment === "number" ? segment : String(segment)));
  const value = path.reduce<unknown>((at, segment) => (isRecord(at) ? at[segment] : undefined), input);
  if (issue.code === "unrecognized_keys") {
    const known = keysAt(path, input);
    return issue.keys.map((key) => ({ path: [...path, key], message: unknownName("key", key, known) }));
  }
  if (value === undefined) return [{ path, message: `missing key: ${path.at(-1)}` }];
  if (issue.code === "invalid_union") {
    return [{ path, message: unknownName(String(path.at(-2)), String(value), [...kindsAt(path.slice(0, -1), input)]) }];
  }
  const saysAll = /^(unknown|repeated) /.test(issue.message);
  return [
    { path, message: saysAll ? issue.message : `invalid ${path.at(-1)}: ${JSON.stringify(value)} (${issue.message})` },
  ];
}

/** The JSON Schema of the place at `path`, for the kinds that the document names on the way. */
function schemaAt(path: FieldPath, input: unknown): JsonSchema {
  let value = input;
  let schema = chosen(z.toJSONSchema(topologySpec, { io: "input" }) as JsonSchema, value);
  for (const segment of path) {
    value = isRecord(value) ? value[segment] : undefined;
    const next = typeof segment === "number" ? schema.items : schema.properties?.[segment];
    schema = chosen(next ?? {}, value);
  }
  return schema;
}

interface JsonSchema {
  readonly properties?: Readonly<Record<string, JsonSchema>>;
  readonly items?: JsonSchema;
  readonly oneOf?: readonly JsonSchema[];
  readonly anyOf?: readonly JsonSchema[];
  readonly const?: unknown;
}

const alternativesOf = (schema: JsonSchema): readonly JsonSchema[] => schema.oneOf ?? schema.anyOf ?? [];

function chosen(schema: JsonSchema, value: unknown): JsonSchema {
  const kind = isRecord(value) ? value.kind : undefined;
  return alternativesOf(schema).find(({ properties }) => properties?.kind?.const === kind) ?? schema;
}

const keysAt = (path: FieldPath, input: unknown): readonly string[] =>
  Object.keys(schemaAt(path, input).properties ?? {});

const kindsAt = (path: FieldPath, input: unknown): readonly string[] =>
  alternativesOf(schemaAt(path, input)).map(({ properties }) => String(properties?.kind?.const));
