/** What every compressor must do. Each check takes one plan of tensors and throws what it found wrong. */
import type { Compressor, Decoded, Encoder, TensorDescription } from "@shardlab/contracts";
import { createStreams } from "@shardlab/random";
import { check } from "./mechanism-basics.ts";
import { snapshot } from "./snapshot.ts";
import { type ExampleTensor, exampleTensor, type TensorPlan } from "./tensor-plans.ts";

export type CompressorCheck = (create: () => Compressor, plan: TensorPlan) => void;

const encodeWith = (encoder: Encoder, { values, tokens }: ExampleTensor): Uint8Array =>
  encoder.encode(values, { tokens });

/** The first tensor of a plan through a new encoder and back. */
function roundTrip(
  compressor: Compressor,
  plan: TensorPlan,
): { example: ExampleTensor; bytes: Uint8Array; decoded: Decoded } {
  const example = exampleTensor(plan, 0);
  const bytes = encodeWith(compressor.encoder(plan.tensor), example);
  return { example, bytes, decoded: compressor.decode(bytes, plan.tensor) };
}

/** Encodes tensors `from` to `to` of a plan one after the other. */
function sequence(encoder: Encoder, plan: TensorPlan, { from, to }: { from: number; to: number }): string[] {
  const texts: string[] = [];
  for (let number = from; number < to; number++) texts.push(snapshot(encodeWith(encoder, exampleTensor(plan, number))));
  return texts;
}

const sendsDeclaredBytes: CompressorCheck = (create, plan) => {
  const compressor = create();
  const declared = compressor.encodedBytes(plan.tensor);
  const encoder = compressor.encoder(plan.tensor);
  for (let number = 0; number < 3; number++) {
    const { length } = encodeWith(encoder, exampleTensor(plan, number));
    check(length === declared, () => `declared ${declared} bytes, sent ${length}`);
  }
};

const keepsShapeAndTokens: CompressorCheck = (create, plan) => {
  const { example, decoded } = roundTrip(create(), plan);
  const { length } = example.values;
  check(decoded.values.length === length, () => `${decoded.values.length} values decoded of ${length}`);
  if (decoded.tokens === undefined) return;
  check(decoded.tokens.join() === example.tokens.join(), () => `tokens changed: ${decoded.tokens?.join()}`);
};

const isDeterministic: CompressorCheck = (create, plan) => {
  const [first, second] = [create(), create()].map((compressor) =>
    sequence(compressor.encoder(plan.tensor), plan, { from: 0, to: 3 }),
  );
  check(first.join() === second.join(), () => "two encoders of one sequence send different bytes");
  const compressor = create();
  const { bytes, decoded } = roundTrip(compressor, plan);
  check(snapshot(compressor.decode(bytes, plan.tensor)) === snapshot(decoded), () => "decoded differently again");
  check(snapshot(create().decode(bytes, plan.tensor)) === snapshot(decoded), () => "decoded differently elsewhere");
};

const leavesInputsAlone: CompressorCheck = (create, plan) => {
  const compressor = create();
  const example = exampleTensor(plan, 0);
  const before = snapshot(example);
  const bytes = encodeWith(compressor.encoder(plan.tensor), example);
  check(snapshot(example) === before, () => "encoding changed its input");
  const sent = snapshot(bytes);
  compressor.decode(bytes, plan.tensor);
  check(snapshot(bytes) === sent, () => "decoding changed its input");
};

/** Answers share no memory with what was given, nor with later answers. */
const answersAreFree: CompressorCheck = (create, plan) => {
  const compressor = create();
  const encoder = compressor.encoder(plan.tensor);
  const example = exampleTensor(plan, 0);
  const bytes = encodeWith(encoder, example);
  const sent = snapshot(bytes);
  example.values.fill(7);
  encodeWith(encoder, exampleTensor(plan, 1));
  check(snapshot(bytes) === sent, () => "sent bytes changed later");
  const { values } = compressor.decode(bytes, plan.tensor);
  const decoded = snapshot(values);
  bytes.fill(0);
  check(snapshot(values) === decoded, () => "decoded values changed with the bytes");
};

/** Bytes that lie in the middle of a larger buffer, of a kind whose slices are views, decode alike. */
const takesViews: CompressorCheck = (create, plan) => {
  const compressor = create();
  const { bytes, decoded } = roundTrip(compressor, plan);
  const buffer = Buffer.alloc(bytes.length + 3, 0xff);
  buffer.set(bytes, 1);
  const again = compressor.decode(buffer.subarray(1, 1 + bytes.length), plan.tensor);
  check(snapshot(again) === snapshot(decoded), () => "decoded differently from within a buffer");
  const { values, tokens } = exampleTensor(plan, 0);
  const shifted = new Float32Array(values.length + 2).subarray(1, 1 + values.length);
  shifted.set(values);
  const sent = encodeWith(compressor.encoder(plan.tensor), { values: shifted, tokens });
  check(snapshot(sent) === snapshot(bytes), () => "encoded differently from within an array");
};

const isLosslessAsClaimed: CompressorCheck = (create, plan) => {
  const compressor = create();
  if (!compressor.isLossless(plan.tensor)) return;
  const encoder = compressor.encoder(plan.tensor);
  for (let number = 0; number < 3; number++) {
    const example = exampleTensor(plan, number);
    const { values } = compressor.decode(encodeWith(encoder, example), plan.tensor);
    check(snapshot(values) === snapshot(example.values), () => "claims to be lossless, and is not");
  }
};

const keepsZerosFinite: CompressorCheck = (create, plan) => {
  const compressor = create();
  const { values, tokens } = exampleTensor(plan, 0);
  const encoder = compressor.encoder(plan.tensor);
  for (let number = 0; number < 2; number++) {
    const bytes = encoder.encode(new Float32Array(values.length), { tokens });
    const decoded = compressor.decode(bytes, plan.tensor);
    check(decoded.values.every(Number.isFinite), () => `zeros decode to ${decoded.values.join()}`);
  }
};

const goesOnFromMemory: CompressorCheck = (create, plan) => {
  const compressor = create();
  const first = compressor.encoder(plan.tensor);
  sequence(first, plan, { from: 0, to: 3 });
  const memory = first.memory();
  if (memory === undefined) return;
  const kept = snapshot(memory);
  const expected = sequence(first, plan, { from: 3, to: 6 }).join();
  check(snapshot(memory) === kept, () => "a memory that was taken out changes later");
  const second = create().encoder(plan.tensor);
  sequence(second, plan, { from: 7, to: 9 });
  second.restore(memory);
  const found = sequence(second, plan, { from: 3, to: 6 }).join();
  check(found === expected, () => "goes on differently from a restored memory");
  check(snapshot(memory) === kept, () => "a memory that was put back changes later");
};

/** What one stream sends does not depend on others of the same compressor. */
const streamsAreIndependent: CompressorCheck = (create, plan) => {
  const alone = sequence(create().encoder(plan.tensor), plan, { from: 0, to: 3 });
  const compressor = create();
  const [one, other] = [plan.tensor, { ...plan.tensor, name: "another" }].map((tensor) => compressor.encoder(tensor));
  const beside = [0, 1, 2].flatMap((number) => {
    sequence(other, plan, { from: number + 5, to: number + 6 });
    return sequence(one, plan, { from: number, to: number + 1 });
  });
  check(beside.join() === alone.join(), () => "a stream depends on another");
};

function refusal(decode: () => Decoded): string | undefined {
  try {
    decode();
    return undefined;
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
}

const refusesOtherLengths: CompressorCheck = (create, plan) => {
  const compressor = create();
  const { bytes } = roundTrip(compressor, plan);
  const longer = new Uint8Array(bytes.length + 1);
  longer.set(bytes);
  for (const wrong of bytes.length > 0 ? [longer, bytes.subarray(1)] : [longer]) {
    const message = refusal(() => compressor.decode(wrong, plan.tensor));
    check(message?.startsWith("invalid encoding: ") === true, () => `${wrong.length} bytes: ${message ?? "decoded"}`);
  }
};

/** Bytes with one of them changed are refused, or decode to a tensor of the same size. */
const survivesDamage: CompressorCheck = (create, plan) => {
  const compressor = create();
  const { bytes, example } = roundTrip(compressor, plan);
  if (bytes.length === 0) return;
  const stream = createStreams(plan.seed).stream("damage");
  for (let trial = 0; trial < 20; trial++) {
    const damaged = bytes.slice();
    damaged[stream.integer(bytes.length)] ^= 1 + stream.integer(255);
    let length = example.values.length;
    const message = refusal(() => {
      const decoded = compressor.decode(damaged, plan.tensor);
      length = decoded.values.length;
      return decoded;
    });
    check(message === undefined || message.startsWith("invalid encoding: "), () => `damaged bytes: ${message}`);
    check(length === example.values.length, () => `damaged bytes decode to ${length} values`);
  }
};

const refusesOtherSizes: CompressorCheck = (create, plan) => {
  const { values, tokens } = exampleTensor(plan, 0);
  let message = "";
  try {
    create()
      .encoder(plan.tensor)
      .encode(new Float32Array(values.length + 1), { tokens });
  } catch (error) {
    message = error instanceof Error ? error.message : String(error);
  }
  check(message.startsWith("invalid tensor: "), () => `one value too many: ${message}`);
};

/** No value of a tensor sent by a new encoder is off by more than `errorBound`. */
export const isWithinBound =
  (errorBound: (values: Float32Array, tensor: TensorDescription) => number): CompressorCheck =>
  (create, plan) => {
    const { example, decoded } = roundTrip(create(), plan);
    const allowed = errorBound(example.values, plan.tensor);
    const largest = example.values.reduce((most, value, i) => Math.max(most, Math.abs(value - decoded.values[i])), 0);
    check(largest <= allowed, () => `error of ${largest}, allowed ${allowed}`);
  };

export const compressorChecks: Readonly<Record<string, CompressorCheck>> = {
  "sends as many bytes as declared": sendsDeclaredBytes,
  "keeps shapes and token ids": keepsShapeAndTokens,
  "encodes and decodes alike every time": isDeterministic,
  "leaves its inputs alone": leavesInputsAlone,
  "answers with memory of its own": answersAreFree,
  "takes views of larger buffers": takesViews,
  "is lossless where it says so": isLosslessAsClaimed,
  "keeps zeros finite": keepsZerosFinite,
  "goes on from its memory": goesOnFromMemory,
  "keeps streams apart": streamsAreIndependent,
  "refuses bytes of another length": refusesOtherLengths,
  "survives damaged bytes": survivesDamage,
  "refuses tensors of another size": refusesOtherSizes,
};
