import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { commitColumn, editColumn, openColumn, setRow, valuesOf } from "./versioned-column.ts";

describe("versions of a column", () => {
  test("are what copies would be, whichever version an edit begins from", () => {
    const change = fc.record({ row: fc.nat(6), value: fc.integer() });
    const edits = fc.array(fc.record({ of: fc.nat(50), changes: fc.array(change, { maxLength: 150 }) }), {
      maxLength: 30,
    });
    const property = fc.property(edits, fc.array(fc.nat(50)), (made, reads) => {
      const versions = [openColumn(new Float64Array(7))];
      const copies = [new Float64Array(7)];
      for (const { of, changes } of made) {
        const from = of % versions.length;
        const edit = editColumn(versions[from]);
        const copy = copies[from].slice();
        for (const { row, value } of changes) {
          setRow(edit, row, value);
          copy[row] = value;
        }
        versions.push(commitColumn(edit));
        copies.push(copy);
      }
      for (const read of reads) {
        expect(valuesOf(versions[read % versions.length])).toEqual(copies[read % versions.length]);
      }
      for (const [index, version] of versions.entries()) expect(valuesOf(version)).toEqual(copies[index]);
    });
    fc.assert(property, { seed: 11, numRuns: 300 });
  });

  test("cannot be read while the next one is made", () => {
    const first = openColumn(Float64Array.of(1, 2));
    const edit = editColumn(first);
    setRow(edit, 1, 5);
    expect(() => valuesOf(first)).toThrow("version being edited");
    const second = commitColumn(edit);
    expect([...valuesOf(first)]).toEqual([1, 2]);
    expect([...valuesOf(second)]).toEqual([1, 5]);
  });

  test("the newest is never copied", () => {
    const values = new Float64Array(3);
    let version = openColumn(values);
    for (let row = 0; row < 3; row++) {
      const edit = editColumn(version);
      setRow(edit, row, row + 1);
      version = commitColumn(edit);
    }
    expect(valuesOf(version)).toBe(values);
  });
});
