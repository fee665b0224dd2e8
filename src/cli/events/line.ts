import type { ContainerEvent, Learnt } from "../../containers/events.ts";
import type { Sample } from "../../processors/cri-attributes/inquiry/samples.ts";
import { clean, type Io } from "../terminal/output.ts";
import { columnsOf, endWithin } from "../terminal/width.ts";

/** An item of the stream, by where it is from. */
export type Item = ({ readonly type: "container" } & ContainerEvent) | ({ readonly type: "spans" } & Sample);

/** An item as one line for people, no longer than the terminal is wide. */
export function asLine(item: Item, { columns, color }: Pick<Io, "columns" | "color">): string {
  const { head, rest } = item.type === "container" ? ofContainer(item) : ofSample(item);
  const time = item.time.slice(11, 23);
  const text = clean([head.padEnd(10), ...rest.filter((part) => part !== "")].join("  "));
  const line = `${time}  ${text}`;
  const short =
    columns === undefined || columns === 0 || columnsOf(line) <= columns
      ? line
      : `${line.slice(0, endWithin(line, columns - 1))}…`;
  return color ? `\u001b[2m${short.slice(0, time.length)}\u001b[22m${short.slice(time.length)}\n` : `${short}\n`;
}

type Parts = { readonly head: string; readonly rest: readonly string[] };

const shortId = 13;

function ofContainer({ event, kind, id, name, pod, facts }: ContainerEvent): Parts {
  const who = [podText(pod), kind === "sandbox" ? "sandbox" : (name ?? ""), id.slice(0, shortId)];
  return { head: event, rest: [...who, factsText(facts)] };
}

function ofSample({ outcome, reason, signal, service, items, container, pod, notShown }: Sample): Parts {
  const whose = [podText(pod), container === null ? "" : `${container.name}  ${container.id.slice(0, shortId)}`];
  const more = notShown === 0 ? "" : `(${notShown} more not shown)`;
  return {
    head: reason ?? outcome,
    rest: [`${items} of ${signal}`, service === null ? "no service.name" : `service ${service}`, ...whose, more],
  };
}

function podText(pod: ContainerEvent["pod"]): string {
  return pod === null ? "" : `${pod.namespace === "" ? "" : `${pod.namespace}/`}${pod.name}`;
}

/** Inodes of cgroups are for programs. */
function factsText(facts: Learnt): string {
  return Object.entries(facts)
    .filter(([key]) => key !== "cgroupIds")
    .map(([key, value]) => `${key}=${Array.isArray(value) ? value.join(",") : String(value)}`)
    .join("  ");
}
