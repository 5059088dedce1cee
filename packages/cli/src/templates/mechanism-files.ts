/** The files that a mechanism of one's own begins with. They are text, and made from its names alone. */

import type { MechanismNames } from "./mechanism-names.ts";
import { ruleSource } from "./mechanism-rule.ts";
import { propertyTest } from "./mechanism-test.ts";

/**
 * @property command path of the command from the new folder; `packages` that of the packages which it comes with.
 * @property repository, commit where others can get it; undefined where git does not know.
 */
export interface Installation {
  readonly command: string;
  readonly packages: string;
  readonly repository: string | undefined;
  readonly commit: string | undefined;
}

/** Files by their names within the new folder. */
export function mechanismFiles(names: MechanismNames, installation: Installation): Readonly<Record<string, string>> {
  const { kind } = names;
  return {
    [`${kind}.ts`]: ruleSource(names),
    [`${kind}.test.ts`]: propertyTest(names),
    [`${kind}.yaml`]: scenario(names),
    "package.json": packageFile(names, installation),
    "tsconfig.json": compilerFile(installation),
    "README.md": readme(names, installation),
    ".gitignore": "node_modules\nresults\n",
  };
}

const scenario = ({ kind, title }: MechanismNames): string => `plugins: [./${kind}.ts]
question: Does ${title.toLowerCase()} gather more work than a grant, or than ownership, at the same expected outlay?
expect: Nothing yet; write down what you expect before you run it.
runningTime: a few seconds
horizon: 180 d
seeds: { count: 5 }
outlay: $50k
providers:
  - { group: homes, count: 50, device: rtx-4090, devicesSpread: 0.3, opportunitySpread: 0.3, discountRateSpread: 0.3 }
  - { group: founders, count: 10, device: rtx-4090, devices: 2, designerOf: toy }
models:
  - { name: toy, parameters: 13B, targetTokens: 260B, publicTokens: 500B, plannedTraining: 60 d, deadline: 120 d, releaseEvery: 30 d }
market: { revenueMultiple: 3, serviceLife: 90 d }
beliefs: { kind: adaptive }
mechanism: ${kind}
sweep:
  mechanism:
    - ${kind}
    - { kind: grant, delay: 20 d, term: 60 d }
    - { kind: protocol-models, settlement: 10 d }
`;

function packageFile({ kind, title }: MechanismNames, { command }: Installation): string {
  const run = (verb: string): string => `node \${SHARDLAB:-${command}} ${verb}`;
  const content = {
    name: kind,
    version: "0.1.0",
    private: true,
    description: `${title}: a mechanism for ShardLab.`,
    type: "module",
    scripts: {
      check: run(`check ${kind}.ts --tests`),
      properties: run(`properties --plugin ${kind}.ts --page properties.html`),
      experiment: run(`run ${kind}.yaml`),
    },
  };
  return `${JSON.stringify(content, null, 2)}\n`;
}

/** For editors; the command itself needs none of it. */
function compilerFile({ packages }: Installation): string {
  const content = {
    compilerOptions: {
      target: "ES2023",
      module: "NodeNext",
      moduleResolution: "NodeNext",
      strict: true,
      noEmit: true,
      allowImportingTsExtensions: true,
      erasableSyntaxOnly: true,
      skipLibCheck: true,
      typeRoots: [`${packages}/@types`],
      types: ["node"],
      paths: {
        "@shardlab/mechanisms/*": [`${packages}/@shardlab/mechanisms/dist/*.d.ts`],
        "@shardlab/*": [`${packages}/@shardlab/*/dist/index.d.ts`],
        zod: [`${packages}/zod/index.d.ts`],
      },
    },
    include: ["*.ts"],
  };
  return `${JSON.stringify(content, null, 2)}\n`;
}

const readme = ({ kind, title, functionName }: MechanismNames, { command }: Installation): string => `# ${title}

A mechanism for ShardLab: \`${kind}.ts\` is the rule and its specification, \`${kind}.yaml\` an experiment with it.

\`\`\`sh
npm run check        # what every mechanism must do, what this one claims, and ${kind}.test.ts
npm run properties   # all twelve properties, each proved, survived or refuted: properties.html
npm run experiment   # ${kind} against a grant and against ownership, with intervals
\`\`\`

Nothing is installed here: the scripts call ShardLab where it lies, \`${command}\`, or where \`SHARDLAB\` says.
\`.github/workflows\` has a workflow that gets ShardLab, checks the rule and runs the experiment once; it needs to know where
ShardLab can be cloned from (\`SHARDLAB_REPOSITORY\`).

## To change the rule

1. \`${functionName}Spec\` names its parameters, with bounds and defaults. A scenario can set and sweep them.
2. \`open\` brings the money, \`quote\` says what a unit of work gets today, \`settle\` turns what happened into postings.
3. \`claims\` says which properties it has. \`npm run check\` looks for a world in which one fails, and prints the smallest.
   A bonus for each name, say, is found to invite second names.
4. What depends on circumstances, such as whether honest work is worth it, is claimed under a condition, and tried on both
   sides of it (\`conditions\`, see \`standardConditions\` in \`@shardlab/contracts\`).
`;

/** A workflow that gets ShardLab and runs the check, for the repository that `folder` is in. */
export function workflowFile({ kind }: MechanismNames, { repository, commit }: Installation, folder: string): string {
  const unknown = repository === undefined ? "\n      # Where ShardLab lies; set it before the first push." : "";
  return `name: ${kind}
on: [push, pull_request]
jobs:
  check:
    runs-on: ubuntu-latest
    timeout-minutes: 20
    env:${unknown}
      SHARDLAB_REPOSITORY: ${repository ?? "https://github.com/OWNER/shardlab"}
      SHARDLAB_COMMIT: ${commit ?? "main"}
    steps:
      - uses: actions/checkout@v4
      - uses: actions/setup-node@v4
        with: { node-version: 22 }
      - name: Build ShardLab
        run: |
          git clone "$SHARDLAB_REPOSITORY" "$RUNNER_TEMP/shardlab"
          cd "$RUNNER_TEMP/shardlab"
          git checkout "$SHARDLAB_COMMIT"
          npm ci
          npm run build
          echo "SHARDLAB=$RUNNER_TEMP/shardlab/bin/shardlab.mjs" >> "$GITHUB_ENV"
      - name: Check the rule
        run: npm run check
        working-directory: ${folder}
      - name: Run its experiment once
        run: node "$SHARDLAB" run ${kind}.yaml --seeds 1
        working-directory: ${folder}
`;
}
