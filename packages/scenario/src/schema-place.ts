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

/** Whether a union chooses by the form of its value (a list or a map with certain keys) and not by a `kind`. */
const choosesByForm = ({ _zod: { def } }: KnownSchema): boolean => def.type === "union" && !("discriminator" in def);

/** How many keys of `value` an option of a union knows; -1 where it takes no such value. */
function fit(option: Schema, value: unknown): number {
  const { def } = unwrap(option)._zod;
  if (Array.isArray(value)) return def.type === "array" ? 0 : -1;
  if (!isRecord(value) || def.type !== "object") return -1;
  return Object.keys(value).filter((key) => Object.hasOwn(def.shape, key)).length;
}

/** The index of the option that a list or a map is meant for, in a union that chooses by form; -1 where there is none. */
export function formIndex({ schema, value }: SchemaPlace): number {
  const inner = unwrap(schema);
  if (!choosesByForm(inner)) return -1;
  const fits = (inner._zod.def as z.core.$ZodUnionDef).options.map((option) => fit(option, value));
  return fits.indexOf(Math.max(0, ...fits));
}

/** The schema that holds at a place, inside defaults, optionals and unions that choose by form. */
function schemaAt(place: SchemaPlace): KnownSchema {
  const schema = unwrap(place.schema);
  const index = formIndex(place);
  if (index === -1) return schema;
  const option = (schema._zod.def as z.core.$ZodUnionDef).options[index] as Schema;
  return schemaAt({ schema: option, value: place.value });
}

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
  const schema = schemaAt(place);
  if (schema._zod.def.type === "object") return schema as ObjectSchema;
  const value = effectiveValue(place);
  const kind = isRecord(value) ? value.kind : undefined;
  return kindOptions(schema).find((option) => kindOf(option) === kind);
}

/** Whether an object takes other keys besides its own. */
const isOpen = ({ _zod: { def } }: ObjectSchema): boolean =>
  def.catchall !== undefined && (def.catchall as KnownSchema)._zod.def.type !== "never";

/** The keys that may stand at a place; undefined where it is no map, or a map with keys of its own. */
export function keysAt(place: SchemaPlace): readonly string[] | undefined {
  const object = objectAt(place);
  if (object) return isOpen(object) ? undefined : Object.keys(object._zod.def.shape);
  return kindOptions(unwrap(place.schema)).length > 0 ? ["kind"] : undefined;
}

/** What a place is: it decides how a segment of a path is read. */
export function shapeAt(place: SchemaPlace): "map" | "list" | "record" | "leaf" {
  const { type } = schemaAt(place)._zod.def;
  if (keysAt(place)) return "map";
  return type === "array" ? "list" : type === "record" || type === "object" ? "record" : "leaf";
}

/** The place one step below; undefined where the schema has none of that name. */
export function childAt(place: SchemaPlace, segment: string | number): SchemaPlace | undefined {
  const { def } = schemaAt(place)._zod;
  const value = effectiveValue(place);
  const below = typeof value === "object" && value !== null && Object.hasOwn(value, segment);
  const childValue: unknown = below ? (value as Record<string | number, unknown>)[segment] : undefined;
  if (def.type === "array") return { schema: def.element, value: childValue };
  if (def.type === "record") return { schema: def.valueType, value: childValue };
  const object = objectAt(place) ?? kindOptions(unwrap(place.schema))[0];
  if (!object) return undefined;
  const { shape, catchall } = object._zod.def;
  if (Object.hasOwn(shape, segment)) return { schema: shape[segment] as Schema, value: childValue };
  return catchall && isOpen(object) ? { schema: catchall, value: childValue } : undefined;
}

/** The kinds that a place can choose and that have this key. */
export const kindsWithKey = (schema: Schema, key: string): readonly string[] =>
  kindOptions(unwrap(schema))
    .filter((option) => Object.hasOwn(option._zod.def.shape, key))
    .map(kindOf);

/** Whether a place says a kind that there is none of, so that nothing is known of what lies below. */
export const hasUnknownKind = (place: SchemaPlace): boolean =>
  kindOptions(unwrap(place.schema)).length > 0 && objectAt(place) === undefined;

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
