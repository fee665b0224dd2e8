import { headerAt } from "./abi.ts";
import type { Clock } from "./encoding/clock.ts";

const word = 0x100000000;

/** A record as it lies in the ring's bytes: one object for all of them. */
export class RingRecord {
  bytes: Uint8Array = new Uint8Array();
  view: DataView = new DataView(new ArrayBuffer(0));
  /** Of its first byte. */
  at = 0;
  readonly clock: Clock;

  constructor(clock: Clock) {
    this.clock = clock;
  }

  /** Looks at the records of another piece of memory from now on. */
  point(bytes: Uint8Array): void {
    this.bytes = bytes;
    this.view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  }

  get type(): number {
    return this.view.getUint16(this.at + headerAt.type, true);
  }
  get flags(): number {
    return this.bytes[this.at + headerAt.flags] ?? 0;
  }
  get hierarchy(): number {
    return this.view.getUint32(this.at + headerAt.hier, true);
  }
  /** A kernfs ID: far below 2^53. */
  get cgroup(): number {
    return this.u64(headerAt.cgroup);
  }
  get tgid(): number {
    return this.view.getUint32(this.at + headerAt.tgid, true);
  }
  /** ns since the clock's base. */
  get time(): number {
    return this.clock.read(this.view, this.at + headerAt.ts);
  }

  u8(offset: number): number {
    return this.bytes[this.at + offset] ?? 0;
  }
  u16(offset: number): number {
    return this.view.getUint16(this.at + offset, true);
  }
  u32(offset: number): number {
    return this.view.getUint32(this.at + offset, true);
  }
  i32(offset: number): number {
    return this.view.getInt32(this.at + offset, true);
  }
  /** Exact below 2^53. */
  u64(offset: number): number {
    return this.view.getUint32(this.at + offset + 4, true) * word + this.view.getUint32(this.at + offset, true);
  }
  /** A time of the kernel's, in ns since the clock's base. */
  ns(offset: number): number {
    return this.clock.read(this.view, this.at + offset);
  }
}
