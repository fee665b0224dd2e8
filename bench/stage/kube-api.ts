// A stand-in of the Kubernetes API server for the Collector: lists and watches the pods of one node, read-only.
// Usage: node bench/stage/kube-api.ts PORT PODS_FILE; PODS_FILE: {container ID: pod's name} as JSON, as the sink has it.
import { readFileSync } from "node:fs";
import { createServer } from "node:http";

const [, , port = "", podsFile = ""] = process.argv;
const names = JSON.parse(readFileSync(podsFile, "utf8")) as Record<string, string>;
const created = "2026-01-01T00:00:00Z";
const pods = Object.entries(names).map(([id, name], index) => ({
  metadata: {
    name,
    namespace: "shop",
    uid: `00000000-0000-4000-8000-${String(index).padStart(12, "0")}`,
    resourceVersion: "10",
    creationTimestamp: created,
    labels: { app: name },
  },
  spec: { nodeName: "node-1", containers: [{ name: "app", image: "registry.example/shop/app:1.2" }] },
  status: {
    phase: "Running",
    podIP: `10.${(index >> 16) & 255}.${(index >> 8) & 255}.${index & 255}`,
    startTime: created,
    containerStatuses: [
      {
        name: "app",
        containerID: `containerd://${id}`,
        image: "registry.example/shop/app:1.2",
        imageID: `registry.example/shop/app@sha256:${id}`,
        restartCount: 0,
        ready: true,
        state: { running: { startedAt: created } },
      },
    ],
  },
}));

createServer((request, response) => {
  const url = new URL(request.url ?? "/", "http://localhost");
  const kind = url.pathname.split("/").at(-1) ?? "";
  response.setHeader("content-type", "application/json");
  if (kind === "version") return response.end(JSON.stringify({ major: "1", minor: "34", gitVersion: "v1.34.0" }));
  if (url.searchParams.has("sendInitialEvents")) {
    response.statusCode = 422; // the client lists instead
    return response.end(
      JSON.stringify({ kind: "Status", apiVersion: "v1", status: "Failure", reason: "Invalid", code: 422 }),
    );
  }
  if (url.searchParams.has("watch")) {
    response.writeHead(200);
    return response.flushHeaders(); // nothing ever changes
  }
  const lists: Readonly<Record<string, string>> = {
    pods: "PodList",
    namespaces: "NamespaceList",
    nodes: "NodeList",
    replicasets: "ReplicaSetList",
  };
  const apiVersion = kind === "replicasets" ? "apps/v1" : "v1";
  const items = kind === "pods" ? pods : [];
  return response.end(
    JSON.stringify({ kind: lists[kind] ?? "List", apiVersion, metadata: { resourceVersion: "10" }, items }),
  );
}).listen(Number(port), "127.0.0.1", () => process.stdout.write("ready\n"));
