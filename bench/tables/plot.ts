/** A bar of a plot. */
export type Bar = { readonly group: string; readonly name: string; readonly value: number };

const width = 960;
const rowHeight = 18;
const groupGap = 26;
const labelWidth = 200;
const colours = ["#4878cf", "#d65f5f", "#ee9a3a", "#8c8c8c", "#b5b5b5", "#6acc65", "#b47cc7"];

/** Horizontal bars in groups, as SVG; each group has a scale of its own, so that shapes can be compared. */
export function plotBars(title: string, unit: string, bars: readonly Bar[]): string {
  const groups = [...new Set(bars.map(({ group }) => group))];
  const names = [...new Set(bars.map(({ name }) => name))];
  let y = 40;
  const parts: string[] = [];
  for (const group of groups) {
    const own = bars.filter((bar) => bar.group === group);
    const largest = Math.max(...own.map(({ value }) => value));
    parts.push(text({ x: 8, y: y + 12 }, group, "bold"));
    y += 20;
    for (const { name, value } of own) {
      const length = Math.max(1, (value / largest) * (width - labelWidth - 110));
      const colour = colours[names.indexOf(name) % colours.length] ?? "#000";
      parts.push(text({ x: 16, y: y + 13 }, name, "normal"));
      parts.push(
        `<rect x="${labelWidth}" y="${y + 2}" width="${length.toFixed(1)}" height="${rowHeight - 5}" fill="${colour}"/>`,
      );
      parts.push(text({ x: labelWidth + length + 6, y: y + 13 }, `${value.toFixed(0)} ${unit}`, "normal"));
      y += rowHeight;
    }
    y += groupGap - 20;
  }
  const heading = text({ x: 8, y: 22 }, title, "bold");
  return `<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${y + 10}" font-family="sans-serif" font-size="12"><rect width="100%" height="100%" fill="#fff"/>\n${[heading, ...parts].join("\n")}\n</svg>\n`;
}

function text({ x, y }: { x: number; y: number }, content: string, weight: "bold" | "normal"): string {
  const escaped = content.replaceAll("&", "&amp;").replaceAll("<", "&lt;");
  return `<text x="${x.toFixed(1)}" y="${y}" font-weight="${weight}">${escaped}</text>`;
}
