// SPDX-License-Identifier: (GPL-2.0-only OR BSD-2-Clause)
/*
 * Out of memory: that the kernel has chosen a victim.
 *
 * mark_victim is where the choice is made, for the limit of a cgroup as for the whole machine. Its raw form needs no
 * tracefs, and the kernels' two kinds of argument are told apart in compat.h.
 */
#include "include/kernel.h"
#include <bpf/bpf_helpers.h>
#include <bpf/bpf_tracing.h>
#include "include/events.h"
#include "include/filter.h"
#include "include/victims.h"

static __always_inline void remember(u32 tgid)
{
	u8 yes = 1;

	/* If it fails, the exit is reported as a SIGKILL without EXIT_OOM. */
	(void)bpf_map_update_elem(&victims, &tgid, &yes, BPF_ANY);
}

static __always_inline int handle_victim(u32 tgid, struct task_struct *task, const struct identity *who)
{
	u64 current = bpf_get_current_pid_tgid();
	struct ev_oom *e;

	remember(tgid);
	if (!is_wanted(PROBE_OOM, who, tgid))
		return 0;
	if (who->cgroup && !announce(who))
		return 0;
	e = ring_reserve(sizeof(*e));
	if (!e)
		return 0;
	fill_header(&e->h, EV_OOM, sizeof(*e), bpf_ktime_get_boot_ns());
	e->h.cgroup = who->id;
	e->h.hier = who->hier;
	e->h.tgid = tgid;
	e->trigger_tgid = current >> 32;
	e->reserved = 0;
	__builtin_memset(e->comm, 0, sizeof(e->comm));
	if (task)
		BPF_CORE_READ_STR_INTO(&e->comm, task, comm);
	ring_submit(e);
	return 0;
}

static __always_inline int handle_mark_victim(u64 argument)
{
	struct task_struct *task = (struct task_struct *)argument;
	struct identity who = {};

	if (MARK_VICTIM_HAS_TASK) {
		who = identity_by_read(task);
		return handle_victim(BPF_CORE_READ(task, tgid), task, &who);
	}
	/* Only a PID: whose cgroup it is, is known where the victim is who asked for memory. */
	if ((u32)argument != bpf_get_current_pid_tgid() >> 32)
		return handle_victim(argument, NULL, &who);
	task = (struct task_struct *)bpf_get_current_task();
	who = identity_by_read(task);
	return handle_victim(argument, task, &who);
}

SEC("raw_tp/mark_victim")
int on_mark_victim(struct bpf_raw_tracepoint_args *ctx)
{
	return handle_mark_victim(ctx->args[0]);
}

char LICENSE[] SEC("license") = "Dual BSD/GPL";
