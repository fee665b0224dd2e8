/* SPDX-License-Identifier: (GPL-2.0-only OR BSD-2-Clause) */
/*
 * The path of a cgroup, announced before the first record that names it: so nobody has to look at /proc or
 * /sys/fs/cgroup, and a container of 10 ms is not missed.
 */
#ifndef PODSTAMP_CGROUP_H
#define PODSTAMP_CGROUP_H

#include "identity.h"
#include "ring.h"

#define CGROUP_LEVELS_MAX 24
#define CGROUP_NAME_MAX	  256

/*
 * Inserted and read by announce(); nobody deletes. LRU: a forgotten cgroup is announced again.
 */
struct {
	__uint(type, BPF_MAP_TYPE_LRU_HASH);
	__uint(max_entries, 16384);
	__type(key, struct cgroup_key);
	__type(value, u8);
} announced SEC(".maps");

static __always_inline struct cgroup *parent_of(struct cgroup *cgroup)
{
	struct cgroup_subsys_state *parent = BPF_CORE_READ(cgroup, self.parent);

	return parent ? (void *)parent - bpf_core_field_offset(struct cgroup, self) : NULL;
}

/*
 * kernfs renamed kn->parent; self.parent has stayed. The length is kept in memory, of which the verifier remembers
 * nothing: else each way through one turn of the loop is another state for all turns behind it.
 */
static __always_inline void read_path(struct ev_cgroup *e, struct cgroup *cgroup)
{
	volatile u32 *end = &e->path_len;

	*end = 0;
	for (int i = 0; i < CGROUP_LEVELS_MAX && cgroup; i++) {
		u64 at = *end, last;
		long len;

		if (at > EV_CGROUP_PATH_MAX - CGROUP_NAME_MAX)
			break;
		len = bpf_probe_read_kernel_str(e->path + at, CGROUP_NAME_MAX, BPF_CORE_READ(cgroup, kn, name));
		/* The root's name is empty. */
		if (len > 1) {
			last = at + len - 1;
			BOUND(last, EV_CGROUP_PATH_MAX - 1);
			e->path[last] = '/';
			*end = last + 1;
		}
		cgroup = parent_of(cgroup);
	}
}

/*
 * Sends the path. Global, so that the verifier looks at it once and not for each way that leads here; for that the
 * cgroup comes as a number.
 */
__noinline int announce_anew(u64 address, u64 id, u32 hier)
{
	struct cgroup *cgroup = (struct cgroup *)address;
	struct cgroup_key key = { .id = id, .hier = hier };
	struct ev_cgroup *e = ring_reserve(sizeof(*e));
	u64 pid_tgid;
	u8 yes = 1;

	if (!e) {
		COUNT(lost_cgroup, 1);
		return 0;
	}
	pid_tgid = bpf_get_current_pid_tgid();
	fill_header(&e->h, EV_CGROUP, 0, bpf_ktime_get_boot_ns());
	e->h.cgroup = id;
	e->h.hier = hier;
	e->h.tgid = pid_tgid >> 32;
	e->h.tid = pid_tgid;
	e->level = BPF_CORE_READ(cgroup, level);
	read_path(e, cgroup);
	e->h.len = (__builtin_offsetof(struct ev_cgroup, path) + e->path_len + 7) & ~7ull;
	ring_submit(e);
	/* Not earlier: another CPU that finds it here may name the cgroup at once. A failure means a second
	 * announcement. */
	(void)bpf_map_update_elem(&announced, &key, &yes, BPF_ANY);
	return 1;
}

/*
 * Makes sure that the cgroup's path is in the ring. False when it could not be: the record that would have named it is
 * not sent either, and counted.
 */
static __always_inline bool announce(const struct identity *who)
{
	struct cgroup_key key = { .id = who->id, .hier = who->hier };

	if (bpf_map_lookup_elem(&announced, &key))
		return true;
	return announce_anew(number_of(who->cgroup), who->id, who->hier);
}

#endif
