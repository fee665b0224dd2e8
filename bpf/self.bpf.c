// SPDX-License-Identifier: (GPL-2.0-only OR BSD-2-Clause)
/*
 * Who the loader is: its process ID and its parent's as the probes see them, which a process in a PID namespace of its
 * own cannot ask. The loader runs it once by BPF_PROG_TEST_RUN; it is attached to nothing.
 *
 * It is loaded first and whatever the probes, and so has every map that they share.
 */
#include "include/kernel.h"
#include <bpf/bpf_helpers.h>
#include <bpf/bpf_tracing.h>
#include "include/connection.h"
#include "include/victims.h"

struct self self = {};

static __always_inline int handle_self(void)
{
	struct task_struct *task = (struct task_struct *)bpf_get_current_task();
	struct identity who = identity_by_read(task);

	self.tgid = bpf_get_current_pid_tgid() >> 32;
	self.parent_tgid = BPF_CORE_READ(task, real_parent, tgid);
	self.cgroup = who.id;
	self.hier = who.hier;
	return 0;
}

SEC("raw_tp")
int find_self(void *ctx)
{
	(void)ctx;
	return handle_self();
}

char LICENSE[] SEC("license") = "Dual BSD/GPL";
