import { writeFileSync } from "node:fs";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import { folderOfTest } from "../../../extensions/file-storage/given-storage.ts";
import { freePort } from "../../../support/net/ports.ts";
import { configWith, doctor, of, todoOf } from "../given-doctor.ts";

/** Something that answers as a kubelet does; gives its address. */
async function givenKubelet(status: number): Promise<string> {
  const body = JSON.stringify({ kind: "PodList", items: [{ metadata: { uid: "u-1" } }, { metadata: { uid: "u-2" } }] });
  const server = createServer((_, response) => response.writeHead(status).end(body));
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  onTestFinished(() => void server.close());
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

const processorsOf = (settings: object) =>
  JSON.stringify({
    cri_attributes: { node_name: "node-a", runtimes: [{ endpoint: "unix:///no/such.sock" }], ...settings },
  });

const ofKubelet = (endpoint: string) =>
  processorsOf({ kubelet: { enabled: true, endpoint, allow_insecure_http: true, token_file: "" } });

test("a kubelet that answers is told with its pods, and nothing of one that is not wanted", async () => {
  const endpoint = await givenKubelet(200);
  const examined = await doctor(["--config", configWith("{debug: }", { processors: ofKubelet(endpoint) })]);
  expect(of("kubelet", examined)).toEqual([
    { status: "ok", check: "kubelet", text: `processors::cri_attributes: ${endpoint}/pods tells 2 pods` },
  ]);
  const without = await doctor(["--config", configWith("{debug: }", { processors: processorsOf({}) })]);
  expect([...of("kubelet", without), ...of("overlay", without)]).toEqual([]);
});

test.each([
  ["refuses", () => givenKubelet(403), {}, /status 403.*nodes\/pods/, "the token and the role"],
  [
    "is not there",
    async () => `http://127.0.0.1:${await freePort()}`,
    {},
    /ECONNREFUSED/,
    "whether the kubelet runs there",
  ],
  [
    "is not there in a pod",
    async () => `http://127.0.0.1:${await freePort()}`,
    { KUBERNETES_SERVICE_HOST: "10.96.0.1" },
    /ECONNREFUSED/,
    "in a pod that is the pod itself",
  ],
])("a kubelet that %s is a problem, with what to do", async (_, endpoint, env, text, todo) => {
  const examined = await doctor(
    ["--config", configWith("{debug: }", { processors: ofKubelet(await endpoint()) })],
    env,
  );
  const [finding, ...others] = of("kubelet", examined);
  expect(others).toEqual([]);
  expect(finding).toMatchObject({ status: "problem", text: expect.stringMatching(text) });
  expect(todoOf(finding)).toContain(todo);
  expect(examined.code).toBe(1);
});

test("an overlay is told with what is in it, or with what is wrong", async () => {
  const file = join(folderOfTest(), "overlay.yaml");
  const overlay = async (text: string) => {
    writeFileSync(file, text);
    const examined = await doctor([
      "--config",
      configWith("{debug: }", { processors: processorsOf({ overlay: { file } }) }),
    ]);
    return of("overlay", examined);
  };
  expect(await overlay("namespaces: {shop: {}, pay: {}}\nnodes: {a: {}}\n")).toMatchObject([
    { status: "ok", text: `processors::cri_attributes: ${file} tells of 2 namespaces, 1 nodes, 0 workloads` },
  ]);
  expect(await overlay("pods: {}\n")).toMatchObject([{ status: "problem", text: expect.stringContaining("has pods") }]);
});
