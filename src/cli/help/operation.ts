import type { Command } from "../terminal/shapes.ts";

/** Of those that are about a podstamp that runs, or should. */
export const operation = {
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
} satisfies Partial<Record<Command, string>>;
