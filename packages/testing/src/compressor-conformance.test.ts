import type { Compressor, Encoder, TensorDescription } from "@shardlab/contracts";
import { describe, expect, it } from "vitest";
import { type CompressorConformanceOptions, compressorConformance } from "./compressor-conformance.ts";

const elementsOf = ({ shape }: TensorDescription): number => shape.reduce((product, length) => product * length, 1);

/** Sends the sign and half of the magnitude of errors so far: a lossy method with a memory. */
function halving(): Compressor {
  return {
    kind: "halving",
    encodedBytes: (tensor) => 4 * elementsOf(tensor),
    isLossless: (tensor) => elementsOf(tensor) === 0,
    encoder: (tensor) => halvingEncoder(tensor),
    decode(bytes, tensor) {
      if (bytes.length !== 4 * elementsOf(tensor)) throw new Error(`invalid encoding: ${bytes.length} bytes`);
      return { values: new Float32Array(new Uint8Array(bytes).buffer) };
    },
  };
}

function halvingEncoder(tensor: TensorDescription): Encoder {
  const memory = new Float32Array(elementsOf(tensor));
  return {
    encode(values) {
      if (values.length !== memory.length) throw new Error(`invalid tensor: ${values.length} values`);
      const sent = values.map((value, i) => (value + memory[i]) / 2);
      memory.set(sent);
      return new Uint8Array(sent.buffer);
    },
    memory: () => memory.slice(),
    restore: (kept) => memory.set(kept),
  };
}

/** `halving` with parts of the compressor, or of its encoders, changed. */
const spoilt =
  (changes: (compressor: Compressor) => Partial<Compressor>): (() => Compressor) =>
  () => ({ ...halving(), ...changes(halving()) });
const spoiltEncoder = (
  changes: (encoder: Encoder, tensor: TensorDescription) => Partial<Encoder>,
): (() => Compressor) =>
  spoilt((compressor) => ({
    encoder: (tensor) => {
      const encoder = compressor.encoder(tensor);
      return { ...encoder, ...changes(encoder, tensor) };
    },
  }));

function failuresOf(create: () => Compressor, options: CompressorConformanceOptions = {}): string[] {
  return compressorConformance(create, { tensors: 40, ...options }).flatMap(({ name, run }) => {
    try {
      run();
      return [];
    } catch {
      return [name];
    }
  });
}

const largest = (values: Float32Array): number => values.reduce((most, value) => Math.max(most, Math.abs(value)), 0);

describe("compressorConformance", () => {
  it("passes a sound compressor within its bound", () => {
    // Rounding half of the smallest number to zero leaves all of it.
    expect(failuresOf(halving, { errorBound: (values) => largest(values) / 2 + 2 ** -149 })).toEqual([]);
  });

  it("fails one beyond its bound", () => {
    expect(failuresOf(halving, { errorBound: (values) => largest(values) / 3 })).toEqual([
      "stays within its error bound",
    ]);
  });

  it("names the tensor with which a check fails", () => {
    const claiming = compressorConformance(spoilt(() => ({ isLossless: () => true }))).find(({ name }) =>
      /lossless/.test(name),
    );
    expect(() => claiming?.run()).toThrow(/Counterexample: \[\{"tensor":\{"name":/);
  });
});

describe("compressors that break a rule", () => {
  it("declare other bytes than they send", () => {
    const wrong = spoilt(() => ({ encodedBytes: (tensor) => 4 * Math.max(1, elementsOf(tensor)) }));
    expect(failuresOf(wrong)).toEqual(["sends as many bytes as declared"]);
  });

  it("claim to be lossless", () => {
    expect(failuresOf(spoilt(() => ({ isLossless: () => true })))).toEqual(["is lossless where it says so"]);
  });

  it("lose values, or make up token ids", () => {
    const short = spoilt(({ decode }) => ({
      decode: (bytes, tensor) => ({ values: decode(bytes, tensor).values.subarray(1) }),
    }));
    expect(failuresOf(short)).toContain("keeps shapes and token ids");
    const invented = spoilt(({ decode }) => ({
      decode: (bytes, tensor) => ({ ...decode(bytes, tensor), tokens: new Uint16Array(tensor.shape[0] ?? 0).fill(99) }),
    }));
    expect(failuresOf(invented)).toContain("keeps shapes and token ids");
  });

  it("count their calls", () => {
    let calls = 0;
    const counting = spoiltEncoder(({ encode }) => ({
      encode: (values) => encode(values.map((value) => value + ++calls)),
    }));
    expect(failuresOf(counting)).toContain("encodes and decodes alike every time");
  });

  it("write into what they are given", () => {
    const inEncoding = spoiltEncoder(({ encode }) => ({
      encode: (values) => {
        const bytes = encode(values);
        values.fill(0);
        return bytes;
      },
    }));
    expect(failuresOf(inEncoding)).toEqual(["leaves its inputs alone"]);
    const inDecoding = spoilt(({ decode }) => ({
      decode: (bytes, tensor) => {
        const decoded = decode(bytes, tensor);
        bytes.fill(0);
        return decoded;
      },
    }));
    expect(failuresOf(inDecoding)).toContain("leaves its inputs alone");
  });

  it("answer with a buffer that they use again, or with the input's", () => {
    const reusing = spoiltEncoder(({ encode }, tensor) => {
      const buffer = new Uint8Array(4 * elementsOf(tensor));
      return {
        encode: (values) => {
          buffer.set(encode(values));
          return buffer;
        },
      };
    });
    expect(failuresOf(reusing)).toEqual(["answers with memory of its own"]);
    const viewing = spoilt(({ decode }) => ({
      decode: (bytes, tensor) => {
        const { values } = decode(bytes, tensor);
        return bytes.byteOffset % 4 === 0
          ? { values: new Float32Array(bytes.buffer, bytes.byteOffset, values.length) }
          : { values };
      },
    }));
    expect(failuresOf(viewing)).toContain("answers with memory of its own");
  });

  it("take the whole buffer for the bytes", () => {
    const careless = spoilt(({ decode }) => ({
      decode: (bytes, tensor) => {
        decode(bytes, tensor);
        return { values: new Float32Array(bytes.slice().buffer, 0, elementsOf(tensor)) };
      },
    }));
    expect(failuresOf(careless)).toContain("takes views of larger buffers");
  });

  it("divide by the largest value of zeros", () => {
    const dividing = spoiltEncoder(({ encode }) => ({
      encode: (values) => encode(values.map((value) => value / largest(values))),
    }));
    expect(failuresOf(dividing)).toContain("keeps zeros finite");
  });

  it("forget part of their memory, or keep hold of it", () => {
    expect(failuresOf(spoiltEncoder(() => ({ restore: () => undefined })))).toEqual(["goes on from its memory"]);
    const live = new Map<string, Float32Array>();
    const leaking = spoiltEncoder(({ memory }, { name }) => ({
      memory: () => {
        const kept = live.get(name) ?? memory() ?? new Float32Array();
        if (kept.length > 0) kept[0] += 1;
        live.set(name, kept);
        return kept;
      },
    }));
    expect(failuresOf(leaking)).toContain("goes on from its memory");
  });

  it("share one memory among streams", () => {
    const shared = spoilt((compressor) => {
      const encoders = new Map<number, Encoder>();
      return {
        encoder: (tensor) => {
          const encoder = encoders.get(elementsOf(tensor)) ?? compressor.encoder(tensor);
          encoders.set(elementsOf(tensor), encoder);
          return encoder;
        },
      };
    });
    expect(failuresOf(shared)).toContain("keeps streams apart");
  });

  it("decode bytes of any length, or fail without saying why", () => {
    const lenient = spoilt(() => ({ decode: (_, tensor) => ({ values: new Float32Array(elementsOf(tensor)) }) }));
    expect(failuresOf(lenient)).toEqual(["refuses bytes of another length"]);
    const terse = spoilt(({ decode }) => ({
      decode: (bytes, tensor) => {
        if (bytes.some((byte) => byte === 0xff)) throw new RangeError("offset is out of bounds");
        return decode(bytes, tensor);
      },
    }));
    expect(failuresOf(terse)).toContain("survives damaged bytes");
  });

  it("encode tensors of another size", () => {
    const lenient = spoiltEncoder(({ encode }, tensor) => ({
      encode: (values) => encode(values.subarray(0, elementsOf(tensor))),
    }));
    expect(failuresOf(lenient)).toEqual(["refuses tensors of another size"]);
  });
});
