/** How much larger than its request what is written may be: a stamp goes on every record inline, and its fields with every group. */
const maxGrowth = 4;
const maxGrowthBytes = 16 * 1024 * 1024;

/** Whether so many bytes more are too many for a request of `bytes`. */
export function isTooMuchMore(more: number, bytes: number): boolean {
  return more > Math.max(maxGrowthBytes, maxGrowth * bytes);
}
