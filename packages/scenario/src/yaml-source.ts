/** YAML text as plain values, with the place of every key and value. */
import { shorten, shown } from "@shardlab/contracts";
import {
  Composer,
  type CST,
  type Document,
  isAlias,
  isMap,
  isScalar,
  isSeq,
  type Node,
  Parser,
  type Scalar,
} from "yaml";
import type { Fault, Path } from "./fault.ts";
import { positionIn } from "./source-text.ts";

/** Deeper files are no scenarios, and recursion over them would exhaust the stack. */
export const deepestLevel = 64;
/** Values that aliases may stand for, all together; more is an alias bomb. */
const mostAliasedValues = 10_000;
const mostSyntaxFaults = 100;

/** Offsets into the text of the key and the value of one place; a list item has no key. */
export interface Place {
  readonly key?: number;
  readonly value: number;
}

/** A parsed file: plain maps, lists and scalars, and where each stands, by `placeKey` of its path. */
export interface YamlSource {
  readonly document: unknown;
  readonly places: ReadonlyMap<string, Place>;
  readonly faults: readonly Fault[];
  /** Places whose value was refused, so that its absence is no second fault. */
  readonly refused: readonly Path[];
}

/** What is wrong with a text that holds nothing. */
export const emptyText = "empty file (expected a scenario, which opens with question)";

/** The key of a path in `YamlSource.places`. */
export const placeKey = (path: Path): string => JSON.stringify(path);

/** Reads one YAML document. Where its syntax is wrong, only those faults are given and `document` is undefined. */
export function readYaml(text: string): YamlSource {
  const position = positionIn(text);
  const faultAt = (offset: number, message: string, path: Path = []): Fault => ({
    ...position(offset),
    path: path.join("."),
    message,
  });
  const refuse = (...faults: Fault[]): YamlSource => ({ document: undefined, places: new Map(), faults, refused: [] });
  const tokens = [...new Parser().parse(text)];
  const deep = tooDeep(tokens);
  if (deep !== undefined) return refuse(faultAt(deep, `nested too deeply (expected at most ${deepestLevel} levels)`));
  const documents = [...new Composer({ uniqueKeys: false, logLevel: "silent" }).compose(tokens, true, text.length)];
  const problems = documents.flatMap((document) => [...document.errors, ...document.warnings]);
  if (problems.length > 0) {
    // Tabs in the indentation make the parser complain about what follows them.
    const tabs = indentingTabs(text);
    const earlier = problems
      .filter(({ pos }) => pos[0] < (tabs[0] ?? Number.POSITIVE_INFINITY))
      .slice(0, mostSyntaxFaults);
    return refuse(
      ...earlier.map(({ code, pos, message }) => faultAt(pos[0], syntaxFault(code, message))),
      ...tabs.slice(0, mostSyntaxFaults).map((at) => faultAt(at, "tab in the indentation (expected spaces)")),
    );
  }
  const starts = tokens.filter((token) => token.type === "document");
  if (documents.length > 1) {
    return refuse(faultAt(starts[1]?.offset ?? 0, "more than one document (expected one scenario in a file)"));
  }
  const { contents } = documents[0] as Document;
  if (contents === null || (isScalar(contents) && contents.value === null)) return refuse(faultAt(0, emptyText));
  const reader = new TreeReader(faultAt);
  const document = reader.read(contents, []);
  return { document, places: reader.places, faults: reader.faults, refused: reader.refused };
}

/** Offsets of the first tab in the indentation of each line that has one. */
const indentingTabs = (text: string): readonly number[] =>
  Array.from(text.matchAll(/^( *)\t[ \t]*(?=\S)/gm), (match) => match.index + (match[1] as string).length);

/** The wording of a fault that the YAML parser found. */
function syntaxFault(code: string, message: string): string {
  if (code === "TAG_RESOLVE_FAILED")
    return `${message.split("\n")[0]?.replace("Unresolved tag", "unknown tag")} (expected no tags)`;
  const first = message.split("\n")[0] ?? "";
  return shortenSyntax(`YAML syntax: ${first.charAt(0).toLowerCase()}${first.slice(1)}`);
}

const shortenSyntax = (message: string): string => (message.length > 160 ? `${message.slice(0, 159)}…` : message);

const offsetOf = (node: { range?: readonly number[] | null } | null | undefined): number | undefined =>
  node?.range?.[0];

/** The offset of the first token that is nested too deeply, found without recursion. */
function tooDeep(tokens: readonly CST.Token[]): number | undefined {
  const pending: { token: CST.Token; depth: number }[] = tokens.map((token) => ({ token, depth: 0 }));
  while (pending.length > 0) {
    const { token, depth } = pending.pop() as { token: CST.Token; depth: number };
    if (token.type === "document" && token.value) pending.push({ token: token.value, depth });
    if (!("items" in token)) continue;
    if (depth >= deepestLevel) return token.offset;
    for (const { key, value } of token.items) {
      if (key) pending.push({ token: key, depth: depth + 1 });
      if (value) pending.push({ token: value, depth: depth + 1 });
    }
  }
  return undefined;
}

/** Turns nodes into plain values and notes where each stands. */
class TreeReader {
  readonly places = new Map<string, Place>();
  readonly faults: Fault[] = [];
  readonly refused: Path[] = [];
  readonly #anchors = new Map<string, Node>();
  readonly #faultAt: (offset: number, message: string, path?: Path) => Fault;
  #aliasDepth = 0;
  #aliasedValues = 0;

  constructor(faultAt: (offset: number, message: string, path?: Path) => Fault) {
    this.#faultAt = faultAt;
  }

  read(node: Node, path: Path, key?: number): unknown {
    const at = offsetOf(node) ?? key ?? 0;
    // A value left out has a range behind its key; the key is what a reader looks for.
    const isEmpty = isScalar(node) && node.value === null && node.source === "";
    this.places.set(placeKey(path), { value: isEmpty ? (key ?? at) : at, ...(key !== undefined && { key }) });
    if (this.#aliasDepth > 0) this.#aliasedValues += 1;
    if (isAlias(node)) return this.#readAlias(node.source, path, at, key);
    if (this.#aliasDepth === 0 && node.anchor) this.#anchors.set(node.anchor, node);
    if (isMap(node)) return this.#readMap(node.items as MapItem[], path, at);
    if (isSeq(node)) return (node.items as Node[]).map((item, index) => this.read(item, [...path, index]));
    return this.#readScalar(node as Scalar, path, at);
  }

  /** Notes a fault; the value there is left out. */
  #refuse(offset: number, message: string, path: Path): undefined {
    this.faults.push(this.#faultAt(offset, message, path));
    this.refused.push(path);
    return undefined;
  }

  #readAlias(name: string, path: Path, at: number, key: number | undefined): unknown {
    const target = this.#anchors.get(name);
    if (!target)
      return this.#refuse(at, `unknown alias: *${shorten(name)} (expected an anchor &${shorten(name)} above)`, path);
    if (path.length > deepestLevel || this.#aliasedValues > mostAliasedValues) {
      const isFirst = !this.faults.some((fault) => fault.message.startsWith("too much behind aliases"));
      return isFirst ? this.#refuse(at, `too much behind aliases: *${shorten(name)}`, path) : undefined;
    }
    this.#aliasDepth += 1;
    const value = this.read(target, path, key);
    this.#aliasDepth -= 1;
    return value;
  }

  #readMap(items: readonly MapItem[], path: Path, at: number): Record<string, unknown> {
    const record: Record<string, unknown> = {};
    for (const { key, value } of items) {
      const offset = offsetOf(key) ?? offsetOf(value) ?? at;
      if (!isScalar(key)) {
        this.faults.push(this.#faultAt(offset, "key that is not plain text (expected a word)", path));
        continue;
      }
      const name = String(key.source ?? key.value);
      const below = [...path, name];
      const problem = problemOfKey(name, record);
      if (problem === undefined) record[name] = value ? this.read(value, below, offset) : null;
      else this.faults.push(this.#faultAt(offset, problem, below));
      if (!this.places.has(placeKey(below))) this.places.set(placeKey(below), { key: offset, value: offset });
    }
    return record;
  }

  #readScalar(node: Scalar, path: Path, at: number): unknown {
    const { value } = node;
    if (typeof value === "number" && !Number.isFinite(value)) {
      return this.#refuse(at, `not a finite number: ${shorten(node.source ?? String(value))}`, path);
    }
    return typeof value === "bigint" ? Number(value) : value;
  }
}

function problemOfKey(name: string, record: Readonly<Record<string, unknown>>): string | undefined {
  if (name === "<<") return "merge key: << (expected the keys themselves)";
  // Assigning __proto__ would set the prototype instead of a key.
  if (name === "__proto__") return "unknown key: __proto__";
  return Object.hasOwn(record, name) ? `duplicate key: ${shown(name)}` : undefined;
}

interface MapItem {
  readonly key: Node | null;
  readonly value: Node | null;
}
