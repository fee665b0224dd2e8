/*
 * Buffer.copy takes some 40 ns to move a few hundred bytes, most of it for the call, and a message that is parted leaves in hundreds of
 * pieces. WebAssembly takes a quarter of that (docs/performance.md), but only between memories of its own. So the slabs in which messages
 * lie and the buffers in which frames are put together are such memories. What lies elsewhere is moved by Buffer.copy.
 */

type Memory = { readonly buffer: ArrayBuffer };

/** What is used of WebAssembly. */
type Wasm = {
  readonly Memory: new (size: { readonly initial: number; readonly maximum: number }) => Memory;
  readonly Module: new (bytes: Uint8Array) => object;
  readonly Instance: new (
    program: object,
    imports: { readonly m: { readonly frames: Memory; readonly slab: Memory } },
  ) => { readonly exports: { readonly move: Move } };
};

/** Moves `length` bytes to the offset `to` of the memory for frames from the offset `from` of a slab's memory. */
export type Move = (to: number, from: number, length: number) => void;

/** Absent where V8 may not make code. */
const wasm = (globalThis as { readonly WebAssembly?: Wasm }).WebAssembly;

const pageBytes = 64 * 1024;
/** The memory for frames. Its pages are taken from the kernel when they are written to. */
const framePages = 64;

/**
 * The one function that is wanted, as a binary module:
 *
 *     (module
 *       (import "m" "frames" (memory 0))
 *       (import "m" "slab" (memory 0))
 *       (func (export "move") (param i32 i32 i32)
 *         (memory.copy 0 1 (local.get 0) (local.get 1) (local.get 2))))
 */
const program = Uint8Array.from(
  [
    [0x00, 0x61, 0x73, 0x6d, 0x01, 0x00, 0x00, 0x00], // "\0asm", version 1
    [0x01, 0x07, 0x01, 0x60, 0x03, 0x7f, 0x7f, 0x7f, 0x00], // types: (i32, i32, i32) -> ()
    [0x02, 0x17, 0x02], // imports: two
    [0x01, 0x6d, 0x06, ...Buffer.from("frames"), 0x02, 0x00, 0x00], // "m" "frames": a memory of any size
    [0x01, 0x6d, 0x04, ...Buffer.from("slab"), 0x02, 0x00, 0x00], // "m" "slab": the same
    [0x03, 0x02, 0x01, 0x00], // functions: one of type 0
    [0x07, 0x08, 0x01, 0x04, ...Buffer.from("move"), 0x00, 0x00], // exports: "move" is function 0
    [0x0a, 0x0e, 0x01, 0x0c, 0x00], // code: 12 bytes, no locals
    [0x20, 0x00, 0x20, 0x01, 0x20, 0x02, 0xfc, 0x0a, 0x00, 0x01, 0x0b], // local.get 0, 1, 2; memory.copy 0 1; end
  ].flat(),
);

/** The memory for frames, how much of it is taken, and what makes a function for each slab. */
type Mover = { readonly frames: Memory; used: number; readonly moveFrom: (slab: Memory) => Move };

/** Made when it is first asked for, since commands move nothing. */
let mover: Mover | undefined;
let isPossible = wasm !== undefined;
/** By the bytes of slabs: what moves out of them. */
const moves = new WeakMap<ArrayBufferLike, Move>();

/** Memory for a slab, whose bytes can be anything. The collector takes it when nobody looks at it any more. */
export function allocateSlab(length: number): Buffer {
  mover ??= createMover();
  const slab = mover && createMemory(Math.ceil(length / pageBytes));
  if (mover === undefined || slab === undefined) return Buffer.allocUnsafeSlow(length);
  moves.set(slab.buffer, mover.moveFrom(slab));
  return Buffer.from(slab.buffer, 0, length);
}

/** Memory for frames, whose bytes can be anything. It is there once and for all: whoever has it uses it again and again. */
export function allocateFrames(length: number): Buffer {
  mover ??= createMover();
  if (mover === undefined || mover.used + length > framePages * pageBytes) return Buffer.allocUnsafeSlow(length);
  const at = mover.used;
  mover.used += length;
  return Buffer.from(mover.frames.buffer, at, length);
}

/** What moves bytes of `source` into `target`, by their offsets in the memories of both; undefined where only Buffer.copy does. */
export function moveBetween(source: Uint8Array, target: Uint8Array): Move | undefined {
  return target.buffer === mover?.frames.buffer ? moves.get(source.buffer) : undefined;
}

function createMover(): Mover | undefined {
  const frames = createMemory(framePages);
  if (wasm === undefined || frames === undefined) return undefined;
  const { Instance, Module } = wasm;
  const module = new Module(program);
  return { frames, used: 0, moveFrom: (slab) => new Instance(module, { m: { frames, slab } }).exports.move };
}

/**
 * Undefined where there is no WebAssembly or no room: V8 reserves 8 GB of addresses for each, none of it memory, which a limit may forbid.
 * That is not tried again, since V8 collects all garbage several times before it gives up.
 */
function createMemory(pages: number): Memory | undefined {
  if (wasm === undefined || !isPossible) return undefined;
  try {
    return new wasm.Memory({ initial: pages, maximum: pages });
  } catch {
    isPossible = false;
    return undefined;
  }
}
