import type { Sample } from "../../test/support/faults/sampling.ts";

const width = 900;
const height = 220;
const margin = { left: 60, right: 20, top: 30, bottom: 24 };

type Curve = { readonly label: string; readonly valueOf: (sample: Sample, index: number) => number };

/** Memory, handles and rate over time, one below the other, as SVG. */
export function plotOf(
  samples: readonly Sample[],
  { title, warmUpSeconds }: { readonly title: string; readonly warmUpSeconds: number },
): string {
  const rate = (sample: Sample, index: number): number => {
    const before = samples[index - 1];
    const seconds = sample.seconds - (before?.seconds ?? 0);
    return seconds === 0 ? 0 : (sample.acknowledged - (before?.acknowledged ?? 0)) / seconds;
  };
  const curves: readonly Curve[] = [
    { label: "memory of the process, MiB", valueOf: (sample) => sample.rssMiB },
    { label: "open handles", valueOf: (sample) => sample.handles },
    { label: "spans acknowledged per second", valueOf: rate },
  ];
  const all = margin.top + curves.length * height;
  const parts = curves.map((curve, index) => {
    const y = margin.top + index * height;
    return `<g transform="translate(0 ${y})">${drawCurve(samples, curve, warmUpSeconds)}</g>`;
  });
  return `<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${all}" font-family="sans-serif" font-size="12">
<rect width="100%" height="100%" fill="white"/>
<text x="${margin.left}" y="18" font-size="14">${title}</text>
${parts.join("\n")}
</svg>
`;
}

function drawCurve(samples: readonly Sample[], { label, valueOf }: Curve, warmUpSeconds: number): string {
  const values = samples.map(valueOf);
  const top = Math.max(1, ...values) * 1.1;
  const last = Math.max(1, samples.at(-1)?.seconds ?? 1);
  const x = (seconds: number): string =>
    (margin.left + (seconds / last) * (width - margin.left - margin.right)).toFixed(1);
  const y = (value: number): string =>
    (height - margin.bottom - (value / top) * (height - margin.bottom - 20)).toFixed(1);
  const points = samples.map(({ seconds }, index) => `${x(seconds)},${y(values[index] ?? 0)}`).join(" ");
  const ticks = [0, 0.25, 0.5, 0.75, 1].map((share) => {
    const seconds = share * last;
    return `<text x="${x(seconds)}" y="${height - 8}" text-anchor="middle" fill="#666">${(seconds / 60).toFixed(1)} min</text>`;
  });
  const levels = [0, top / 2, top].map(
    (value) =>
      `<line x1="${margin.left}" x2="${width - margin.right}" y1="${y(value)}" y2="${y(value)}" stroke="#ddd"/><text x="${margin.left - 6}" y="${y(value)}" text-anchor="end" fill="#666">${Math.round(value)}</text>`,
  );
  return [
    ...levels,
    ...ticks,
    `<line x1="${x(warmUpSeconds)}" x2="${x(warmUpSeconds)}" y1="20" y2="${height - margin.bottom}" stroke="#bbb" stroke-dasharray="4 3"/>`,
    `<polyline points="${points}" fill="none" stroke="#1668a8" stroke-width="1.5"/>`,
    `<text x="${margin.left}" y="14" fill="#333">${label}</text>`,
  ].join("");
}
