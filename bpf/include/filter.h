/* SPDX-License-Identifier: (GPL-2.0-only OR BSD-2-Clause) */
/* What is not wanted: decided before anything is built. */
#ifndef PODSTAMP_FILTER_H
#define PODSTAMP_FILTER_H

#include "cgroup.h"

#define PROBE_BIT(probe) (1u << (probe))

/*
 * Written by the loader, read by every probe; one entry.
 */
struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(max_entries, 1);
	__type(key, u32);
	__type(value, struct control);
} control SEC(".maps");

/*
 * Inserted and deleted by the loader when told, read by every probe: the mask of probes that a cgroup has. The loader
 * says so when it is full.
 */
struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, 16384);
	__uint(map_flags, 1 /* BPF_F_NO_PREALLOC */);
	__type(key, struct cgroup_key);
	__type(value, u32);
} cgroup_filters SEC(".maps");

/*
 * Inserted and deleted by the loader, read by every probe: processes of podstamp's own, whose traffic is never traced.
 */
struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, 256);
	__type(key, u32);
	__type(value, u8);
} ignored_tgids SEC(".maps");

static __always_inline struct control *get_control(void)
{
	u32 zero = 0;

	return bpf_map_lookup_elem(&control, &zero);
}

/* The mask of the probes that a process in this cgroup has. */
static __always_inline u32 probes_of(const struct control *control, u64 cgroup, u32 hier, u32 tgid)
{
	struct cgroup_key key = { .id = cgroup, .hier = hier };
	u32 *mask;

	if (bpf_map_lookup_elem(&ignored_tgids, &tgid))
		return 0;
	mask = bpf_map_lookup_elem(&cgroup_filters, &key);
	return mask ? *mask : control->probes;
}

static __always_inline bool is_wanted(u32 probe, const struct identity *who, u32 tgid)
{
	const struct control *control = get_control();

	return control && probes_of(control, who->id, who->hier, tgid) & PROBE_BIT(probe);
}

#endif
