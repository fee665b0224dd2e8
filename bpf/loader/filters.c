// SPDX-License-Identifier: Apache-2.0
/* Commands that change what the probes leave out, in the maps that they read. */
#define _GNU_SOURCE
#include <bpf/bpf.h>
#include <errno.h>
#include <string.h>

#include "commands.h"

static struct control control = {
	.probes = ALL_PROBES,
	.http_sample = ~0u,
	.tcp_sample = ~0u,
};

bool push_control(void)
{
	u32 zero = 0;

	control.generation++;
	return !bpf_map_update_elem(map_fd("control"), &zero, &control, BPF_ANY);
}

static outcome pushed(bool ok)
{
	return ok && push_control() ? NULL : strerror(errno);
}

outcome run_probes(char **words)
{
	u64 mask;

	if (!parse(words[0], ALL_PROBES, &mask))
		return "must be a mask of probes";
	control.probes = mask;
	return pushed(true);
}

outcome run_cgroup(char **words)
{
	struct cgroup_key key = { 0 };
	u64 hier, mask;
	u32 value;

	if (!parse(words[0], ~0u, &hier) || !parse(words[1], ~0ull, &key.id))
		return "must begin with hierarchy and ID";
	key.hier = hier;
	if (is_word(words[2], "forget")) {
		/* One that is not there need not go. */
		(void)bpf_map_delete_elem(map_fd("cgroup_filters"), &key);
		return pushed(true);
	}
	if (!parse(words[2], ALL_PROBES, &mask))
		return "must end with a mask of probes, or forget";
	value = mask;
	return pushed(!bpf_map_update_elem(map_fd("cgroup_filters"), &key, &value, BPF_ANY));
}

outcome run_port(char **words)
{
	u64 number;
	u32 port, value;

	if (!parse(words[0], 65535, &number))
		return "must be a port";
	port = number;
	if (is_word(words[1], "forget")) {
		(void)bpf_map_delete_elem(map_fd("port_filters"), &port);
		return pushed(true);
	}
	if (!is_word(words[1], "include") && !is_word(words[1], "exclude"))
		return "must end with include, exclude or forget";
	value = is_word(words[1], "include") ? PORT_INCLUDED : PORT_EXCLUDED;
	control.has_ports = 1;
	return pushed(!bpf_map_update_elem(map_fd("port_filters"), &port, &value, BPF_ANY));
}

outcome run_ports(char **words)
{
	if (!is_word(words[0], "all") && !is_word(words[0], "included"))
		return "must be all or included";
	control.only_included_ports = is_word(words[0], "included");
	control.has_ports |= control.only_included_ports;
	return pushed(true);
}

outcome run_ignore(char **words)
{
	u64 number;
	u32 tgid;
	u8 yes = 1;

	if (!parse(words[0], ~0u, &number))
		return "must be a process ID";
	tgid = number;
	return pushed(!bpf_map_update_elem(map_fd("ignored_tgids"), &tgid, &yes, BPF_ANY));
}

outcome run_notice(char **words)
{
	u64 number;
	u32 tgid;

	if (!parse(words[0], ~0u, &number))
		return "must be a process ID";
	tgid = number;
	(void)bpf_map_delete_elem(map_fd("ignored_tgids"), &tgid);
	return pushed(true);
}

outcome run_sample(char **words)
{
	u64 threshold;

	if (!parse(words[1], ~0u, &threshold))
		return "must be at most 2^32 - 1";
	if (is_word(words[0], "http"))
		control.http_sample = threshold;
	else if (is_word(words[0], "tcp"))
		control.tcp_sample = threshold;
	else
		return "must name http or tcp";
	return pushed(true);
}

outcome run_rate(char **words)
{
	u64 rate, burst;

	if (!parse(words[0], 1000000000, &rate) || !parse(words[1], ~0u, &burst))
		return "must be requests a second and a burst";
	control.rate = rate;
	control.burst = burst;
	return pushed(true);
}
