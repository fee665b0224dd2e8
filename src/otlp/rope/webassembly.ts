/** A WebAssembly.Memory. */
export type Memory = { readonly buffer: ArrayBuffer };

/** What a program is given, by the names of a module and of what is in it. */
type Imports = Readonly<Record<string, Readonly<Record<string, Memory>>>>;

/** What is used of WebAssembly. */
type Wasm = {
  readonly Memory: new (size: { readonly initial: number; readonly maximum: number }) => Memory;
  readonly Module: new (bytes: Uint8Array) => object;
  readonly Instance: new (module: object, imports: Imports) => { readonly exports: unknown };
};

/** Absent where V8 may not make code. */
const wasm = (globalThis as { readonly WebAssembly?: Wasm }).WebAssembly;
let isPossible = wasm !== undefined;

/** A memory comes in pages of as many bytes. */
export const pageBytes = 64 * 1024;

/**
 * A memory whose bytes are 0; its pages are taken from the kernel when they are written to. Undefined where there is no WebAssembly or
 * no room: V8 reserves 8 GB of addresses for each, none of it memory, which a limit may forbid. That is not tried again, since V8
 * collects all garbage several times before it gives up.
 */
export function createMemory(pages: number): Memory | undefined {
  if (wasm === undefined || !isPossible) return undefined;
  try {
    return new wasm.Memory({ initial: pages, maximum: pages });
  } catch {
    isPossible = false;
    return undefined;
  }
}

/** Reads a module, and makes programs of it with memories of their own. For where createMemory() has made one. */
export function createProgram<Exports>(module: Uint8Array): (imports: Imports) => Exports {
  if (wasm === undefined) throw new Error("Cannot make a program: there is no WebAssembly");
  const { Instance, Module } = wasm;
  const read = new Module(module);
  return (imports) => new Instance(read, imports).exports as Exports;
}
