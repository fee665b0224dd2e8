import type { Command } from "./shapes.ts";

/** Of every command that asks the runtimes. */
const runtimeOptions = `  -r, --runtime-endpoint ENDPOINT  a runtime's socket, unix:///run/...; more
                         can be given; default: CONTAINER_RUNTIME_ENDPOINT,
                         or what crictl's file says, else every known socket
  -i, --image-endpoint ENDPOINT  of its images where that is another
                         (IMAGE_SERVICE_ENDPOINT)
  -t, --timeout TIME     how long each call may take; default 5s
  -c, --crictl-config FILE  instead of /etc/crictl.yaml (CRI_CONFIG_FILE)
      --host-root DIR    where the host's file system begins; default /
`;

/** Of those that may ask a running podstamp instead. */
const sourceOptions = `      --from podstamp|runtime  only from there
      --pid PID, --socket PATH  the podstamp that is meant, of several
`;

/** What `podstamp --help` and `podstamp help COMMAND` print; at most 78 columns wide. */
export const helpTexts: Readonly<Record<Command, string>> = {
  "": `podstamp stamps pod identity on OpenTelemetry data, asked of the container
runtime of this node.

Usage:
  podstamp --config FILE [--config FILE ...]   run
  podstamp validate --config FILE              check a configuration
  podstamp components                          list what it can be made of
  podstamp runtimes                            list this node's runtimes
  podstamp ps                                  list this node's containers
  podstamp pods                                list this node's pods
  podstamp images                              list this node's images
  podstamp inspect ID                          show what would be stamped
  podstamp lookup WHAT                         whose telemetry it is, and why
  podstamp events [--spans]                    follow containers and telemetry
  podstamp explain KIND TEXT                   what a cgroup or a name tells
  podstamp migrate FILE                        make it of a Collector's file
  podstamp reload                              let it read its files again
  podstamp health                              ask whether it is ready
  podstamp replay DIR                          send dead letters again
  podstamp doctor                              why is there no k8s.* here?
  podstamp completion bash|zsh|fish            let the shell complete all this
  podstamp --version
  podstamp --help, podstamp COMMAND --help

Options:
  --config FILE   a configuration file; a later one is merged over the earlier

Exit codes:
  0   done, or stopped by SIGTERM or SIGINT after delivering what was held
  1   the configuration is invalid, or what was asked could not be done
  2   the command line was not understood

A second SIGTERM or SIGINT stops at once, with exit code 1.
`,
  validate: `Checks a configuration and prints every problem with its place.

Usage:
  podstamp validate --config FILE [--config FILE ...]

Options:
  --config FILE   a configuration file; a later one is merged over the earlier

Exit codes: 0 valid (there may be warnings), 1 invalid, 2 wrong usage
`,
  components: `Lists the receivers, processors and exporters that a configuration can use.

Usage:
  podstamp components [-o json]

Options:
  -o, --output FORMAT   table (default) or json
`,
  runtimes: `Lists the container runtimes of this node that would be followed: where,
what and of which version they are, how they answer, and how their changes
are learnt: by their events, or by listing them again and again.

Usage:
  podstamp runtimes [-o json] [-r ENDPOINT]

Options:
  -o, --output FORMAT    table (default), json or yaml
${runtimeOptions}
Exit codes: 0 some runtime answers, 1 none does, 2 wrong usage
`,
  ps: `Lists the containers of this node that run: those that the podstamp that
runs knows, else those that the runtimes tell. Options are crictl's.

Usage:
  podstamp ps [-a] [-o FORMAT] [options]

Which:
  -a, --all              all states, and what podstamp remembers as gone
  -s, --state STATE      created, running, exited or unknown
      --id ID            whose ID is or begins with this
      --name PATTERN     whose name matches the regular expression (RE2)
      --namespace PATTERN  whose pod's namespace does
  -p, --pod ID           of the pod whose ID is or begins with this
      --image IMAGE      of this image: a name, a digest, or an ID
      --label KEY=VALUE  with this label; may be given more than once
  -n, --last N           the last N that were created, of whatever state
  -l, --latest           the last one

How:
  -o, --output FORMAT    table (default), wide, json or yaml
  -q, --quiet            IDs only
      --no-trunc         IDs in full

From where:
${runtimeOptions}${sourceOptions}
Exit codes: 0 listed, 1 nobody answered, 2 wrong usage
`,
  pods: `Lists the pods of this node: those that the podstamp that runs knows, else
those that the runtimes tell. Options are crictl's.

Usage:
  podstamp pods [-o FORMAT] [options]

Which:
  -a, --all              what podstamp remembers as gone too
  -s, --state STATE      ready or notready
      --id ID            whose ID is or begins with this
      --name PATTERN     whose name matches the regular expression (RE2)
      --namespace PATTERN  whose namespace does
      --label KEY=VALUE  with this label; may be given more than once
  -n, --last N           the last N that were created
  -l, --latest           the last one

How:
  -o, --output FORMAT    table (default), wide, json or yaml
  -q, --quiet            IDs only
      --no-trunc         IDs in full

From where:
${runtimeOptions}${sourceOptions}
Exit codes: 0 listed, 1 nobody answered, 2 wrong usage
`,
  images: `Lists the images of this node's runtimes; of a containerd those of Kubernetes.
Options are crictl's.

Usage:
  podstamp images [-o FORMAT] [options] [REPOSITORY[:TAG]]

Options:
  -f, --filter FILTER    dangling=true, dangling=false, or reference=PATTERN,
                         a regular expression (RE2) for names; more than one
      --digests          with their digests
      --pinned           whether they are pinned
  -o, --output FORMAT    table (default), wide, json or yaml
  -q, --quiet            IDs only
      --no-trunc         IDs in full
${runtimeOptions}
Exit codes: 0 listed, 1 no runtime answered, 2 wrong usage
`,
  inspect: `Shows each attribute that would be written for a container or a pod, where
its value comes from, and why others are absent.

Usage:
  podstamp inspect ID [-o json] [-r ENDPOINT]

ID is a container or sandbox ID: whole, with a scheme (containerd://...), or
its first 12 digits or more.

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
                  [--connection-ip ADDRESS]

WHAT is a container's or sandbox's ID (whole, with a scheme, or its first 12
digits or more), a cgroup's path or inode, a PID, a pod's address or uid.
Where it can be several of these, id:, cgroup:, pid:, ip: or uid: in front of
it says which.

It asks the podstamp that runs, with its rules; where none runs, or with
--config, --runtime-endpoint or --host-root, it asks the runtimes itself.

Options:
  --resource KEY=VALUE        an attribute of the telemetry's resource
  --record KEY=VALUE          one of the record: a span, say
  --connection-ip ADDRESS     the address that it is sent from
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
with Ctrl-C.

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
  migrate: `Makes a configuration of podstamp's of one of the Collector's, with its
comments, and prints it. Every change is told on standard error, with the line
of the old file: what has another name, what does nothing here, and what
podstamp has not, with the closest way to have it.

Usage:
  podstamp migrate FILE > podstamp.yaml

Exit codes: 0 the result is valid, 1 something is left to do, 2 wrong usage
`,
  reload: `Lets the running podstamp read its configuration files again, as SIGHUP does.
What is wrong with them is printed and changes nothing: the old ones run on.

Usage:
  podstamp reload [--pid PID | --socket PATH]

Options:
  --pid PID      which one, when there are several
  --socket PATH  the service::control_socket of its configuration; the default
                 is in $XDG_RUNTIME_DIR/podstamp, for root in /run/podstamp

Exit codes: 0 the new configuration runs, 1 it was refused or nobody answers,
2 wrong usage
`,
  health: `Asks a running podstamp whether it is ready: its extension health_check must
be in service::extensions. This is the HEALTHCHECK of podstamp's image.

Usage:
  podstamp health [--endpoint ENDPOINT]

Options:
  --endpoint ENDPOINT  host:port, http://host:port/path or unix:///path of the
                       health_check; default: PODSTAMP_HEALTH_ENDPOINT, else
                       localhost:13133

Exit codes: 0 ready, 1 not ready or nobody answers, 2 wrong usage
`,
  replay: `Sends requests again that could not be sent and were kept in a dead_letter
folder. What is accepted is deleted; the rest stays, and is told.

Usage:
  podstamp replay DIR --config FILE [--config FILE ...] [--exporter ID]
  podstamp replay DIR --endpoint ENDPOINT
  podstamp replay DIR --dry-run

Options:
  --config FILE       each request goes where the exporter of the same name in
                      this configuration sends
  --exporter ID       all of them go where this exporter sends
  --endpoint ENDPOINT host:port of an OTLP/gRPC server (https://host:port for
                      TLS), or http://host:4318 of an OTLP/HTTP one
  --dry-run           only lists what is there

Exit codes: 0 nothing is left, 1 something is, 2 wrong usage
`,
  doctor: `Walks the usual reasons for telemetry without k8s.*: the configuration, the
runtimes' sockets and how they answer, cgroups, the node's name, the clock,
the eBPF probes, the addresses to listen at, the destinations (which are sent
an empty request), and what the podstamp that runs has counted. Each finding
that is not ok says what to do.

Usage:
  podstamp doctor [--config FILE ...] [-o json|yaml]

Options:
  --config FILE               a configuration file; a later one is merged over
                              the earlier; default: that of the podstamp that
                              runs, if this user runs one
  -o, --output FORMAT         table (default), json or yaml
  -r, --runtime-endpoint ENDPOINT
                              examine this runtime instead of the
                              configuration's; more can be given
  --host-root DIR             where the host's file system begins, unless the
                              configuration says; default /

Exit codes: 0 all is well (there may be warnings), 1 something is wrong,
2 wrong usage
`,
  completion: `Prints a script that lets a shell complete podstamp's command line.

Usage:
  source <(podstamp completion bash)     in ~/.bashrc
  source <(podstamp completion zsh)      in ~/.zshrc, behind compinit
  podstamp completion fish | source      in ~/.config/fish/config.fish

It can be kept in a file as well, where a shell looks for completions:
/etc/bash_completion.d/podstamp, _podstamp in a folder of zsh's $fpath, or
~/.config/fish/completions/podstamp.fish.
`,
};
