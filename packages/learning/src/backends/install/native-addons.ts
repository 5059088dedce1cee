/**
 * Builds the native parts of tfjs-node against a libtensorflow out of a wheel. Upstream's own build wants libtensorflow.so
 * 2.9; the wheel calls it libtensorflow_cc.so.2, whose C API has kept every function that the binding calls, so that the
 * sources compile unchanged. They use Node-API alone: one build serves every version of Node.
 */

import { mkdirSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { BackendError } from "../backend-error.ts";
import { findProgram, type ProgramOptions, runProgram } from "./run-program.ts";

/** Node-API version in the name of the folder where tfjs-node looks for its binding: the newest that it knows. */
const bindingVersion = 8;

/**
 * What JavaScript cannot do to its process: set a variable of the environment from a worker thread, whose `process.env` is
 * a copy, and turn stderr away while the library loads, which greets there whatever its log level.
 */
const environmentSource = `
#include <node_api.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string>
#include <unistd.h>

static std::string text_of(napi_env env, napi_value value) {
  size_t length = 0;
  napi_get_value_string_utf8(env, value, nullptr, 0, &length);
  std::string text(length + 1, 0);
  napi_get_value_string_utf8(env, value, &text[0], length + 1, &length);
  text.resize(length);
  return text;
}

static napi_value set_variable(napi_env env, napi_callback_info info) {
  size_t count = 2;
  napi_value arguments[2];
  napi_get_cb_info(env, info, &count, arguments, nullptr, nullptr);
  setenv(text_of(env, arguments[0]).c_str(), text_of(env, arguments[1]).c_str(), 1);
  return nullptr;
}

static int kept_stderr = -1;

static napi_value mute(napi_env env, napi_callback_info) {
  const int nowhere = open("/dev/null", O_WRONLY | O_CLOEXEC);
  if (kept_stderr < 0 && nowhere >= 0) {
    kept_stderr = fcntl(2, F_DUPFD_CLOEXEC, 3);
    dup2(nowhere, 2);
  }
  if (nowhere >= 0) close(nowhere);
  return nullptr;
}

static napi_value unmute(napi_env env, napi_callback_info) {
  if (kept_stderr >= 0) {
    dup2(kept_stderr, 2);
    close(kept_stderr);
    kept_stderr = -1;
  }
  return nullptr;
}

static void add(napi_env env, napi_value exports, const char* name, napi_callback function) {
  napi_value value;
  napi_create_function(env, name, NAPI_AUTO_LENGTH, function, nullptr, &value);
  napi_set_named_property(env, exports, name, value);
}

NAPI_MODULE_INIT() {
  add(env, exports, "set", set_variable);
  add(env, exports, "mute", mute);
  add(env, exports, "unmute", unmute);
  return exports;
}
`;

/**
 * Builds `environment.node` and the binding of tfjs-node in `folder`, which has tfjs-node, node-api-headers, the libraries
 * in `libraries` and TensorFlow's headers in `headers`.
 * @throws BackendError `program not found: ...` without a C++ compiler.
 */
export async function buildNativeAddons(
  { folder, libraries, headers, tfjsNode }: NativeAddonFolders,
  signal?: AbortSignal,
): Promise<void> {
  const compiler = await findProgram(["g++", "c++", "clang++"], folder);
  if (compiler === undefined)
    throw new BackendError("program not found: a C++ compiler (on Debian or Ubuntu: apt-get install g++)");
  const nodeHeaders = join(folder, "node_modules/node-api-headers/include");
  const common = [
    "-O2",
    "-fPIC",
    "-shared",
    "-std=c++17",
    "-w",
    `-DNAPI_VERSION=${bindingVersion}`,
    `-I${nodeHeaders}`,
  ];

  const environment = join(folder, "environment.cc");
  writeFileSync(environment, environmentSource);
  await runProgram(compiler, [...common, environment, "-o", join(folder, "environment.node")], { cwd: folder, signal });
  rmSync(environment);

  const output = join(tfjsNode, `lib/napi-v${bindingVersion}`);
  mkdirSync(output, { recursive: true });
  const sources = ["binding/tfjs_backend.cc", "binding/tfjs_binding.cc"];
  const linked = [`-L${libraries}`, "-l:libtensorflow_cc.so.2", "-l:libtensorflow_framework.so.2"];
  // When a worker thread ends, Node unloads its addons; TensorFlow's own threads would run on in code that is gone.
  const loading = ["-Wl,-z,nodelete", "-Wl,-rpath,$ORIGIN/../../deps/lib"];
  await runProgram(
    compiler,
    [...common, "-I.", `-I${headers}`, ...sources, "-o", join(output, "tfjs_binding.node"), ...linked, ...loading],
    { cwd: tfjsNode, signal },
  );
}

export interface NativeAddonFolders {
  readonly folder: string;
  readonly libraries: string;
  readonly headers: string;
  /** Where the npm package tfjs-node is. */
  readonly tfjsNode: string;
}

/** Takes the symbols out of libraries, a quarter of their size, where there is a program for it. */
export async function stripLibraries(paths: readonly string[], options: ProgramOptions): Promise<void> {
  const strip = await findProgram(["strip"], options.cwd);
  if (strip !== undefined) await runProgram(strip, [...paths], options);
}
