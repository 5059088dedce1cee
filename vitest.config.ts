import { defineConfig } from "vitest/config";

const packages = new URL("./packages/", import.meta.url).pathname;

/** Tests read the sources: `@shardlab/x` is its index, `@shardlab/x/y` is the file y of its sources. */
export default defineConfig({
  resolve: {
    alias: [
      { find: /^@shardlab\/([a-z]+)$/, replacement: `${packages}$1/src/index.ts` },
      { find: /^@shardlab\/([a-z]+)\/(.+)$/, replacement: `${packages}$1/src/$2.ts` },
    ],
  },
  test: {
    include: ["packages/*/src/**/*.test.ts", "test/**/*.test.ts"],
    pool: "threads",
    testTimeout: 60_000,
    hookTimeout: 120_000,
    reporters: ["default"],
  },
});
