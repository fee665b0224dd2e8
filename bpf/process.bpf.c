// SPDX-License-Identifier: (GPL-2.0-only OR BSD-2-Clause)
/*
 * Processes: that a program was executed, and how it ended.
 *
 * sched_process_exec fires at the one point where the new program's name, arguments and memory are in place, and never
 * for an execve that failed. sched_process_exit fires for each thread; the last one speaks for the process.
 */
#include "include/kernel.h"
#include <bpf/bpf_helpers.h>
#include <bpf/bpf_tracing.h>
#include "include/events.h"
#include "include/filter.h"
#include "include/task.h"
#include "include/victims.h"

/* Bytes of the arguments to read; 0: none. */
const volatile u32 args_max = 0;
/* Of a page, in which maxrss counts. */
const volatile u32 page_bytes = 4096;

static __always_inline void read_args(struct ev_exec *e, struct mm_struct *mm)
{
	u64 begin = BPF_CORE_READ(mm, arg_start);
	u64 len = BPF_CORE_READ(mm, arg_end) - begin;
	u64 max = args_max;

	if (len > max)
		len = max;
	BOUND(len, EV_ARGS_MAX);
	e->args_len = len && !bpf_probe_read_user(e->args, len, (void *)begin) ? len : 0;
}

static __always_inline int handle_exec(struct task_struct *task, struct linux_binprm *program)
{
	struct identity who = identity_of(task);
	u32 tgid = task->tgid;
	struct ev_exec *e;
	u32 file_len;

	if (!is_wanted(PROBE_PROCESS, &who, tgid))
		return 0;
	if (!announce(&who))
		return 0;
	e = ring_reserve(sizeof(*e));
	if (!e)
		return 0;
	fill_header(&e->h, EV_EXEC, 0, bpf_ktime_get_boot_ns());
	e->h.cgroup = who.id;
	e->h.hier = who.hier;
	e->h.tgid = tgid;
	e->h.tid = task->pid;
	e->h.netns = netns_of(task);
	e->start = BPF_CORE_READ(task, group_leader, start_boottime);
	e->ppid = BPF_CORE_READ(task, real_parent, tgid);
	e->uid = BPF_CORE_READ(task, cred, uid.val);
	e->ns_pid = ns_pid_of(task, &e->pid_ns);
	e->mnt_ns = BPF_CORE_READ(task, nsproxy, mnt_ns, ns.inum);
	e->argc = program->argc;
	BPF_CORE_READ_STR_INTO(&e->comm, task, comm);
	file_len = bpf_probe_read_kernel_str(e->file, sizeof(e->file), program->filename);
	e->file_len = (s32)file_len > 0 ? file_len - 1 : 0;
	read_args(e, BPF_CORE_READ(task, mm));
	e->h.len = (__builtin_offsetof(struct ev_exec, args) + e->args_len + 7) & ~7ull;
	ring_submit(e);
	return 0;
}

/* As wait(2) tells it: the exit status above 8 bits, below them the signal. */
static __always_inline void fill_end(struct ev_exit *e, struct task_struct *task, struct task_struct *leader)
{
	u32 code;

	if (BPF_CORE_READ(task, signal, flags) & SIGNAL_GROUP_EXIT)
		code = BPF_CORE_READ(task, signal, group_exit_code);
	else
		code = BPF_CORE_READ(leader, exit_code);
	e->status = (code >> 8) & 0xff;
	e->signal = code & 0x7f;
	e->flags = code & 0x80 ? EXIT_CORE : 0;
}

static __always_inline int handle_exit(struct task_struct *task)
{
	struct task_struct *leader;
	u32 tgid = task->tgid;
	struct identity who;
	struct ev_exit *e;

	/* Counted down before the tracepoint: 0 with the last thread. The tracepoint's own argument for it is new. */
	if (task->flags & PF_KTHREAD || BPF_CORE_READ(task, signal, live.counter) > 0)
		return 0;
	who = identity_of(task);
	if (!is_wanted(PROBE_PROCESS, &who, tgid))
		return 0;
	if (!announce(&who))
		return 0;
	e = ring_reserve(sizeof(*e));
	if (!e)
		return 0;
	leader = BPF_CORE_READ(task, group_leader);
	fill_header(&e->h, EV_EXIT, sizeof(*e), bpf_ktime_get_boot_ns());
	e->h.cgroup = who.id;
	e->h.hier = who.hier;
	e->h.tgid = tgid;
	e->h.tid = task->pid;
	e->start = BPF_CORE_READ(leader, start_boottime);
	e->ppid = BPF_CORE_READ(task, real_parent, tgid);
	e->uid = BPF_CORE_READ(task, cred, uid.val);
	e->ns_pid = ns_pid_of(leader, &e->pid_ns);
	fill_end(e, task, leader);
	if (bpf_map_lookup_elem(&victims, &tgid)) {
		e->flags |= EXIT_OOM;
		/* -ENOENT would mean that the LRU was faster. */
		(void)bpf_map_delete_elem(&victims, &tgid);
	}
	e->reserved = 0;
	e->utime_ns = BPF_CORE_READ(task, signal, utime) + BPF_CORE_READ(task, utime);
	e->stime_ns = BPF_CORE_READ(task, signal, stime) + BPF_CORE_READ(task, stime);
	e->maxrss_bytes = BPF_CORE_READ(task, signal, maxrss) * page_bytes;
	BPF_CORE_READ_STR_INTO(&e->comm, leader, comm);
	ring_submit(e);
	return 0;
}

SEC("tp_btf/sched_process_exec")
int BPF_PROG(on_exec, struct task_struct *task, pid_t old_pid, struct linux_binprm *program)
{
	return handle_exec(task, program);
}

SEC("tp_btf/sched_process_exit")
int BPF_PROG(on_exit, struct task_struct *task)
{
	return handle_exit(task);
}

char LICENSE[] SEC("license") = "Dual BSD/GPL";
