/* SPDX-License-Identifier: (GPL-2.0-only OR BSD-2-Clause) */
/*
 * Who a record is of: the cgroup of the task, taken at the event.
 *
 * Runtimes put a container into the hierarchy that has the memory controller, and on hybrid hosts both versions exist:
 * version 1's memory where the task is below its root, else version 2.
 */
#ifndef PODSTAMP_IDENTITY_H
#define PODSTAMP_IDENTITY_H

#include "compat.h"

/* A cgroup as records name it. */
struct identity {
	struct cgroup *cgroup;
	u64 id;
	u32 hier;
};

#define HAS_MEMORY_CGROUP   bpf_core_enum_value_exists(enum cgroup_subsys_id, memory_cgrp_id)
#define MEMORY_CGROUP_INDEX bpf_core_enum_value(enum cgroup_subsys_id, memory_cgrp_id)

/* Of a pointer whose type the verifier knows: plain loads, 9 to 16 ns where reads by helper take 240. */
static __always_inline struct identity identity_of(struct task_struct *task)
{
	struct identity who = {};
	struct css_set *set = task->cgroups;

	if (HAS_MEMORY_CGROUP) {
		who.cgroup = set->subsys[MEMORY_CGROUP_INDEX]->cgroup;
		who.hier = who.cgroup->root->hierarchy_id;
		if (who.hier && who.cgroup->level > 0) {
			who.id = who.cgroup->kn->id;
			return who;
		}
	}
	who.cgroup = set->dfl_cgrp;
	who.hier = who.cgroup->root->hierarchy_id;
	who.id = who.cgroup->kn->id;
	return who;
}

static __always_inline struct identity identity_of_cgroup(struct cgroup *cgroup)
{
	struct identity who = { .cgroup = cgroup };

	who.hier = BPF_CORE_READ(cgroup, root, hierarchy_id);
	who.id = BPF_CORE_READ(cgroup, kn, id);
	return who;
}

/* Of a pointer that the verifier takes for a number. */
static __always_inline struct identity identity_by_read(struct task_struct *task)
{
	struct css_set *set = BPF_CORE_READ(task, cgroups);
	struct cgroup_subsys_state *css = NULL;

	if (HAS_MEMORY_CGROUP) {
		void *slot = (void *)set + bpf_core_field_offset(set->subsys) + MEMORY_CGROUP_INDEX * sizeof(void *);

		if (!bpf_probe_read_kernel(&css, sizeof(css), slot) && css) {
			struct cgroup *cgroup = BPF_CORE_READ(css, cgroup);

			if (BPF_CORE_READ(cgroup, root, hierarchy_id) && BPF_CORE_READ(cgroup, level) > 0)
				return identity_of_cgroup(cgroup);
		}
	}
	return identity_of_cgroup(BPF_CORE_READ(set, dfl_cgrp));
}

static __always_inline struct identity current_identity(void)
{
	if (HAS_TASK_BTF)
		return identity_of(bpf_get_current_task_btf());
	return identity_by_read((struct task_struct *)bpf_get_current_task());
}

#endif
