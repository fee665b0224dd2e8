import type { Command } from "../terminal/shapes.ts";
import { runtimeOptions } from "./runtime-options.ts";

/** Of those that say whose something is, and why. */
export const identity = {
  inspect: `Shows each attribute that would be written for a container or a pod, where
its value comes from, and why others are absent.

Usage:
  podstamp inspect ID [ID ...] [-o json] [-r ENDPOINT]

ID is a container or sandbox ID: whole, with a scheme (containerd://...), or
so much of its beginning that no other has. With several, json and yaml are a
list of them.

Options:
  -o, --output FORMAT    table (default), json or yaml
${runtimeOptions}
Exit codes: 0 found, 1 not found or no runtime answered, 2 wrong usage
`,
  lookup: `Tells whose telemetry is that says something of itself: by which rule, which
container or pod that is, with which attributes it would leave, where each of
them comes from, and why others are absent. It goes the way of all telemetry.

Usage:
  podstamp lookup WHAT
  podstamp lookup [--resource KEY=VALUE ...] [--record KEY=VALUE ...]
                  [--connection-ip ADDRESS] [--from-sdk]

WHAT is a container's or sandbox's ID (whole, with a scheme, or its first 12
digits or more), a cgroup's path or inode, a PID, a pod's address (a port may
stand behind it) or uid.
Where it can be several of these, id:, cgroup:, pid:, ip: or uid: in front of
it says which.

It asks the podstamp that runs, with its rules; where none runs, or with
--config, --runtime-endpoint or --host-root, it asks the runtimes itself.

Options:
  --resource KEY=VALUE        an attribute of the telemetry's resource
  --record KEY=VALUE          one of the record: a span, say
  --connection-ip ADDRESS     the address that it is sent from
  --from-sdk                  the exporter of an SDK sends it, and no agent
  --processor ID              of which cri_attributes, where there are several
  --pid PID, --socket PATH    of which podstamp, as for podstamp reload
  --config FILE               by the rules of this configuration, not of the
                              podstamp that runs; as for podstamp validate
  --runtime-endpoint ENDPOINT, --image-endpoint ENDPOINT and
  --host-root DIR             as for podstamp ps, with default rules
  -o, --output FORMAT         table (default), json or yaml

Exit codes: 0 found, 1 not found (and why), 2 wrong usage
`,
  events: `Follows this node's containers: each is told as it is created and started,
exits and is deleted, and what was learnt of it (image, PID, addresses). Ends
with Ctrl-C. Times are in UTC.

Usage:
  podstamp events [--spans] [-o json]

It asks the podstamp that runs; where none runs, or with --config,
--runtime-endpoint or --host-root, it follows the runtimes itself.

Options:
  --spans                     samples of the telemetry that leaves, too: whose
                              it is, and if nobody's why; of any signal
  --unstamped                 the same of what leaves without a pod only
  --rate N                    so many samples a second at most; default 20
  --namespace NAME, --pod NAME, --container NAME
                              only what is of these; a container by its name,
                              its ID or the beginning of it
  --processor ID              samples of this cri_attributes only
  --pid PID, --socket PATH    of which podstamp, as for podstamp reload
  --config FILE, --runtime-endpoint ENDPOINT, --image-endpoint ENDPOINT and
  --host-root DIR             as for podstamp lookup
  -o, --output FORMAT         table (default) or json: one object a line

What comes faster than it is read is left out and counted; the telemetry is
never held up.

Exit codes: 0 interrupted, 1 nobody to follow, 2 wrong usage
`,
  explain: `Tells what a text says by itself, by the rules that telemetry is read by,
without asking anybody.

Usage:
  podstamp explain cgroup PATH       container, pod and runtime that are in it
  podstamp explain image REFERENCE   repository, tag and digest
  podstamp explain workload NAME     who made a pod, ReplicaSet or Job that is
                                     called so; pod/NAME, replicaset/NAME and
                                     job/NAME say what it is
  podstamp explain KIND - [-o json]  one answer for each line of the input

A path may be a line of /proc/PID/cgroup or, as one argument, all of it. Who
made something is told by its labels; by the name alone it is a guess, which
podstamp never writes on telemetry.

Options:
  -o, --output FORMAT   table (default) or json: one line, the keys always
                        there, null where nothing is to be said

Exit codes: 0 answered, 2 wrong usage
`,
} satisfies Partial<Record<Command, string>>;
