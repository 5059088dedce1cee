/** SI values told in the units in which scenario files write them. */
import { type DimensionName, dimensions, readQuantity } from "@shardlab/contracts";
import { formatQuantity } from "./number-format.ts";

export interface Notation {
  /** Empty for plain numbers. */
  readonly unit: string;
  /** An SI value in that unit. */
  readonly scale: (si: number) => number;
  readonly write: (si: number) => string;
}

const plain: Notation = { unit: "", scale: (si) => si, write: (si) => formatQuantity(si, "") };

/** How many SI units `text`, such as `1 %/y` or `$1/h`, is; undefined where no dimension has that unit. */
function inSi(text: string): number | undefined {
  for (const name of Object.keys(dimensions) as DimensionName[]) {
    const read = readQuantity(name, text);
    if ("value" in read) return read.value;
  }
  return undefined;
}

/** The unit of `15 %/y` or `$2.10/h`, and how many SI units one of it is; undefined for counts and plain numbers. */
function unitOf(text: string): { unit: string; factor: number } | undefined {
  if (/^[+-]?[\d._]+[kMBT]$/.test(text)) return undefined;
  const money = /^-?\$[\d._]+[kMBT]?(\/.+)?$/.exec(text);
  const unit = money ? `$${money[1] ?? ""}` : /^[+-]?[\d._]+(?:[eE][+-]?\d+)?\s?(\D.*)$/.exec(text)?.[1];
  if (unit === undefined) return undefined;
  const factor = unit === "%" ? 0.01 : inSi(money ? `$1${money[1] ?? ""}` : `1 ${unit}`);
  return factor === undefined ? undefined : { unit, factor };
}

/** The notation of `text` as it stands in a file, such as `15 %/y`. */
export function notationOf(text: string): Notation {
  const found = unitOf(text.trim());
  if (found === undefined) return plain;
  const { unit, factor } = found;
  return { unit, scale: (si) => si / factor, write: (si) => formatQuantity(si / factor, unit) };
}

/** The part of a JSON Schema that this reads. */
interface SchemaNode {
  /** `#/definitions/NAME`: rules that go around rules are defined once and referred to. */
  readonly $ref?: string;
  readonly properties?: Readonly<Record<string, SchemaNode>>;
  readonly items?: SchemaNode;
  readonly anyOf?: readonly SchemaNode[];
  readonly oneOf?: readonly SchemaNode[];
  readonly const?: unknown;
  readonly default?: unknown;
  readonly description?: string;
  readonly examples?: readonly unknown[];
}

/** The node and its alternatives, such as the kinds of a mechanism. */
function alternativesOf(node: SchemaNode, root: object): readonly SchemaNode[] {
  const meant = node.$ref === undefined ? node : definitionOf(node.$ref, root);
  const below = [...(meant.anyOf ?? []), ...(meant.oneOf ?? [])];
  return [meant, ...below.flatMap((alternative) => alternativesOf(alternative, root))];
}

const definitionOf = (reference: string, root: object): SchemaNode =>
  reference
    .split("/")
    .slice(1)
    .reduce((node: object, key) => (node as Readonly<Record<string, object>>)[key] ?? {}, root);

/** Whether an alternative is for values of this kind; one without a kind is for all. */
function isOfKind({ properties }: SchemaNode, kind: unknown): boolean {
  const own = properties?.kind?.const;
  return own === undefined || kind === undefined || own === kind;
}

/**
 * Every place that one segment of a dotted path leads to: a key, a position in a list, or `*`.
 *
 * @param kind of the value that stands at the node, where it is known.
 */
const childrenOf = (node: SchemaNode, segment: string, root: object, kind?: unknown): SchemaNode[] =>
  alternativesOf(node, root)
    .filter((alternative) => isOfKind(alternative, kind))
    .flatMap(({ properties, items }) => properties?.[segment] ?? items ?? []);

/**
 * The notation of the parameter at a dotted path (`providers.*.discountRate`), from the default or the example that the
 * schema of scenario files gives it; plain where it gives none with a unit. Where the resolved scenario is given, the kinds
 * that it chose decide.
 */
export function notationAt(schema: object, path: string, resolved?: unknown): Notation {
  const nodes = nodesAt(schema, path, resolved);
  const leaves = nodes.flatMap((node) => alternativesOf(node, schema));
  // The default comes first, because an example of a unit may be of another order of magnitude (`40 ms` for a horizon).
  const written = [...leaves.map((leaf) => leaf.default), ...leaves.flatMap(({ examples = [] }) => examples)];
  const isShare = leaves.some((leaf) => typeof leaf.default === "number");
  const text = isShare ? undefined : written.find((value) => typeof value === "string");
  return typeof text === "string" ? notationOf(text) : plain;
}

function nodesAt(schema: object, path: string, resolved?: unknown): readonly SchemaNode[] {
  let nodes: readonly SchemaNode[] = [schema];
  let value = resolved;
  for (const segment of path.split(/[.[\]]+/).filter((part) => part !== "")) {
    const kind = valueBelow(value, "kind");
    nodes = nodes.flatMap((node) => childrenOf(node, segment, schema, kind));
    value = valueBelow(value, segment);
  }
  return nodes;
}

const valueBelow = (value: unknown, key: string): unknown =>
  typeof value === "object" && value !== null ? (value as Readonly<Record<string, unknown>>)[key] : undefined;

/** Whether the parameter at a dotted path is a share, which files may write in per cent. */
export const isShareAt = (schema: object, path: string): boolean =>
  nodesAt(schema, path)
    .flatMap((node) => alternativesOf(node, schema))
    .some(({ examples = [] }) => examples.some((example) => String(example) === "90 %"));

/** What the schema says of the parameter at a dotted path; empty where it says nothing. */
export const describedAt = (schema: object, path: string, resolved?: unknown): string =>
  nodesAt(schema, path, resolved).find(({ description }) => description !== undefined)?.description ?? "";

/** The name of a parameter in a sentence: `market.revenueMultiple` is `revenue multiple`. */
export function pathLabel(path: string): string {
  const leaf = path.split(".").at(-1) ?? path;
  return leaf.replaceAll(/[A-Z]/g, (letter) => ` ${letter.toLowerCase()}`);
}
