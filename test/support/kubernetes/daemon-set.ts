import type { Resource } from "./schema.ts";

/** A port of a container. */
export type Port = { readonly name: string; readonly containerPort: number; readonly hostPort?: number };

/** What asks a container how it is. */
export type Probe = { readonly httpGet: { readonly path: string; readonly port: string | number } };

export type SecurityContext = {
  readonly runAsNonRoot?: boolean;
  readonly runAsUser?: number;
  readonly runAsGroup?: number;
  readonly supplementalGroups?: readonly number[];
  readonly seccompProfile?: { readonly type: string };
  readonly seLinuxOptions?: Readonly<Record<string, string>>;
  readonly allowPrivilegeEscalation?: boolean;
  readonly readOnlyRootFilesystem?: boolean;
  readonly privileged?: boolean;
  readonly capabilities?: { readonly add?: readonly string[]; readonly drop?: readonly string[] };
};

export type Mount = {
  readonly name: string;
  readonly mountPath: string;
  readonly readOnly?: boolean;
  readonly mountPropagation?: string;
};

export type Container = {
  readonly name: string;
  readonly image: string;
  readonly args: readonly string[];
  readonly env: readonly { readonly name: string; readonly value?: string }[];
  readonly envFrom?: readonly { readonly configMapRef: { readonly name: string } }[];
  readonly ports: readonly Port[];
  readonly startupProbe: Probe;
  readonly livenessProbe: Probe;
  readonly readinessProbe: Probe;
  readonly securityContext: SecurityContext;
  readonly volumeMounts: readonly Mount[];
};

export type Volume = {
  readonly name: string;
  readonly hostPath?: { readonly path: string; readonly type?: string };
  readonly configMap?: { readonly name: string };
  readonly emptyDir?: object;
};

export type PodSpec = {
  readonly containers: readonly Container[];
  readonly volumes: readonly Volume[];
  readonly securityContext: SecurityContext;
  readonly serviceAccountName?: string;
  readonly priorityClassName?: string;
  readonly automountServiceAccountToken?: boolean;
  readonly hostNetwork?: boolean;
  readonly hostPID?: boolean;
  readonly hostIPC?: boolean;
};

type DaemonSet = Resource & {
  readonly spec: {
    readonly selector: { readonly matchLabels: Readonly<Record<string, string>> };
    readonly updateStrategy: { readonly rollingUpdate: Readonly<Record<string, string | number>> };
    readonly template: {
      readonly metadata: { readonly labels: Readonly<Record<string, string>> };
      readonly spec: PodSpec;
    };
  };
};

/** The one object of a kind among those that were rendered; throws when it is not one. */
export function only(all: readonly Resource[], kind: string, name = "podstamp"): Resource {
  const [found, ...more] = all.filter((each) => each.kind === kind && each.metadata.name === name);
  if (found === undefined || more.length > 0)
    throw new Error(
      `Cannot use ${kind} ${name}: must be there once, is there ${found === undefined ? 0 : more.length + 1} times`,
    );
  return found;
}

/** The DaemonSet among what was rendered; its schema was checked elsewhere. */
export function daemonSetOf(all: readonly Resource[]): DaemonSet["spec"] {
  return (only(all, "DaemonSet") as DaemonSet).spec;
}

/** Its pods, and podstamp's own container in them. */
export function podOf(all: readonly Resource[]): { readonly pod: PodSpec; readonly container: Container } {
  const pod = daemonSetOf(all).template.spec;
  const [container, ...more] = pod.containers;
  if (container === undefined || more.length > 0) throw new Error("Cannot use the pod: must have one container");
  return { pod, container };
}
