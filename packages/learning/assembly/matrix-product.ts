/**
 * Products of float32 matrices in WebAssembly SIMD. Each element is summed over the inner axis one product after the other,
 * so that it has the bits of the plain loop in float32 whatever the other rows and columns are, and whatever the blocks.
 *
 * Both matrices are copied, a block at a time, in the order in which the innermost loop reads them; transposes are a matter
 * of the strides with which they are copied. That loop keeps a tile of 4 rows by 8 columns in registers. It is not unrolled:
 * V8 does that, and better (34 instead of 27 GFLOP/s; tiles of 6 by 8 and 4 by 12 had 27 and 26).
 */

const tileRows: i32 = 4;
const tileColumns: i32 = 8;
/** A panel of 8 columns of the second matrix, 8 KB, stays in the first cache. */
const innerBlock: i32 = 256;
/** A block of the second matrix, 512 KB, stays in the second cache. */
const columnBlock: i32 = 512;

const rowPanelBytes: usize = innerBlock * tileRows * 4;
const tileBytes: usize = tileRows * tileColumns * 4;

/** Bytes that `multiply` needs for itself. */
export function scratchBytes(): usize {
  return rowPanelBytes + tileBytes + innerBlock * columnBlock * 4;
}

/**
 * c = a b, or c + a b unless `isFirst`, with a of [4, inner] and b of [inner, 8] copied in the order of reading.
 * @param cRow bytes from a row of c to the next.
 */
function multiplyTile(a: usize, b: usize, inner: i32, c: usize, cRow: usize, isFirst: bool): void {
  const c1 = c + cRow;
  const c2 = c1 + cRow;
  const c3 = c2 + cRow;
  let s00 = f32x4.splat(0);
  let s01 = f32x4.splat(0);
  let s10 = f32x4.splat(0);
  let s11 = f32x4.splat(0);
  let s20 = f32x4.splat(0);
  let s21 = f32x4.splat(0);
  let s30 = f32x4.splat(0);
  let s31 = f32x4.splat(0);
  if (!isFirst) {
    s00 = v128.load(c);
    s01 = v128.load(c, 16);
    s10 = v128.load(c1);
    s11 = v128.load(c1, 16);
    s20 = v128.load(c2);
    s21 = v128.load(c2, 16);
    s30 = v128.load(c3);
    s31 = v128.load(c3, 16);
  }
  for (; inner > 0; inner--) {
    const b0 = v128.load(b);
    const b1 = v128.load(b, 16);
    let value = v128.load_splat<f32>(a);
    s00 = f32x4.add(s00, f32x4.mul(value, b0));
    s01 = f32x4.add(s01, f32x4.mul(value, b1));
    value = v128.load_splat<f32>(a, 4);
    s10 = f32x4.add(s10, f32x4.mul(value, b0));
    s11 = f32x4.add(s11, f32x4.mul(value, b1));
    value = v128.load_splat<f32>(a, 8);
    s20 = f32x4.add(s20, f32x4.mul(value, b0));
    s21 = f32x4.add(s21, f32x4.mul(value, b1));
    value = v128.load_splat<f32>(a, 12);
    s30 = f32x4.add(s30, f32x4.mul(value, b0));
    s31 = f32x4.add(s31, f32x4.mul(value, b1));
    a += tileRows * 4;
    b += tileColumns * 4;
  }
  v128.store(c, s00);
  v128.store(c, s01, 16);
  v128.store(c1, s10);
  v128.store(c1, s11, 16);
  v128.store(c2, s20);
  v128.store(c2, s21, 16);
  v128.store(c3, s30);
  v128.store(c3, s31, 16);
}

/** Writes four vectors of consecutive inner elements as four vectors of one inner element each, `step` bytes apart. */
function storeTransposed(x0: v128, x1: v128, x2: v128, x3: v128, to: usize, step: usize): void {
  const low01 = v128.shuffle<f32>(x0, x1, 0, 4, 1, 5);
  const high01 = v128.shuffle<f32>(x0, x1, 2, 6, 3, 7);
  const low23 = v128.shuffle<f32>(x2, x3, 0, 4, 1, 5);
  const high23 = v128.shuffle<f32>(x2, x3, 2, 6, 3, 7);
  v128.store(to, v128.shuffle<f32>(low01, low23, 0, 1, 4, 5));
  v128.store(to + step, v128.shuffle<f32>(low01, low23, 2, 3, 6, 7));
  v128.store(to + 2 * step, v128.shuffle<f32>(high01, high23, 0, 1, 4, 5));
  v128.store(to + 3 * step, v128.shuffle<f32>(high01, high23, 2, 3, 6, 7));
}

/**
 * Copies `lines` (at most `width`) rows of the first or columns of the second matrix so that their elements of one inner
 * index lie side by side; lines that are not there are zero.
 * @param lineStride bytes from one line to the next; `innerStride` along a line.
 */
function copyPanel(
  from: usize,
  lineStride: usize,
  innerStride: usize,
  lines: i32,
  inner: i32,
  to: usize,
  width: i32,
): void {
  const step: usize = width * 4;
  let index: i32 = 0;
  if (lines === width && lineStride === 4) {
    for (; index < inner; index++) {
      for (let line = 0; line < width; line += 4) v128.store(to + line * 4, v128.load(from + line * 4));
      from += innerStride;
      to += step;
    }
    return;
  }
  if (lines === width && innerStride === 4) {
    for (; index + 4 <= inner; index += 4) {
      for (let line = 0; line < width; line += 4) {
        const start = from + line * lineStride;
        storeTransposed(
          v128.load(start),
          v128.load(start + lineStride),
          v128.load(start + 2 * lineStride),
          v128.load(start + 3 * lineStride),
          to + line * 4,
          step,
        );
      }
      from += 16;
      to += 4 * step;
    }
  }
  for (; index < inner; index++) {
    for (let line = 0; line < width; line++)
      store<f32>(to + line * 4, line < lines ? load<f32>(from + line * lineStride) : 0);
    from += innerStride;
    to += step;
  }
}

function copyTile(from: usize, fromRow: usize, to: usize, toRow: usize, rows: i32, columns: i32): void {
  for (let row = 0; row < rows; row++) {
    for (let column = 0; column < columns; column++)
      store<f32>(to + row * toRow + column * 4, load<f32>(from + row * fromRow + column * 4));
  }
}

/**
 * c = a b, with a of [rows, inner], b of [inner, columns] and c of [rows, columns] in row-major order; inner is at least 1.
 * Pointers and strides are in bytes; `scratch` points at `scratchBytes()`.
 */
export function multiply(
  a: usize,
  aRow: usize,
  aInner: usize,
  b: usize,
  bInner: usize,
  bColumn: usize,
  c: usize,
  rows: i32,
  columns: i32,
  inner: i32,
  scratch: usize,
): void {
  const tile = scratch + rowPanelBytes;
  const panels = tile + tileBytes;
  const cRow: usize = columns * 4;
  for (let firstColumn = 0; firstColumn < columns; firstColumn += columnBlock) {
    const blockColumns = min(columnBlock, columns - firstColumn);
    for (let first = 0; first < inner; first += innerBlock) {
      const count = min(innerBlock, inner - first);
      const bBlock = b + first * bInner + firstColumn * bColumn;
      for (let column = 0; column < blockColumns; column += tileColumns) {
        const lines = min(tileColumns, blockColumns - column);
        copyPanel(bBlock + column * bColumn, bColumn, bInner, lines, count, panels + column * count * 4, tileColumns);
      }
      for (let row = 0; row < rows; row += tileRows) {
        const tileHeight = min(tileRows, rows - row);
        copyPanel(a + row * aRow + first * aInner, aRow, aInner, tileHeight, count, scratch, tileRows);
        for (let column = 0; column < blockColumns; column += tileColumns) {
          const tileWidth = min(tileColumns, blockColumns - column);
          const panel = panels + column * count * 4;
          const target = c + row * cRow + (firstColumn + column) * 4;
          if (tileHeight === tileRows && tileWidth === tileColumns) {
            multiplyTile(scratch, panel, count, target, cRow, first === 0);
          } else {
            if (first > 0) copyTile(target, cRow, tile, tileColumns * 4, tileHeight, tileWidth);
            multiplyTile(scratch, panel, count, tile, tileColumns * 4, first === 0);
            copyTile(tile, tileColumns * 4, target, cRow, tileHeight, tileWidth);
          }
        }
      }
    }
  }
}
