/** What goes into a tar: a folder, a file with its content, or a symbolic link with its target. */
export type TarEntry =
  | { readonly kind: "folder"; readonly path: string }
  | { readonly kind: "file"; readonly path: string; readonly content: Uint8Array; readonly mode: number }
  | { readonly kind: "link"; readonly path: string; readonly target: string };

const block = 512;
const typeFlags = { folder: "5", file: "0", link: "2" } as const;

/** A ustar archive (POSIX.1-1988) owned by root, at the epoch: the same entries always give the same bytes. */
export function tar(entries: readonly TarEntry[]): Buffer {
  const blocks = entries.flatMap((entry) => {
    const content = entry.kind === "file" ? entry.content : new Uint8Array(0);
    return [header(entry, content.length), content, Buffer.alloc((block - (content.length % block)) % block)];
  });
  return Buffer.concat([...blocks, Buffer.alloc(2 * block)]);
}

function header(entry: TarEntry, size: number): Buffer {
  const bytes = Buffer.alloc(block);
  const octal = (value: number, offset: number, digits: number) =>
    bytes.write(`${value.toString(8).padStart(digits, "0")}\0`, offset, "latin1");
  bytes.write(entry.path, 0, 100);
  octal(entry.kind === "file" ? entry.mode : 0o755, 100, 7);
  octal(0, 108, 7);
  octal(0, 116, 7);
  octal(size, 124, 11);
  octal(0, 136, 11);
  bytes.write(" ".repeat(8), 148, "latin1");
  bytes.write(typeFlags[entry.kind], 156, "latin1");
  if (entry.kind === "link") bytes.write(entry.target, 157, 100);
  bytes.write("ustar\u000000", 257, "latin1");
  const sum = bytes.reduce((total, byte) => total + byte, 0);
  bytes.write(`${sum.toString(8).padStart(6, "0")}\0 `, 148, "latin1");
  return bytes;
}
