import { backendKinds, optionalBackendKinds } from "@shardlab/learning/backends/index";
import { backendChoices as choicesOfScenarios } from "@shardlab/runner/spec";
import { expect, it } from "vitest";
import { backendChoices, installableBackends } from "./backend-choices.ts";

it("offers every backend that there is, as scenarios do", () => {
  expect([...backendChoices].sort()).toEqual([...choicesOfScenarios].sort());
  expect([...backendChoices].sort()).toEqual(["auto", ...backendKinds].sort());
  expect([...installableBackends].sort()).toEqual([...optionalBackendKinds].sort());
});
