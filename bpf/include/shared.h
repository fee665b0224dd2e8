/* SPDX-License-Identifier: (GPL-2.0-only OR BSD-2-Clause) */
/*
 * What the kernel side and the loader share beside the records: keys and values of maps.
 */
#ifndef PODSTAMP_SHARED_H
#define PODSTAMP_SHARED_H

#include "events.h"

/* IDs of different hierarchies collide: each has its own kernfs. */
struct cgroup_key {
	u64 id;
	u32 hier;
	u32 reserved;
};

/* What the loader can change while the probes run; the only entry of the map `control`. */
struct control {
	u32 generation;		 /* grows with each change of a filter: connections are judged again */
	u32 probes;		 /* mask for cgroups that have no filter of their own */
	u32 only_included_ports; /* 1: a connection needs an included port */
	u32 http_sample;	 /* 2^32 - 1 takes every connection, half of it every second one */
	u32 tcp_sample;
	u32 rate; /* HTTP requests a second and cgroup, 0 for no limit */
	u32 burst;
	u32 has_ports; /* 0: no port has a filter */
};

enum port_filter {
	PORT_INCLUDED = 1,
	PORT_EXCLUDED = 2,
};

/* In .bss of each probe: what it did not send. Each CPU has its own as far as these go, so that none waits for
 * another's cache line; CPUs with higher numbers share them. */
#define COUNTER_CPUS 64

struct counters {
	u64 lost;
	u64 lost_bytes;
	u64 lost_cgroup;
	u64 muted;
	u64 unread;
	u64 table_full;
} __attribute__((aligned(64)));

/* What self.bpf.c finds out about the loader. */
struct self {
	u32 tgid;
	u32 parent_tgid;
	u64 cgroup;
	u32 hier;
	u32 reserved;
};

#endif
