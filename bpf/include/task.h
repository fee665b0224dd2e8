/* SPDX-License-Identifier: (GPL-2.0-only OR BSD-2-Clause) */
/* What is read of a process. */
#ifndef PODSTAMP_TASK_H
#define PODSTAMP_TASK_H

#include "compat.h"

enum {
	PF_KTHREAD = 0x00200000,
	SIGNAL_GROUP_EXIT = 4,
};

/* Its ID in its own PID namespace, and that namespace's inode. */
static __always_inline u32 ns_pid_of(struct task_struct *task, u32 *inum)
{
	struct pid *pid = BPF_CORE_READ(task, thread_pid);
	u32 level = BPF_CORE_READ(pid, level);
	void *number = (void *)pid + bpf_core_field_offset(pid->numbers) + level * bpf_core_type_size(struct upid);
	struct upid *upid = number;

	*inum = BPF_CORE_READ(upid, ns, ns.inum);
	return BPF_CORE_READ(upid, nr);
}

static __always_inline u32 netns_of(struct task_struct *task)
{
	return BPF_CORE_READ(task, nsproxy, net_ns, ns.inum);
}

#endif
