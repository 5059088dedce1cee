/** A place in a document together with its schema: which keys it allows, and what lies below it. */
import type { z } from "zod";
import type { Path } from "./fault.ts";

type Schema = z.core.$ZodType;
type KnownSchema = z.core.$ZodTypes;
type ObjectSchema = z.core.$ZodObject;

/** A schema and the value that stands there; undefined where the document says nothing. */
export interface SchemaPlace {
  readonly schema: Schema;
  readonly value: unknown;
}

export const isRecord = (value: unknown): value is Record<string, unknown> =>
  typeof value === "object" && value !== null && !Array.isArray(value);

/** The schema inside defaults and optionals. */
export function unwrap(schema: Schema): KnownSchema {
  let current = schema as KnownSchema;
  for (;;) {
    const { def } = current._zod;
    const isWrapper = def.type === "optional" || def.type === "default" || def.type === "prefault";
    if (!isWrapper) return current;
    current = def.innerType as KnownSchema;
  }
}

/** What stands at a place that a file leaves out, in the notation of the file; undefined without a default. */
export function startingValue(schema: Schema): unknown {
  const { def } = (schema as KnownSchema)._zod;
  if (def.type === "default" || def.type === "prefault") return def.defaultValue;
  return def.type === "optional" ? startingValue(def.innerType) : undefined;
}

const effectiveValue = (place: SchemaPlace): unknown => place.value ?? startingValue(place.schema);

/** The objects that a union chooses from by their `kind`; empty for any other schema. */
function kindOptions(schema: KnownSchema): readonly ObjectSchema[] {
  const { def } = schema._zod;
  return def.type === "union" && "discriminator" in def ? (def.options as readonly ObjectSchema[]) : [];
}

const kindOf = (option: ObjectSchema): string => {
  const literal = option._zod.def.shape.kind as z.core.$ZodLiteral | undefined;
  return String(literal?._zod.def.values[0]);
};

/** The kinds that a place can choose from; empty where there is nothing to choose. */
export const kindsAt = (schema: Schema): readonly string[] => kindOptions(unwrap(schema)).map(kindOf);

/** The object schema that holds at a place: the chosen kind's where there is a choice. */
function objectAt(place: SchemaPlace): ObjectSchema | undefined {
  const schema = unwrap(place.schema);
  if (schema._zod.def.type === "object") return schema as ObjectSchema;
  const value = effectiveValue(place);
  const kind = isRecord(value) ? value.kind : undefined;
  return kindOptions(schema).find((option) => kindOf(option) === kind);
}

/** The keys that may stand at a place; undefined where it is no map, or a map with keys of its own. */
export function keysAt(place: SchemaPlace): readonly string[] | undefined {
  const object = objectAt(place);
  if (object) return Object.keys(object._zod.def.shape);
  return kindOptions(unwrap(place.schema)).length > 0 ? ["kind"] : undefined;
}

/** What a place is: it decides how a segment of a path is read. */
export function shapeAt(place: SchemaPlace): "map" | "list" | "record" | "leaf" {
  const { type } = unwrap(place.schema)._zod.def;
  if (keysAt(place)) return "map";
  return type === "array" ? "list" : type === "record" ? "record" : "leaf";
}

/** The place one step below; undefined where the schema has none of that name. */
export function childAt(place: SchemaPlace, segment: string | number): SchemaPlace | undefined {
  const { def } = unwrap(place.schema)._zod;
  const value = effectiveValue(place);
  const below = typeof value === "object" && value !== null && Object.hasOwn(value, segment);
  const childValue: unknown = below ? (value as Record<string | number, unknown>)[segment] : undefined;
  if (def.type === "array") return { schema: def.element, value: childValue };
  if (def.type === "record") return { schema: def.valueType, value: childValue };
  const object = objectAt(place) ?? kindOptions(unwrap(place.schema))[0];
  const shape = object?._zod.def.shape;
  const known = shape !== undefined && Object.hasOwn(shape, segment);
  return known ? { schema: shape[segment] as Schema, value: childValue } : undefined;
}

/** Whether the place, or some kind that it can choose, has this key. */
export function isKeyOfSomeKind(schema: Schema, key: string): boolean {
  const inner = unwrap(schema);
  const options = inner._zod.def.type === "object" ? [inner as ObjectSchema] : kindOptions(inner);
  return options.some((option) => Object.hasOwn(option._zod.def.shape, key));
}

/**
 * What stands at a place with every bare kind (`beliefs: rational`) written out as a map (`beliefs: { kind: rational }`).
 *
 * @param onKind is told the path of each kind that was written out.
 */
export function withKindsWrittenOut(place: SchemaPlace, onKind: (path: Path) => void, path: Path = []): unknown {
  const { schema, value } = place;
  if (typeof value === "string" && kindsAt(schema).length > 0) {
    onKind([...path, "kind"]);
    return { kind: value };
  }
  const below = (segment: string | number, inner: unknown): unknown => {
    const child = childAt(place, segment);
    return child ? withKindsWrittenOut({ schema: child.schema, value: inner }, onKind, [...path, segment]) : inner;
  };
  if (Array.isArray(value)) return value.map((element, index) => below(index, element));
  if (!isRecord(value)) return value;
  return Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, below(key, inner)]));
}
