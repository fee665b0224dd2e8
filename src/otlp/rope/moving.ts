import { createMemory, createProgram, type Memory, pageBytes } from "./webassembly.ts";

/*
 * Buffer.copy takes some 40 ns to move a few hundred bytes, most of it for the call, and a message that is parted leaves in hundreds of
 * pieces. WebAssembly takes a quarter of that (docs/performance.md), but only between memories of its own. So the slabs in which messages
 * lie and the buffers in which frames are put together are such memories. What lies elsewhere is moved by Buffer.copy.
 */

/** Moves `length` bytes to the offset `to` of the memory for frames from the offset `from` of a slab's memory. */
export type Move = (to: number, from: number, length: number) => void;

/** The memory for frames. */
const framePages = 64;
/** What a slab's memory has behind the slab, for a program that works on what lies in it. */
const workPages = 1;

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

/** The memory for frames, how much of it is taken, and what makes a program for each slab. */
type Mover = {
  readonly frames: Memory;
  used: number;
  readonly programFor: (memories: { readonly m: { readonly frames: Memory; readonly slab: Memory } }) => {
    readonly move: Move;
  };
};

/** Made when it is first asked for, since commands move nothing. */
let mover: Mover | undefined;

/** The memory that a slab is, and the offset in it of `workBytes` that are nobody's: for who is done before he lets others go on. */
export type Workroom = { readonly memory: Memory; readonly at: number };

export const workBytes = workPages * pageBytes;

/** By the bytes of slabs. */
const slabs = new WeakMap<ArrayBufferLike, Workroom & { readonly move: Move }>();

/** Memory for a slab, whose bytes can be anything. The collector takes it when nobody looks at it any more. */
export function allocateSlab(length: number): Buffer {
  mover ??= createMover();
  const pages = Math.ceil(length / pageBytes);
  const memory = mover && createMemory(pages + workPages);
  if (mover === undefined || memory === undefined) return Buffer.allocUnsafeSlow(length);
  const { move } = mover.programFor({ m: { frames: mover.frames, slab: memory } });
  slabs.set(memory.buffer, { memory, at: pages * pageBytes, move });
  return Buffer.from(memory.buffer, 0, length);
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
  return target.buffer === mover?.frames.buffer ? slabs.get(source.buffer)?.move : undefined;
}

/** Where a program can work on bytes that lie in a slab; undefined for others. */
export function workroomOf(bytes: Uint8Array): Workroom | undefined {
  return slabs.get(bytes.buffer);
}

function createMover(): Mover | undefined {
  const frames = createMemory(framePages);
  return frames && { frames, used: 0, programFor: createProgram(program) };
}
