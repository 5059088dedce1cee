/** Published training runs of language models. Sorted by kind. */

import { rowOfKind, type Source } from "@shardlab/contracts";

/** Whether the backward pass recomputed activations: all of them (8ND instead of 6ND), cheap ones only, or none. */
export type Recomputation = "full" | "none" | "selective" | "unknown";

/**
 * One run.
 *
 * @property family runs of one report: same cluster, same code, much the same people.
 * @property activeParameters parameters that a token passes through; equal to `totalParameters` in a dense model.
 * @property tokens trained on in the stage that `deviceHours` covers.
 * @property deviceHours as published (or days times devices, where the source says `derived`); absent where nobody published them.
 * @property publishedUtilization share of peak: of model FLOP (6ND) or hardware FLOP (with recomputation).
 * @property publishedCost what the authors say it cost, and the hours and the rate behind it where they give them.
 * @property leftOutBecause why the run cannot judge a prediction, although it is in the table.
 */
export interface TrainingRun {
  readonly kind: string;
  readonly family: string;
  readonly year: number;
  readonly totalParameters: number;
  readonly activeParameters: number;
  readonly tokens: number;
  readonly device: string;
  readonly deviceHours?: number;
  readonly recomputation: Recomputation;
  readonly precision: "bf16" | "fp16" | "fp8";
  readonly publishedUtilization?: { readonly of: "model" | "hardware"; readonly share: number };
  readonly publishedCost?: {
    readonly dollars: number;
    readonly deviceHours?: number;
    readonly dollarsPerDeviceHour?: number;
  };
  readonly leftOutBecause?: string;
  readonly sources: { readonly size: Source; readonly hours: Source; readonly recomputation: Source };
}

const primary = (citation: string): Source => ({ citation, sureness: "primary" });
const secondary = (citation: string): Source => ({ citation, sureness: "secondary" });
const recalled = (citation: string): Source => ({ citation, sureness: "recalled" });
const derived = (citation: string): Source => ({ citation, sureness: "derived" });

const notReported: Source = recalled("not reported");
const notPublished: Source = recalled("device-hours not published");

const llama1 = "Touvron et al. 2023, LLaMA, arXiv 2302.13971";
const llama1Recomputation = recalled(`${llama1}, section 2.4: costly activations are saved`);
const llama2 = "Touvron et al. 2023, Llama 2, arXiv 2307.09288";
const llama31Card = "Meta, Llama 3.1 model card, table of training time";
const llama3 = "Llama Team 2024, The Llama 3 Herd of Models, arXiv 2407.21783";
const olmo3 = "Olmo Team 2025, Olmo 3, arXiv 2512.13961";
const olmo3Hours = secondary(
  "Bradbury 2025, muxup.com/2025q4/minipost-olmo3-training-cost (hours with restarts, from Ai2)",
);

export const trainingRuns: readonly TrainingRun[] = [
  {
    kind: "bloom-176b",
    family: "bloom",
    year: 2022,
    totalParameters: 176.247e9,
    activeParameters: 176.247e9,
    tokens: 366e9,
    device: "a100-80gb",
    deviceHours: 1_082_990,
    recomputation: "full",
    precision: "bf16",
    publishedUtilization: { of: "hardware", share: 0.5 },
    publishedCost: { dollars: 3.3e6 },
    sources: {
      size: secondary("BigScience 2022, BLOOM, arXiv 2211.05100, hyperparameter table"),
      hours: primary("BigScience 2022, arXiv 2211.05100, section 3.4.1; cost: GENCI, EUR 3M at 1.1 $/EUR"),
      recomputation: derived("156 TFLOP/s a GPU (arXiv 2211.05100) over 85 % of the hours is 8ND, not 6ND"),
    },
  },
  {
    kind: "bloomberggpt-50b",
    family: "bloomberggpt",
    year: 2023,
    totalParameters: 50.6e9,
    activeParameters: 50.6e9,
    tokens: 569e9,
    device: "a100-40gb",
    deviceHours: 512 * 53 * 24,
    recomputation: "full",
    precision: "bf16",
    publishedUtilization: { of: "hardware", share: 102 / 312 },
    sources: {
      size: secondary("Wu et al. 2023, BloombergGPT, arXiv 2303.17564, table 4"),
      hours: derived("Wu et al. 2023, arXiv 2303.17564: 512 GPUs for about 53 days"),
      recomputation: derived(
        "102 TFLOP/s a GPU over all hours is 8ND (arXiv 2303.17564, section 3.3: activation checkpointing)",
      ),
    },
  },
  {
    kind: "covenant-72b",
    family: "covenant",
    year: 2026,
    totalParameters: 72.7e9,
    activeParameters: 72.7e9,
    tokens: 1.1e12,
    device: "b200",
    recomputation: "unknown",
    precision: "bf16",
    leftOutBecause: "device-hours were not published",
    sources: {
      size: primary(
        "Lidin et al. 2026, Covenant-72B, arXiv 2603.08163, abstract (peers of 8 x B200, about 20 at a time)",
      ),
      hours: notPublished,
      recomputation: notReported,
    },
  },
  {
    kind: "deepseek-v3",
    family: "deepseek",
    year: 2024,
    totalParameters: 671e9,
    activeParameters: 37e9,
    tokens: 14.8e12,
    device: "h800",
    deviceHours: 2.664e6,
    recomputation: "selective",
    precision: "fp8",
    publishedCost: { dollars: 5.576e6, deviceHours: 2.788e6, dollarsPerDeviceHour: 2 },
    sources: {
      size: secondary("DeepSeek-AI 2024, DeepSeek-V3, arXiv 2412.19437, abstract"),
      hours: secondary(
        "DeepSeek-AI 2024, arXiv 2412.19437, table 1: pre-training alone (context 119K and post-training 5K more)",
      ),
      recomputation: recalled("DeepSeek-AI 2024, arXiv 2412.19437, section 3.2.3: RMSNorm and MLA up-projections"),
    },
  },
  {
    kind: "falcon-180b",
    family: "falcon",
    year: 2023,
    totalParameters: 179.522565e9,
    activeParameters: 179.522565e9,
    tokens: 3.5e12,
    device: "a100-40gb",
    deviceHours: 7e6,
    recomputation: "selective",
    precision: "bf16",
    sources: {
      size: secondary("Almazrouei et al. 2023, The Falcon Series, arXiv 2311.16867, table 1"),
      hours: secondary("Hugging Face 2023, huggingface.co/blog/falcon-180b: about 7,000,000 GPU hours"),
      recomputation: recalled("Almazrouei et al. 2023, arXiv 2311.16867: no full activation checkpointing"),
    },
  },
  {
    kind: "gpt-3",
    family: "gpt-3",
    year: 2020,
    totalParameters: 175e9,
    activeParameters: 175e9,
    tokens: 300e9,
    device: "v100",
    deviceHours: 10_000 * 14.8 * 24,
    recomputation: "unknown",
    precision: "fp16",
    leftOutBecause: "10,000 devices is an assumption of Patterson et al., and the days follow from it",
    sources: {
      size: recalled("Brown et al. 2020, arXiv 2005.14165, table 2.1"),
      hours: secondary("Patterson et al. 2021, arXiv 2104.10350, table 4: 10,000 V100 for 14.8 days"),
      recomputation: notReported,
    },
  },
  {
    kind: "intellect-1",
    family: "intellect-1",
    year: 2024,
    totalParameters: 10e9,
    activeParameters: 10e9,
    tokens: 1e12,
    device: "h100-sxm",
    recomputation: "unknown",
    precision: "bf16",
    publishedUtilization: { of: "model", share: 0.388 },
    leftOutBecause:
      "device-hours were not published; the utilisation is the middle of 36.2 to 41.4 %, synchronisation aside",
    sources: {
      size: primary("Jaghouar et al. 2024, INTELLECT-1, arXiv 2412.01152, abstract (at most 112 GPUs at a time)"),
      hours: notPublished,
      recomputation: notReported,
    },
  },
  {
    kind: "llama-1-13b",
    family: "llama-1",
    year: 2023,
    totalParameters: 13e9,
    activeParameters: 13e9,
    tokens: 1e12,
    device: "a100-80gb",
    deviceHours: 135_168,
    recomputation: "selective",
    precision: "bf16",
    sources: {
      size: secondary(`${llama1}, table 2`),
      hours: primary(`${llama1}, table 15`),
      recomputation: llama1Recomputation,
    },
  },
  {
    kind: "llama-1-33b",
    family: "llama-1",
    year: 2023,
    totalParameters: 32.5e9,
    activeParameters: 32.5e9,
    tokens: 1.4e12,
    device: "a100-80gb",
    deviceHours: 530_432,
    recomputation: "selective",
    precision: "bf16",
    sources: {
      size: secondary(`${llama1}, table 2`),
      hours: primary(`${llama1}, table 15`),
      recomputation: llama1Recomputation,
    },
  },
  {
    kind: "llama-1-65b",
    family: "llama-1",
    year: 2023,
    totalParameters: 65.2e9,
    activeParameters: 65.2e9,
    tokens: 1.4e12,
    device: "a100-80gb",
    deviceHours: 1_022_362,
    recomputation: "selective",
    precision: "bf16",
    sources: {
      size: secondary(`${llama1}, table 2`),
      hours: primary(`${llama1}, table 15`),
      recomputation: llama1Recomputation,
    },
  },
  {
    kind: "llama-1-7b",
    family: "llama-1",
    year: 2023,
    totalParameters: 6.7e9,
    activeParameters: 6.7e9,
    tokens: 1e12,
    device: "a100-80gb",
    deviceHours: 82_432,
    recomputation: "selective",
    precision: "bf16",
    sources: {
      size: secondary(`${llama1}, table 2`),
      hours: primary(`${llama1}, table 15`),
      recomputation: llama1Recomputation,
    },
  },
  {
    kind: "llama-2-13b",
    family: "llama-2",
    year: 2023,
    totalParameters: 13.01586688e9,
    activeParameters: 13.01586688e9,
    tokens: 2e12,
    device: "a100-80gb",
    deviceHours: 368_640,
    recomputation: "unknown",
    precision: "bf16",
    sources: {
      size: secondary(`${llama2}, table 1`),
      hours: secondary(`${llama2}, table 2`),
      recomputation: notReported,
    },
  },
  {
    kind: "llama-2-34b",
    family: "llama-2",
    year: 2023,
    totalParameters: 34e9,
    activeParameters: 34e9,
    tokens: 2e12,
    device: "a100-80gb",
    deviceHours: 1_038_336,
    recomputation: "unknown",
    precision: "bf16",
    sources: {
      size: secondary(`${llama2}, table 1 (nominal size)`),
      hours: secondary(`${llama2}, table 2`),
      recomputation: notReported,
    },
  },
  {
    kind: "llama-2-70b",
    family: "llama-2",
    year: 2023,
    totalParameters: 68.976653312e9,
    activeParameters: 68.976653312e9,
    tokens: 2e12,
    device: "a100-80gb",
    deviceHours: 1_720_320,
    recomputation: "unknown",
    precision: "bf16",
    sources: {
      size: secondary(`${llama2}, table 1`),
      hours: secondary(`${llama2}, table 2`),
      recomputation: notReported,
    },
  },
  {
    kind: "llama-2-7b",
    family: "llama-2",
    year: 2023,
    totalParameters: 6.738417664e9,
    activeParameters: 6.738417664e9,
    tokens: 2e12,
    device: "a100-80gb",
    deviceHours: 184_320,
    recomputation: "unknown",
    precision: "bf16",
    sources: {
      size: secondary(`${llama2}, table 1`),
      hours: secondary(`${llama2}, table 2`),
      recomputation: notReported,
    },
  },
  {
    kind: "llama-3.1-405b",
    family: "llama-3.1",
    year: 2024,
    totalParameters: 405.8533888e9,
    activeParameters: 405.8533888e9,
    tokens: 15.6e12,
    device: "h100-sxm",
    deviceHours: 30.84e6,
    recomputation: "none",
    precision: "bf16",
    publishedUtilization: { of: "model", share: 0.41 },
    sources: {
      size: secondary(`${llama3}, section 1`),
      hours: primary(llama31Card),
      recomputation: recalled(`${llama3}, section 3.3.2: pre-training on 8K tokens without activation checkpointing`),
    },
  },
  {
    kind: "llama-3.1-70b",
    family: "llama-3.1",
    year: 2024,
    totalParameters: 70.553706496e9,
    activeParameters: 70.553706496e9,
    tokens: 15e12,
    device: "h100-sxm",
    deviceHours: 7e6,
    recomputation: "unknown",
    precision: "bf16",
    sources: {
      size: primary("Meta, Llama 3.1 model card (15T+ tokens, a lower bound)"),
      hours: primary(llama31Card),
      recomputation: notReported,
    },
  },
  {
    kind: "llama-3.1-8b",
    family: "llama-3.1",
    year: 2024,
    totalParameters: 8.030261248e9,
    activeParameters: 8.030261248e9,
    tokens: 15e12,
    device: "h100-sxm",
    deviceHours: 1.46e6,
    recomputation: "unknown",
    precision: "bf16",
    sources: {
      size: primary("Meta, Llama 3.1 model card (15T+ tokens, a lower bound)"),
      hours: primary(llama31Card),
      recomputation: notReported,
    },
  },
  {
    kind: "mpt-7b",
    family: "mpt",
    year: 2023,
    totalParameters: 6.7e9,
    activeParameters: 6.7e9,
    tokens: 1e12,
    device: "a100-40gb",
    deviceHours: 440 * 9.5 * 24,
    recomputation: "unknown",
    precision: "bf16",
    publishedCost: { dollars: 200_000, dollarsPerDeviceHour: 2 },
    sources: {
      size: secondary("MosaicML 2023, databricks.com/blog/mpt-7b"),
      hours: derived("MosaicML 2023, databricks.com/blog/mpt-7b: 440 GPUs for about 9.5 days, restarts included"),
      recomputation: notReported,
    },
  },
  {
    kind: "olmo-3-32b",
    family: "olmo-3",
    year: 2025,
    totalParameters: 32.2e9,
    activeParameters: 32.2e9,
    tokens: 5.5e12,
    device: "h100-sxm",
    deviceHours: 1.05e6,
    recomputation: "unknown",
    precision: "bf16",
    sources: { size: recalled(`${olmo3}, and its model card`), hours: olmo3Hours, recomputation: notReported },
  },
  {
    kind: "olmo-3-7b",
    family: "olmo-3",
    year: 2025,
    totalParameters: 7.3e9,
    activeParameters: 7.3e9,
    tokens: 5.93e12,
    device: "h100-sxm",
    deviceHours: 234_000,
    recomputation: "unknown",
    precision: "bf16",
    sources: { size: secondary(`${olmo3}: 5.9T tokens of Dolma 3`), hours: olmo3Hours, recomputation: notReported },
  },
  {
    kind: "opt-175b",
    family: "opt",
    year: 2022,
    totalParameters: 175e9,
    activeParameters: 175e9,
    tokens: 300e9,
    device: "a100-80gb",
    deviceHours: 809_472,
    recomputation: "unknown",
    precision: "fp16",
    publishedUtilization: { of: "hardware", share: 147 / 312 },
    leftOutBecause: "hours are an assumption of the LLaMA paper, and the tokens seen are given as a schedule only",
    sources: {
      size: secondary("Zhang et al. 2022, OPT, arXiv 2205.01068 (300B-token schedule over a 180B-token corpus)"),
      hours: primary(`${llama1}, table 15 (34 days of 992 GPUs)`),
      recomputation: notReported,
    },
  },
  {
    kind: "pythia-12b",
    family: "pythia",
    year: 2023,
    totalParameters: 11.846253568e9,
    activeParameters: 11.846253568e9,
    tokens: 299.892736e9,
    device: "a100-40gb",
    deviceHours: 72_300,
    recomputation: "full",
    precision: "fp16",
    sources: {
      size: secondary("Biderman et al. 2023, Pythia, arXiv 2304.01373, table 1, with both embeddings"),
      hours: secondary("Biderman et al. 2023, arXiv 2304.01373, table 5 (iteration time x iterations x GPUs)"),
      recomputation: recalled("GPT-NeoX configuration of Pythia: checkpoint-activations true"),
    },
  },
  {
    kind: "smollm3-3b",
    family: "smollm3",
    year: 2025,
    totalParameters: 3.075098624e9,
    activeParameters: 3.075098624e9,
    tokens: 11.2e12,
    device: "h100-sxm",
    deviceHours: 384 * 24 * 24,
    recomputation: "unknown",
    precision: "bf16",
    sources: {
      size: secondary("Hugging Face 2025, huggingface.co/blog/smollm3"),
      hours: derived("Hugging Face 2025, huggingface.co/blog/smollm3: 384 GPUs for 24 days"),
      recomputation: notReported,
    },
  },
  {
    kind: "starcoderbase-15b",
    family: "starcoder",
    year: 2023,
    totalParameters: 15.5e9,
    activeParameters: 15.5e9,
    tokens: 1e12,
    device: "a100-80gb",
    deviceHours: 320_256,
    recomputation: "unknown",
    precision: "bf16",
    sources: {
      size: secondary("Li et al. 2023, StarCoder, arXiv 2305.06161, table 11"),
      hours: secondary("Li et al. 2023, arXiv 2305.06161, section 5.7"),
      recomputation: notReported,
    },
  },
];

export const trainingRunKinds: readonly string[] = trainingRuns.map((row) => row.kind);

/**
 * The published run of this kind.
 *
 * @throws Error `unknown training run: KIND (did you mean NEAREST?)`
 */
export const trainingRun = (kind: string): TrainingRun => rowOfKind("training run", trainingRuns, kind);
