const two32 = 0x100000000;

/**
 * Integers of 64 bits as two unsigned halves, which is how protobuf has them on the wire; exact where a number is not,
 * and a third of the cost of a BigInt.
 */
export class Int64 {
  low = 0;
  high = 0;
  isNegative = false;

  /** Reads decimal digits, perhaps behind a minus sign. False when that is not what text[start, stop) is, or it has more than 64 bits. */
  read(text: Uint8Array, start: number, stop: number): boolean {
    this.isNegative = text[start] === 0x2d;
    let pos = this.isNegative ? start + 1 : start;
    if (pos === stop) return false;
    let value = 0;
    for (const exact = Math.min(stop, pos + 15); pos < exact; pos++) {
      const digit = (text[pos] ?? 0) - 0x30;
      if (digit < 0 || digit > 9) return false;
      value = value * 10 + digit;
    }
    let high = Math.floor(value / two32);
    let low = value % two32;
    for (; pos < stop; pos++) {
      const digit = (text[pos] ?? 0) - 0x30;
      if (digit < 0 || digit > 9) return false;
      low = low * 10 + digit;
      high = high * 10 + Math.floor(low / two32);
      low %= two32;
      if (high >= two32) return false;
    }
    this.low = low;
    this.high = high;
    return true;
  }

  /** Takes an integer of at most 2^53. */
  set(value: number): void {
    this.isNegative = value < 0;
    this.high = Math.floor(Math.abs(value) / two32);
    this.low = Math.abs(value) % two32;
  }

  /** Turns magnitude and sign into two's complement. False when they do not fit into 64 bits with a sign. */
  toSigned(): boolean {
    if (!this.isNegative) return this.high < 0x80000000;
    if (this.high > 0x80000000 || (this.high === 0x80000000 && this.low > 0)) return false;
    this.low = (two32 - this.low) % two32;
    this.high = (~this.high + (this.low === 0 ? 1 : 0)) >>> 0;
    return true;
  }

  /** Whether magnitude and sign are a number of 64 bits without a sign. */
  isUnsigned(): boolean {
    return !this.isNegative || (this.high === 0 && this.low === 0);
  }

  /** The halves in decimal, as a number without a sign, or with one in two's complement. */
  toText(isSigned: boolean): string {
    if (!isSigned || this.high < 0x80000000) return decimal(this.low, this.high);
    const low = (two32 - this.low) % two32;
    return `-${decimal(low, (~this.high + (low === 0 ? 1 : 0)) >>> 0)}`;
  }
}

const million = 1_000_000;

/** Divides by a million, so that both parts are exact as numbers. */
function decimal(low: number, high: number): string {
  if (high < 0x200000) return String(high * two32 + low);
  const rest = (high % million) * two32 + low;
  return `${Math.floor(high / million) * two32 + Math.floor(rest / million)}${String(rest % million).padStart(6, "0")}`;
}
