import { once } from "node:events";
import { readdirSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { X509Certificate } from "node:crypto";
import { connect } from "node:net";
import { join } from "node:path";
import { connect as connectTls } from "node:tls";
import { expect, onTestFinished, test } from "vitest";
import { hasOpenssl, makeCertificates } from "../../support/net/certificates.ts";
import type { Certificates } from "../../support/net/certificates.ts";
import { createBackend } from "../../support/faults/backend.ts";
import { createLedger, startLoad } from "../../support/faults/ledger.ts";
import { createSubject } from "../../support/faults/subject.ts";
import type { Wish } from "../../support/faults/subject.ts";
import { eventually } from "../../support/eventually.ts";
import { runPodstamp, startPodstamp } from "../../support/agent/podstamp.ts";
import { freePort } from "../../support/net/ports.ts";
import { createWorkspace, wipe } from "../../support/machine/workspace.ts";

async function given(wish: Omit<Wish, "backend"> = {}) {
  const ledger = createLedger();
  const backend = await createBackend(ledger);
  await backend.up();
  const runtimeDir = createWorkspace();
  const subject = await createSubject({ backend: backend.address, ...wish });
  const env = { XDG_RUNTIME_DIR: runtimeDir };
  onTestFinished(async () => {
    await subject.clean();
    backend.down();
    await wipe(runtimeDir);
  });
  await subject.start(env);
  const [host = "", port = ""] = subject.address.split(":");
  const connected = async () => {
    const socket = connect(Number(port), host);
    socket.on("error", () => {});
    onTestFinished(() => void socket.destroy());
    await once(socket, "connect");
    // The server's settings: it is a connection of HTTP/2 that waits for calls.
    socket.write("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n\0\0\0\x04\0\0\0\0\0");
    await once(socket, "data");
    return socket;
  };
  return { ledger, backend, subject, env, runtimeDir, connected };
}

test("podstamp reload says that the new configuration runs; connections of senders stay open", async () => {
  const { ledger, backend, subject, env, runtimeDir, connected } = await given();
  const folder = join(runtimeDir, "podstamp");
  const [socketFile = ""] = readdirSync(folder);
  expect(socketFile).toBe(`${subject.pid()}.sock`);
  expect([folder, join(folder, socketFile)].map((path) => statSync(path).mode & 0o777)).toEqual([0o700, 0o600]);
  const socket = await connected();
  subject.configure({ backend: backend.address, exporter: "{compression: none}", processors: { batch: "{}" } });
  const { code, output } = await runPodstamp(["reload"], env);
  expect({ code, output }).toEqual({ code: 0, output: "The new configuration runs: traces\n" });
  const load = startLoad(ledger, { address: subject.address });
  await load.one();
  await load.stop();
  await eventually(() => ledger.missing() === 0, { what: "the span" });
  expect(socket.destroyed || socket.readableEnded).toBe(false);
  await subject.end("SIGTERM");
  expect(readdirSync(folder)).toEqual([]);
});

test("a wrong file is refused with its problems, and the old one runs on", async () => {
  const { ledger, backend, subject, env, connected } = await given();
  const socket = await connected();
  subject.configure({ backend: backend.address, queue: "{storrage: file_storage}" });
  const { code, output } = await runPodstamp(["reload"], env);
  expect(code).toBe(1);
  expect(output).toMatch(
    /config\.yaml:\d+:\d+: Cannot use exporters::otlp_grpc::sending_queue::storrage: unknown key; did you mean storage\?/,
  );
  expect(output).toMatch(/The new configuration is not valid, the old one runs on/);
  subject.signal("SIGHUP");
  await subject.line(/The new configuration is not valid, the old one runs on/);
  const load = startLoad(ledger, { address: subject.address });
  await load.one();
  await load.stop();
  await eventually(() => ledger.missing() === 0, { what: "the span" });
  expect(socket.destroyed).toBe(false);
});

test("what counts only with the next start is said setting by setting, with each reload until then", async () => {
  const { backend, subject, env } = await given({ processors: { cri_attributes: processor("5m") } });
  const change = { service: 'control_socket: ""', processors: { cri_attributes: processor("1m") } };
  subject.configure({ backend: backend.address, ...change });
  const said = [
    "service::control_socket takes effect when podstamp is started again",
    "processors::cri_attributes::pod_delete_grace_period takes effect when podstamp is started again",
    "The new configuration runs: traces",
  ];
  expect((await runPodstamp(["reload"], env)).output.trim().split("\n")).toEqual(said);
  expect((await runPodstamp(["reload"], env)).output.trim().split("\n")).toEqual(said);
  // Another directory has them all.
  subject.configure({ backend: backend.address, processors: { cri_attributes: processor("1m", "/run/b.sock") } });
  expect((await runPodstamp(["reload"], env)).output).toBe("The new configuration runs: traces\n");
});

test.skipIf(!hasOpenssl).each(["file", "pem"])(
  "a renewed certificate (_%s) is shown after a reload, to who connects then",
  async (kind) => {
    const folder = createWorkspace();
    const [before, after] = [makeCertificates(), makeCertificates()];
    onTestFinished(async () => {
      before.remove();
      after.remove();
      await wipe(folder);
    });
    const port = await freePort();
    const files = { cert_file: join(folder, "tls.crt"), key_file: join(folder, "tls.key") };
    const renew = ({ cert, key }: Certificates): void => {
      writeFileSync(files.cert_file, cert);
      writeFileSync(files.key_file, key);
    };
    renew(before);
    const texts = { cert_pem: `\${file:${files.cert_file}}`, key_pem: `\${file:${files.key_file}}` };
    const config = JSON.stringify({
      receivers: {
        otlp: { protocols: { grpc: { endpoint: `127.0.0.1:${port}`, tls: kind === "file" ? files : texts } } },
      },
      exporters: { nop: {} },
      service: {
        telemetry: { metrics: { readers: [] } },
        pipelines: { traces: { receivers: ["otlp"], exporters: ["nop"] } },
      },
    });
    const env = { XDG_RUNTIME_DIR: folder };
    const running = await startPodstamp({ config, env });
    const shown = async (): Promise<string> => {
      const socket = connectTls({ port, host: "127.0.0.1", rejectUnauthorized: false, ALPNProtocols: ["h2"] });
      await once(socket, "secureConnect");
      const { raw } = socket.getPeerCertificate();
      socket.destroy();
      return raw.toString("base64");
    };
    const textOf = ({ cert }: Certificates) => new X509Certificate(cert).raw.toString("base64");
    expect(await shown()).toBe(textOf(before));
    renew(after);
    expect(await runPodstamp(["reload"], env)).toMatchObject({ code: 0 });
    expect(await shown()).toBe(textOf(after));
    // A renewal that is found in its middle, and one that went wrong.
    for (const half of [before.cert, Buffer.from("none"), Buffer.alloc(0)]) {
      writeFileSync(files.cert_file, half);
      expect(await runPodstamp(["reload"], env)).toMatchObject({ code: 1 });
      expect(await shown()).toBe(textOf(after));
    }
    await running.stop();
  },
);

const processor = (grace: string, socket = "/run/a.sock") =>
  `{runtimes: [{type: cri, endpoint: "unix:///no${socket}"}], pod_delete_grace_period: ${grace}}`;

test("what cannot be started is refused, and the old one runs on with its queue", async () => {
  const { ledger, backend, subject, env } = await given();
  backend.down();
  const load = startLoad(ledger, { address: subject.address });
  await eventually(() => ledger.acknowledged().size > 100, { what: "a backlog" });
  await load.stop();
  // The new exporter's storage is where nothing can be made.
  subject.configure({ backend: backend.address, storage: "{directory: /dev/null/none, create_directory: true}" });
  const { code, output } = await runPodstamp(["reload"], env);
  expect({ code, output }).toMatchObject({
    code: 1,
    output: expect.stringMatching(/Cannot start extensions::file_storage/),
  });
  await backend.up();
  await eventually(() => ledger.missing() === 0, { what: "the backlog", timeoutMs: 15_000 });
});

test("when neither the new one nor the old one can be started, what is in memory is delivered before the end, whoever still sends", async () => {
  const memory = { queue: "{queue_size: 1000}", retry: "{initial_interval: 60s, max_interval: 60s}" };
  const { ledger, backend, subject, env } = await given({ ...memory, service: "shutdown_timeout: 3s" });
  backend.down();
  const load = startLoad(ledger, { address: subject.address });
  await eventually(() => ledger.acknowledged().size > 500, { what: "a backlog" });
  await backend.up();
  // The folder of the old storage is gone, that of the new one cannot be made.
  rmSync(subject.folder, { recursive: true });
  subject.configure({ backend: backend.address, ...memory, storage: "{directory: /dev/null/none}" });
  expect(await runPodstamp(["reload"], env)).toMatchObject({
    code: 1,
    output: expect.stringContaining("Neither the new configuration nor the old one can be started: podstamp stops"),
  });
  await subject.end("SIGCONT");
  await load.stop();
  expect(ledger.missing()).toBe(0);
  expect(subject.output()).toMatch(/Stopped. Everything that was taken was delivered/);
});

test("another fsync or size of the storage takes its place in the same directory", async () => {
  const { ledger, backend, subject, env } = await given();
  backend.down();
  const load = startLoad(ledger, { address: subject.address });
  await eventually(() => ledger.acknowledged().size > 100, { what: "a backlog" });
  subject.configure({ backend: backend.address, storage: "{fsync: 1s, max_size_mib: 10}" });
  expect(await runPodstamp(["reload"], env)).toMatchObject({ code: 0 });
  await backend.up();
  await load.stop();
  await eventually(() => ledger.missing() === 0, { what: "the backlog", timeoutMs: 15_000 });
  expect(load.refusals).toEqual(new Map());
});

test("podstamp reload says when there is nobody, and takes the socket that the configuration names", async () => {
  const { subject, backend, env, runtimeDir } = await given({ service: 'control_socket: ""' });
  expect(await runPodstamp(["reload"], env)).toMatchObject({
    code: 1,
    output: expect.stringMatching(/must find a running podstamp, there is none in .*podstamp; .* SIGHUP/),
  });
  const path = join(runtimeDir, "own.sock");
  await subject.end("SIGTERM");
  writeFileSync(path, "a file that is no socket");
  subject.configure({ backend: backend.address, service: `control_socket: "${path}"` });
  await subject.start(env);
  expect(subject.output()).toMatch(/podstamp ps, lookup, events and reload cannot find this process, SIGHUP can/);
  expect(readFileSync(path, "utf8")).toBe("a file that is no socket");
  await subject.end("SIGTERM");
  subject.configure({ backend: backend.address, service: `control_socket: "${path}2"` });
  await subject.start(env);
  expect(await runPodstamp(["reload", "--socket", `${path}2`], env)).toMatchObject({ code: 0 });
});

test("a queue on disk says nothing of node:sqlite to whoever runs podstamp", async () => {
  const { ledger, subject } = await given();
  const load = startLoad(ledger, { address: subject.address });
  await load.one();
  await load.stop();
  await subject.end("SIGTERM");
  expect(subject.output()).not.toMatch(/experimental|sqlite|trace-warnings/i);
});
