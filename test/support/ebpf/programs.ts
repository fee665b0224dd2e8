import { mkdirSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { whereIs } from "../machine/machine.ts";
import type { ContainerSpec } from "../node/kubelet.ts";

/** What a container needs to run Debian's programs and this Node, none of which is in our images: the host's own folders. */
export function hostPrograms(work: string): NonNullable<ContainerSpec["mounts"]> {
  const folders = ["/usr", "/lib", "/lib64", "/etc", dirname(process.execPath)];
  return [
    ...folders.map((folder) => ({ host: folder, inside: folder })),
    { host: work, inside: "/work", isWritable: true },
  ];
}

/** Of the host's, before those of the image. */
export const environment = { PATH: "/usr/sbin:/usr/bin:/bin", HOME: "/work" } as const;

/** Servers that answer any GET of /<anything> with 200, by the programs of which they are. */
export type ServerName = "nginx" | "node" | "python" | "busybox";
export const serverNames: readonly ServerName[] = ["nginx", "node", "python", "busybox"];

/** The command of a server on a port of 127.0.0.1; what it needs is put into `work`, which it sees as /work. */
export function serverCommand(name: ServerName, port: number, work: string): readonly string[] {
  const files = join(work, name);
  mkdirSync(join(files, "www"), { recursive: true });
  for (const client of clientNames) writeFileSync(join(files, "www", client), `Hello ${client}\n`);
  switch (name) {
    case "nginx":
      writeFileSync(join(files, "nginx.conf"), nginxConfiguration(port, "root /work/nginx/www;"));
      return ["/usr/sbin/nginx", "-e", "/work/nginx/error.log", "-c", "/work/nginx/nginx.conf"];
    case "node":
      return [
        process.execPath,
        "-e",
        `require("http").createServer((q, r) => r.end("hello " + q.url)).listen(${port}, "127.0.0.1")`,
      ];
    case "python":
      return [
        "/usr/bin/python3",
        "-B",
        "-m",
        "http.server",
        String(port),
        "--bind",
        "127.0.0.1",
        "--directory",
        "/work/python/www",
      ];
    case "busybox":
      return ["/bin/busybox", "httpd", "-f", "-p", `127.0.0.1:${port}`, "-h", "/work/busybox/www"];
  }
}

/** A configuration of nginx in the foreground with everything it writes below /work. */
export function nginxConfiguration(port: number, location: string, http = ""): string {
  const folders = ["client_body", "proxy", "fastcgi", "uwsgi", "scgi"]
    .map((kind) => `${kind}_temp_path /work/nginx/${kind};`)
    .join(" ");
  return `daemon off; master_process off; pid /work/nginx/pid; user root;
events {}
http { access_log off; ${folders} ${http}
  server { listen 127.0.0.1:${port}; location / { ${location} } } }
`;
}

export type ClientName = "curl" | "node" | "python" | "wget";
export const clientNames: readonly ClientName[] = ["curl", "node", "python", "wget"];

/** The line of a shell with which a program asks for a URL. */
export function clientLine(name: ClientName, url: string): string {
  switch (name) {
    case "curl":
      return `/usr/bin/curl -sS -o /dev/null ${url}`;
    case "node":
      return `${process.execPath} -e 'fetch("${url}").then((r) => r.text())'`;
    case "python":
      return `/usr/bin/python3 -c 'import urllib.request as u; u.urlopen("${url}").read()'`;
    case "wget":
      return `/bin/busybox wget -q -O /dev/null ${url}`;
  }
}

/** Whether all that Debian would have is there. */
export function whyNoPrograms(): string | undefined {
  const missing = ["nginx", "curl"].filter((program) => whereIs(program) === undefined);
  return missing.length === 0 ? undefined : `${missing.join(" and ")} not installed`;
}
