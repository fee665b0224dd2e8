import type { Command } from "../terminal/shapes.ts";
import { runtimeOptions } from "./runtime-options.ts";

/** Of those that may ask a running podstamp instead. */
const sourceOptions = `      --from podstamp|runtime  only from there
      --pid PID, --socket PATH  the podstamp that is meant, of several
`;

/** How a list is shown. */
const outputOptions = `  -o, --output FORMAT    table (default), wide, json or yaml
  -q, --quiet            IDs only
      --no-trunc         IDs in full
`;

/** Of the commands that list what is on the node. */
export const listing = {
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
${outputOptions}
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
${outputOptions}
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
${outputOptions}${runtimeOptions}
Exit codes: 0 listed, 1 no runtime answered, 2 wrong usage
`,
} satisfies Partial<Record<Command, string>>;
