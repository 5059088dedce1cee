/** Writes schema/scenario.schema.json from the built package: `node packages/scenario/scripts/write-schema.mjs`. */
import { mkdirSync, writeFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { scenarioJsonSchemaText } from "../dist/index.js";

const folder = fileURLToPath(new URL("../../../schema/", import.meta.url));
mkdirSync(folder, { recursive: true });
writeFileSync(`${folder}scenario.schema.json`, scenarioJsonSchemaText());
