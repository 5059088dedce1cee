import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { VersionedColumn } from "./versioned-column.ts";

describe("versions of a column", () => {
  test("are what copies would be, whichever version an edit begins from", () => {
    const change = fc.record({ row: fc.nat(6), value: fc.integer() });
    const edits = fc.array(fc.record({ of: fc.nat(50), changes: fc.array(change, { maxLength: 150 }) }), {
      maxLength: 30,
    });
    const property = fc.property(edits, fc.array(fc.nat(50)), (made, reads) => {
      const versions = [new VersionedColumn(new Float64Array(7))];
      const copies = [new Float64Array(7)];
      for (const { of, changes } of made) {
        const from = of % versions.length;
        const edit = versions[from].edit();
        const copy = copies[from].slice();
        for (const { row, value } of changes) {
          edit.set(row, value);
          copy[row] = value;
        }
        versions.push(edit.commit());
        copies.push(copy);
      }
      for (const read of reads) {
        expect(versions[read % versions.length].values).toEqual(copies[read % versions.length]);
      }
      for (const [index, version] of versions.entries()) expect(version.values).toEqual(copies[index]);
    });
    fc.assert(property, { seed: 11, numRuns: 300 });
  });

  test("cannot be read while the next one is made", () => {
    const first = new VersionedColumn(Float64Array.of(1, 2));
    const edit = first.edit();
    edit.set(1, 5);
    expect(() => first.values).toThrow("version being edited");
    const second = edit.commit();
    expect([...first.values]).toEqual([1, 2]);
    expect([...second.values]).toEqual([1, 5]);
  });

  test("read as their values in JSON, whatever they hold", () => {
    const first = new VersionedColumn(Float64Array.of(1, 2));
    const before = JSON.stringify(first);
    const edit = first.edit();
    edit.set(0, 7);
    const second = edit.commit();
    expect(JSON.stringify(first)).toBe(before);
    expect(JSON.stringify(second)).toBe(JSON.stringify(Float64Array.of(7, 2)));
  });

  test("the newest is never copied", () => {
    const values = new Float64Array(3);
    let version = new VersionedColumn(values);
    for (let row = 0; row < 3; row++) {
      const edit = version.edit();
      edit.set(row, row + 1);
      version = edit.commit();
    }
    expect(version.values).toBe(values);
  });
});
