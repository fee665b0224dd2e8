// Compiles proto/ into src/proto/ and the tests' own contracts into test/support/proto/.
// The output is committed, so that a checkout runs without a compiler; a test compares it with a fresh one.
import { execFileSync } from "node:child_process";
import { globSync, mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

const root = join(dirname(fileURLToPath(import.meta.url)), "..");
const compiler = join(dirname(createRequire(import.meta.url).resolve("protoc/package.json")), "protoc.cjs");
const plugin = join(root, "node_modules", ".bin", "protoc-gen-ts_proto");

const options = [
  "env=node",
  "esModuleInterop=true",
  "importSuffix=.ts",
  "enumsAsLiterals=true",
  "forceLong=bigint",
  "outputServices=grpc-js",
  "outputJsonMethods=false",
];

/** What telemetry has and podstamp does not know goes on; what a runtime tells beyond these contracts nobody would read. */
const passedOn = /^opentelemetry\//;

/** Compiles every .proto below `folder` into `out`; without its clients it is messages and definitions of services alone, which need no gRPC library. */
export function compile(folder: string, out: string, { hasClients }: { readonly hasClients: boolean }): void {
  mkdirSync(out, { recursive: true });
  const files = globSync("**/*.proto", { cwd: folder }).toSorted();
  for (const keepsUnknown of [false, true]) {
    const some = files.filter((file) => passedOn.test(file) === keepsUnknown);
    if (some.length === 0) continue;
    execFileSync(
      process.execPath,
      [
        compiler,
        `--plugin=protoc-gen-ts_proto=${plugin}`,
        `-I${folder}`,
        `--ts_proto_out=${out}`,
        `--ts_proto_opt=${[...options, `unknownFields=${keepsUnknown}`].join(",")}`,
        ...some,
      ],
      { cwd: root, stdio: ["ignore", "ignore", "inherit"] },
    );
  }
  for (const file of globSync("**/*.ts", { cwd: out })) {
    const path = join(out, file);
    const text = withoutVersions(readFileSync(path, "utf8"));
    writeFileSync(path, hasClients ? text : withoutClients(text));
  }
}

/** The header names the compiler's versions and this machine's paths: neither belongs into the repository. */
function withoutVersions(text: string): string {
  return text.replace(/^(?:\/\/.*\n)+/, "// Made from proto/ by `npm run build:proto`: do not edit.\n");
}

/** The compiler cannot leave them out, and loading grpc-js takes longer than all else that a short command does. */
function withoutClients(text: string): string {
  return text
    .replace(/^import \{[^}]*\} from "@grpc\/grpc-js";\n/m, "")
    .replaceAll(/^export interface \w+ extends (?:UntypedServiceImplementation|Client) \{\n(?: .*\n)*\}\n\n/gm, "")
    .replaceAll(/^export const \w+ = makeGenericClientConstructor\(\n(?:[ )].*\n)*\};\n\n/gm, "");
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  rmSync(join(root, "src/proto"), { recursive: true, force: true });
  compile(join(root, "proto"), join(root, "src/proto"), { hasClients: false });
  compile(join(root, "test/support/proto"), join(root, "test/support/proto"), { hasClients: true });
}
