/** When data is refused, in bytes. */
export type Limits = { readonly hard: number; readonly soft: number };

type Written = {
  /** In bytes. */
  readonly limit_mib: number;
  readonly spike_limit_mib: number;
  readonly limit_percentage: number;
  readonly spike_limit_percentage: number;
};

/** The limits that a configuration means; sizes go before percentages. Throws when percentages are of nothing that can be known. */
export function limitsOf(written: Written, total: () => number | undefined): Limits {
  if (written.limit_mib > 0) return limits(written.limit_mib, written.spike_limit_mib);
  const all = total();
  if (all === undefined)
    throw new Error(
      "Cannot use limit_percentage: neither the cgroup nor /proc/meminfo tells how much memory there is; set limit_mib",
    );
  return limits((all * written.limit_percentage) / 100, (all * written.spike_limit_percentage) / 100);
}

function limits(hard: number, spike: number): Limits {
  return { hard, soft: hard - (spike > 0 ? spike : hard / 5) };
}
