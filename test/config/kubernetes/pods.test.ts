import { readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { nodeNameOf } from "../../../src/processors/cri-attributes/cri-attributes.ts";
import { daemonSetOf, only, podOf } from "../../support/kubernetes/daemon-set.ts";
import { ebpfOf, overlays, queueOf, rendered, renderVariant } from "../../support/kubernetes/variants.ts";

describe("the pods of", () => {
  test.each(rendered)("$name mount only volumes that there are, and all of them", ({ all, variant }) => {
    const { pod, container } = podOf(all);
    const wanted = [
      "config",
      "run",
      "runtime",
      ...(variant.components.includes(queueOf(variant.overlay)) ? ["state"] : []),
    ];
    expect(container.volumeMounts.map(({ name }) => name).toSorted()).toEqual(
      pod.volumes.map(({ name }) => name).toSorted(),
    );
    expect(pod.volumes.map(({ name }) => name).toSorted()).toEqual(wanted);
    const maps = [
      ...pod.volumes.flatMap(({ configMap }) => (configMap === undefined ? [] : [configMap.name])),
      ...(container.envFrom ?? []).map(({ configMapRef }) => configMapRef.name),
    ];
    for (const name of maps) expect(only(all, "ConfigMap", name)).toBeDefined();
    expect(only(all, "ServiceAccount", pod.serviceAccountName)).toMatchObject({ automountServiceAccountToken: false });
    expect(only(all, "PriorityClass", pod.priorityClassName)).toBeDefined();
  });

  test.each(rendered)(
    "$name see the folder of the socket where the host has it, read-only, with what is unmounted there",
    ({ all }) => {
      const { pod, container } = podOf(all);
      const volume = pod.volumes.find(({ name }) => name === "runtime");
      const mount = container.volumeMounts.find(({ name }) => name === "runtime");
      expect(volume?.hostPath).toEqual({ path: mount?.mountPath, type: "Directory" });
      expect(mount).toMatchObject({ readOnly: true, mountPropagation: "HostToContainer" });
    },
  );

  test.each(rendered)(
    "$name are those that selectors mean, and get what is sent to the Service by ports' names",
    ({ all }) => {
      const { selector, template } = daemonSetOf(all);
      const { container } = podOf(all);
      const names = container.ports.map(({ name }) => name);
      const service = only(all, "Service")["spec"] as {
        readonly selector: object;
        readonly ports: readonly { readonly name: string; readonly port: number; readonly targetPort: string }[];
      };
      expect(selector.matchLabels).toEqual(template.metadata.labels);
      expect(service).toMatchObject({ selector: template.metadata.labels, internalTrafficPolicy: "Local" });
      for (const { port, targetPort } of service.ports)
        expect(container.ports.find(({ name }) => name === targetPort)?.containerPort).toBe(port);
      const policy = only(all, "NetworkPolicy")["spec"] as {
        readonly podSelector: object;
        readonly ingress: readonly { readonly ports: readonly { readonly port: string }[] }[];
      };
      expect(policy.podSelector).toEqual({ matchLabels: template.metadata.labels });
      for (const port of policy.ingress.flatMap(({ ports }) => ports.map((each) => each.port)))
        expect(names).toContain(port);
    },
  );

  test.each(rendered)("$name tell podstamp the node's name, whatever configuration a user puts there", ({ all }) => {
    const { container } = podOf(all);
    const nothing = {
      node_name: "",
      filter: { node: "", node_from_env_var: "", fields: [], labels: [], namespace: "" },
    };
    const named = container.env.filter(({ name }) => nodeNameOf(nothing, { [name]: "node-a" }) === "node-a");
    expect(named).toEqual([{ name: "K8S_NODE_NAME", valueFrom: { fieldRef: { fieldPath: "spec.nodeName" } } }]);
  });

  test.each(rendered)("$name run the image of this version", ({ all }) => {
    const { version } = JSON.parse(readFileSync(new URL("../../../package.json", import.meta.url), "utf8")) as {
      readonly version: string;
    };
    expect(podOf(all).container.image).toMatch(new RegExp(`^podstamp(-ebpf)?:${version.replaceAll(".", "\\.")}$`));
  });

  test.each(rendered)(
    "$name have nothing of the host's but the folder of the socket and that of the queue",
    ({ all, variant }) => {
      const { pod, container } = podOf(all);
      expect([pod.hostNetwork, pod.hostPID, pod.hostIPC, container.securityContext.privileged]).toEqual(
        Array(4).fill(undefined),
      );
      const ofHost = pod.volumes.flatMap(({ name, hostPath }) =>
        hostPath === undefined ? [] : [[name, hostPath.path]],
      );
      expect(ofHost.filter(([name]) => name !== "runtime")).toEqual(
        variant.components.includes(queueOf(variant.overlay)) ? [["state", "/var/lib/podstamp"]] : [],
      );
      // Nor of the API server's, but where the kubelet wants to know who asks.
      expect(pod.automountServiceAccountToken).toBe(variant.components.includes("kubelet"));
      expect(pod.securityContext.seccompProfile).toEqual({ type: "RuntimeDefault" });
      expect(container.securityContext).toMatchObject({
        readOnlyRootFilesystem: true,
        capabilities: { drop: ["ALL"] },
      });
    },
  );

  test.each(overlays)("%s are, but for the folder, what the Pod Security Standard restricted allows", (overlay) => {
    const { pod, container } = podOf(renderVariant({ overlay, components: [] }));
    const isRootUser = overlay === "microk8s";
    expect(pod.securityContext).toMatchObject(
      isRootUser
        ? { runAsNonRoot: false, runAsUser: 0 }
        : { runAsNonRoot: true, runAsUser: 65532, supplementalGroups: [0] },
    );
    expect(container.securityContext).toEqual({
      allowPrivilegeEscalation: false,
      readOnlyRootFilesystem: true,
      capabilities: { drop: ["ALL"] },
    });
    expect(container.ports.filter(({ hostPort }) => hostPort !== undefined)).toEqual([]);
  });

  test.each(overlays)("%s with the probes have two capabilities more, for a program whose file has them", (overlay) => {
    const all = renderVariant({ overlay, components: [ebpfOf(overlay)] });
    expect(podOf(all).container.securityContext).toEqual({
      allowPrivilegeEscalation: true,
      readOnlyRootFilesystem: true,
      capabilities: { drop: ["ALL"], add: ["BPF", "PERFMON"] },
    });
    expect(podOf(all).container.image).toMatch(/^podstamp-ebpf:/);
    // Two at once would tell of everything twice.
    expect(daemonSetOf(all).updateStrategy.rollingUpdate).toEqual({ maxSurge: 0, maxUnavailable: "10%" });
  });

  test("a node with a queue on its disk are never two, and are of the user whose folder the kubelet makes", () => {
    for (const overlay of ["containerd", "microk8s", "openshift"]) {
      const all = renderVariant({ overlay, components: [queueOf(overlay)] });
      expect(daemonSetOf(all).updateStrategy.rollingUpdate).toEqual({ maxSurge: 0, maxUnavailable: "10%" });
      const { pod, container } = podOf(all);
      expect(pod.volumes.find(({ name }) => name === "state")?.hostPath?.type).toBe("DirectoryOrCreate");
      expect(pod.securityContext).toMatchObject({ runAsUser: 0 });
      expect(container.securityContext.capabilities).toEqual({ drop: ["ALL"] });
    }
  });

  test("a node with host ports are never two", () => {
    const all = renderVariant({ overlay: "k3s", components: ["host-port"] });
    expect(podOf(all).container.ports).toMatchObject([
      { name: "otlp-grpc", containerPort: 4317, hostPort: 4317 },
      { name: "otlp-http", containerPort: 4318, hostPort: 4318 },
      { name: "metrics" },
      { name: "health" },
    ]);
    expect(daemonSetOf(all).updateStrategy.rollingUpdate).toEqual({ maxSurge: 0, maxUnavailable: "10%" });
  });

  test("OpenShift are allowed by its constraints, which allow no more", () => {
    const all = renderVariant({ overlay: "openshift", components: [] });
    const withProbes = renderVariant({ overlay: "openshift", components: ["ebpf-openshift"] });
    const { pod } = podOf(all);
    expect(only(all, "SecurityContextConstraints")).toMatchObject({
      users: [`system:serviceaccount:${only(all, "DaemonSet").metadata.namespace}:${pod.serviceAccountName}`],
      allowedCapabilities: [],
      allowPrivilegeEscalation: false,
      seLinuxContext: { type: "MustRunAs", seLinuxOptions: pod.securityContext.seLinuxOptions },
      volumes: ["configMap", "emptyDir", "hostPath"],
    });
    expect(only(withProbes, "SecurityContextConstraints")).toMatchObject({
      allowedCapabilities: podOf(withProbes).container.securityContext.capabilities?.add,
      allowPrivilegeEscalation: true,
    });
  });
});
