import { EventLoop } from "@shardlab/des";
import { createStreams } from "@shardlab/random";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { Churn, churnSpec } from "../churn.ts";
import type { AvailabilityTrace } from "./availability-trace.ts";
import { parseTrace } from "./parse-trace.ts";
import { readJson } from "./positioned-json.ts";
import { formatTraceCsv } from "./trace-csv.ts";
import { TraceFault } from "./trace-fault.ts";
import { formatTraceJson } from "./trace-json.ts";

const csv = `# measured by nobody
# horizonSeconds 100
node,startSeconds,endSeconds,ending
a,0,10,crash
b, 5 ,20.5,
a,30,100,departure
c,,,
`;

const faultOf = (text: string): string => {
  try {
    parseTrace(text);
  } catch (fault) {
    if (fault instanceof TraceFault) return fault.message;
    throw fault;
  }
  return "no fault";
};

/** Times, what and node of everything that a trace makes happen up to `until`. */
function replay(text: string, atEnd: string, until: number): (readonly [number, string, number])[] {
  const loop = new EventLoop();
  const events: (readonly [number, string, number])[] = [];
  const note = (what: string) => (node: number) => events.push([loop.now, what, node]);
  new Churn({
    spec: churnSpec.parse({ population: { kind: "availability-trace", file: "some.csv", atEnd } }),
    loop,
    streams: createStreams(1),
    handlers: { onArrival: note("arrival"), onDeparture: note("departure"), onCrash: note("crash") },
    readText: () => text,
  }).start();
  loop.run({ until });
  return events;
}

describe("CSV", () => {
  it("reads intervals by node, endings, comments and nodes that are never present", () => {
    const trace = parseTrace(csv);
    expect(trace.names).toEqual(["a", "b", "c"]);
    expect([...trace.offsets]).toEqual([0, 2, 3, 3]);
    expect([...trace.startSeconds]).toEqual([0, 30, 5]);
    expect([...trace.endSeconds]).toEqual([10, 100, 20.5]);
    expect([...trace.isCrash]).toEqual([1, 0, 0]);
    expect(trace.horizonSeconds).toBe(100);
  });
  it("takes the last end for the horizon, columns in any order, and CRLF", () => {
    const trace = parseTrace("endSeconds,node,startSeconds\r\n9,x,1\r\n4,y,0\r\n");
    expect([trace.horizonSeconds, [...trace.startSeconds], [...trace.endSeconds]]).toEqual([9, [1, 0], [9, 4]]);
  });

  const header = "node,startSeconds,endSeconds,ending\n";
  it.each([
    ["", "1:1 missing header: expected node, startSeconds, endSeconds, ending"],
    [header, "1:1 no nodes: expected at least one"],
    [`${header}a,,,\n`, "1:1 no horizon: expected an interval or a horizon above 0"],
    ["node,start,endSeconds\n", '1:6 unknown column: "start" (expected node, startSeconds, endSeconds, ending)'],
    ["node,node,endSeconds\n", "1:6 column given twice: node"],
    ["node,startSeconds\n", "1:1 missing column: endSeconds"],
    [`${header}a,1\n`, "2:1 wrong number of fields: 2 (expected 4: node, startSeconds, endSeconds, ending)"],
    [`${header}a,1h,2,\n`, '2:3 not a start: "1h" (expected seconds from the start of the trace, 0 or more)'],
    [`${header}a,1,,\n`, "2:5 not an end: nothing (expected seconds from the start of the trace, 0 or more)"],
    [`${header}a,-1,2,\n`, '2:3 not a start: "-1" (expected seconds from the start of the trace, 0 or more)'],
    [`${header}a,0x1,2,\n`, '2:3 not a start: "0x1" (expected seconds from the start of the trace, 0 or more)'],
    [`${header}a,1, 1,\n`, "2:6 end too early: 1 (expected more than the start, 1)"],
    [
      `${header}a,0,10,\nb,1,2,\na,9,12,\n`,
      '4:3 start too early: 9 (expected at least 10, the end of the previous interval of "a")',
    ],
    [`${header}a,0,1,left\n`, '2:7 unknown ending: "left" (expected departure or crash)'],
    [`${header},0,1,\n`, "2:1 missing node: expected a name"],
    [`${header}"a",0,1,\n`, "2:1 unexpected quote: fields are not quoted"],
    [`# horizonSeconds 5\n${header}a,0,4,\nb,0,6,\n`, "4:5 end too late: 6 (expected at most the horizon, 5)"],
    [
      `# horizonSeconds soon\n${header}`,
      '1:18 not a horizon: "soon" (expected seconds from the start of the trace, 0 or more)',
    ],
    [`# horizonSeconds 1\n# horizonSeconds 2\n${header}`, "2:18 horizon given twice: 2"],
  ])("says what is wrong with %j", (text, message) => {
    expect(faultOf(text)).toBe(message);
  });
});

describe("JSON", () => {
  const interval = '{ "startSeconds": 0, "endSeconds": 5 }';
  it("reads the same as CSV", () => {
    const text = `{ "version": 1, "horizonSeconds": 100, "nodes": [
      { "name": "a", "intervals": [{ "startSeconds": 0, "endSeconds": 10, "ending": "crash" },
                                   { "startSeconds": 30, "endSeconds": 1e2, "ending": "departure" }] },
      { "name": "b", "intervals": [{ "startSeconds": 5, "endSeconds": 20.5 }] },
      { "name": "c", "intervals": [] } ] }`;
    expect(parseTrace(text)).toEqual(parseTrace(csv));
  });
  it.each([
    ["[]", "1:1 not an object: a list"],
    ["{", "1:2 unexpected end of the file: expected a key in quotes or }"],
    ['{ "version": 1 }', "1:1 missing key: nodes"],
    ['{ "version": 2, "nodes": [] }', "1:14 unknown version: 2 (expected 1)"],
    [
      '{ "version": 1, "nodes": [],\n  "nods": [] }',
      '2:3 unknown key: "nods" (expected version, horizonSeconds, nodes)',
    ],
    ['{ "version": 1, "nodes": {} }', "1:26 not a list: an object"],
    ['{ "version": 1, "version": 1 }', '1:17 key given twice: "version"'],
    ['{ "version": 1, "nodes": [] } x', '1:31 unexpected "x": expected the end of the file'],
    ['{ "version": 1 "nodes": [] }', '1:16 unexpected "\\"nodes\\"": expected a comma or }'],
    ["{ version: 1 }", '1:3 unexpected "version": expected a key in quotes'],
    ['{ "version" 1 }', '1:13 unexpected "1": expected : after a key'],
    ['{ "version": 01 }', '1:14 unexpected "01": expected a value'],
    ['{ "version": "1', "1:14 unfinished text: expected a closing quote on the same line"],
    ['{ "version": "\\x" }', '1:14 invalid text: "\\"\\\\x\\""'],
    [
      `{ "version": 1, "nodes": [{ "name": "a", "intervals": [${interval}] },\n{ "name": "a", "intervals": [] }] }`,
      '2:11 node given twice: "a"',
    ],
    [
      '{ "version": 1, "nodes": [{ "name": "a", "intervals": [\n{ "startSeconds": "0", "endSeconds": 5 }] }] }',
      '2:19 not a number: the text "0"',
    ],
    [
      '{ "version": 1, "nodes": [{ "name": "a", "intervals": [\n{ "startSeconds": 6, "endSeconds": 5 }] }] }',
      "2:36 end too early: 5 (expected more than the start, 6)",
    ],
    [`${"[".repeat(40)}`, "1:33 nested too deep: expected at most 32 levels"],
  ])("says what is wrong with %j", (text, message) => {
    expect(faultOf(text)).toBe(message);
  });
  it("reads every JSON value as the engine does", () => {
    const plain = (value: ReturnType<typeof readJson>): unknown => {
      if (Array.isArray(value.value)) return value.value.map(plain);
      if (!(value.value instanceof Map)) return value.value;
      return Object.fromEntries([...value.value].map(([key, { item }]) => [key, plain(item)]));
    };
    const property = fc.property(fc.jsonValue({ maxDepth: 5 }), fc.constantFrom(0, 1, 4), (value, indent) => {
      const text = JSON.stringify(value, undefined, indent);
      expect(JSON.stringify(plain(readJson(text)))).toBe(JSON.stringify(JSON.parse(text)));
    });
    fc.assert(property);
  });
});

it("faults are faults whatever the text", () => {
  const pieces = fc.constantFrom(
    "node,startSeconds,endSeconds,ending\n",
    "a,",
    "1,",
    "2",
    ",\n",
    "# horizonSeconds",
    '"',
    "{",
    "[",
    '"version": 1',
    ":",
    "}",
    " ",
  );
  const property = fc.property(fc.array(fc.oneof(pieces, fc.string()), { maxLength: 20 }), (parts) => {
    // Anything but a TraceFault is thrown on.
    expect(faultOf(parts.join(""))).toMatch(/^(no fault|\d+:\d+ \S)/);
  });
  fc.assert(property, { numRuns: 2000 });
});

/** Traces whose times are sums of whole steps, so that they come back exactly. */
const traces: fc.Arbitrary<AvailabilityTrace> = fc
  .record({
    nodes: fc.array(
      fc.array(fc.tuple(fc.integer({ min: 0, max: 50 }), fc.integer({ min: 1, max: 50 }), fc.boolean()), {
        maxLength: 5,
      }),
      {
        minLength: 1,
        maxLength: 5,
      },
    ),
    step: fc.constantFrom(0.1, 1, 3600),
    rest: fc.integer({ min: 1, max: 9 }),
  })
  .map(({ nodes, step, rest }) => {
    const offsets = new Int32Array(nodes.length + 1);
    const [starts, ends, crashes]: [number[], number[], number[]] = [[], [], []];
    nodes.forEach((intervals, node) => {
      let time = 0;
      for (const [gap, length, isCrash] of intervals) {
        starts.push((time + gap) * step);
        ends.push((time + gap + length) * step);
        crashes.push(isCrash ? 1 : 0);
        time += gap + length;
      }
      offsets[node + 1] = starts.length;
    });
    return {
      names: nodes.map((_, node) => `node ${node}`),
      offsets,
      startSeconds: Float64Array.from(starts),
      endSeconds: Float64Array.from(ends),
      isCrash: Uint8Array.from(crashes),
      horizonSeconds: Math.max(0, ...ends) + rest * step,
    };
  });

it("traces come back as they were written", () => {
  const property = fc.property(traces, (trace) => {
    expect(parseTrace(formatTraceCsv(trace))).toEqual(trace);
    expect(parseTrace(formatTraceJson(trace))).toEqual(trace);
  });
  fc.assert(property);
  const odd = { ...parseTrace(csv), names: ["a,b", "b", "c"] };
  expect(() => formatTraceCsv(odd)).toThrow('name not possible in CSV: "a,b"');
  expect(parseTrace(formatTraceJson(odd))).toEqual(odd);
});

describe("replay", () => {
  const first = [
    [0, "arrival", 0],
    [5, "arrival", 1],
    [10, "crash", 0],
    [20.5, "departure", 1],
    [30, "arrival", 0],
  ];
  it("wraps round, and keeps who is present on both sides of the seam", () => {
    expect(replay(csv, "wrap", 231)).toEqual([
      ...first,
      [105, "arrival", 1],
      [110, "crash", 0],
      [120.5, "departure", 1],
      [130, "arrival", 0],
      [205, "arrival", 1],
      [210, "crash", 0],
      [220.5, "departure", 1],
      [230, "arrival", 0],
    ]);
  });
  it("holds what is at the end, or lets all leave", () => {
    expect(replay(csv, "hold", 1000)).toEqual(first);
    expect(replay(csv, "leave", 1000)).toEqual([...first, [100, "departure", 0]]);
  });
  it("ends a session that stops at the seam when the next begins later", () => {
    const text = "node,startSeconds,endSeconds,ending\na,2,10,crash\n";
    expect(replay(text, "wrap", 21)).toEqual([
      [2, "arrival", 0],
      [10, "crash", 0],
      [12, "arrival", 0],
      [20, "crash", 0],
    ]);
    // The end of the measurement is no crash.
    expect(replay(text, "leave", 99).at(-1)).toEqual([10, "departure", 0]);
  });
  it("never disturbs a node that is always present, until the end where all leave", () => {
    const text = "node,startSeconds,endSeconds\na,0,10\n";
    for (const atEnd of ["wrap", "hold"]) expect(replay(text, atEnd, 1e6)).toEqual([[0, "arrival", 0]]);
    expect(replay(text, "leave", 1e6).at(-1)).toEqual([10, "departure", 0]);
  });
  it("shows each interval as it is written, in every repetition", () => {
    const property = fc.property(traces, fc.integer({ min: 1, max: 3 }), (trace, repetitions) => {
      const expected: [number, string, number][] = [];
      for (let k = 0; k < repetitions; k++) {
        trace.names.forEach((_, node) => {
          for (let i = trace.offsets[node]; i < trace.offsets[node + 1]; i++) {
            expected.push([k * trace.horizonSeconds + trace.startSeconds[i], "arrival", node]);
            const ending = trace.isCrash[i] === 1 ? "crash" : "departure";
            expected.push([k * trace.horizonSeconds + trace.endSeconds[i], ending, node]);
          }
        });
      }
      const until = repetitions * trace.horizonSeconds - 1e-6;
      const shown = replay(formatTraceCsv(trace), "wrap", until);
      const key = ([time, what, node]: readonly [number, string, number]) => `${node} ${time.toFixed(6)} ${what}`;
      expect(shown.map(key).sort()).toEqual(expected.map(key).sort());
    });
    fc.assert(property);
  });
  it("names the file of a fault, and wants somebody to read it", () => {
    const spec = churnSpec.parse({ population: { kind: "availability-trace", file: "lab/trace.csv" } });
    const make = (readText?: (path: string) => string) =>
      new Churn({
        spec,
        loop: new EventLoop(),
        streams: createStreams(1),
        handlers: {},
        ...(readText && { readText }),
      });
    expect(() => make(() => "node\n")).toThrow("lab/trace.csv:1:1 missing column: startSeconds");
    expect(() => make()).toThrow("unreadable file: lab/trace.csv");
  });
});
