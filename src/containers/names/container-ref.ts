/** A container's or sandbox's ID as telemetry names it. */
export type ContainerRef = {
  /** Bare, lower case where it is hexadecimal. */
  readonly id: string;
  /** Whether it may be the beginning of an ID: at least 12 hex digits, as Docker's short form has, and less than a whole one. */
  readonly mayBePrefix: boolean;
};

const idPattern = /^[A-Za-z0-9][A-Za-z0-9_.+-]{0,127}$/;

/** The longest text that is looked at: an ID behind a scheme or a scope's prefix. */
const maxLength = 512;

/** Reads an ID as it comes: bare, `runtime://ID`, or a scope's name such as `cri-containerd-ID.scope`. Undefined when it cannot be one. */
export function parseContainerRef(text: string): ContainerRef | undefined {
  if (isWholeId(text)) return { id: text, mayBePrefix: false };
  if (text.length > maxLength) return undefined;
  const bare = text
    .trim()
    .replace(/^[a-z0-9.+-]+:\/\//i, "")
    .replace(/\.scope$/, "");
  const hex = /^(?:.*[-:])?([0-9a-f]{12,64})$/i.exec(bare)?.[1]?.toLowerCase();
  if (hex !== undefined && isWholeOrScope(bare, hex)) return { id: hex, mayBePrefix: hex.length < 64 };
  return idPattern.test(bare) ? { id: bare, mayBePrefix: false } : undefined;
}

/** `web-0123456789ab` may be a container's own name: only a known prefix makes the rest an ID. */
function isWholeOrScope(bare: string, hex: string): boolean {
  const prefix = bare.slice(0, bare.length - hex.length);
  return prefix === "" || /(?:^|[-:])(?:cri-containerd|containerd|crio|cri-o|docker|libpod)[-:]$/.test(prefix);
}

/** What nearly all telemetry names: 64 digits and nothing else. */
function isWholeId(text: string): boolean {
  if (text.length !== 64) return false;
  for (let i = 0; i < 64; i++) {
    const code = text.charCodeAt(i);
    // 0 to 9, a to f
    if (code < 48 || code > 102 || (code > 57 && code < 97)) return false;
  }
  return true;
}
