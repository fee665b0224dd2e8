// SPDX-License-Identifier: (GPL-2.0-only OR BSD-2-Clause)
/*
 * Signals that can kill: who sent which to whom, and what the target does with it. That it did kill, its exit tells.
 *
 * signal_generate has sender and target at hand; signal_deliver comes too late for the sender, and not at all for
 * SIGKILL.
 */
#include "include/kernel.h"
#include <bpf/bpf_helpers.h>
#include <bpf/bpf_tracing.h>
#include "include/events.h"
#include "include/filter.h"

/* Bit n is signal n. */
const volatile u64 signals = 0;

enum {
	SIGNAL_MAX = 63,
	SI_KERNEL = 128
};
/* Instead of a pointer to its details: sent by the kernel. */
#define SEND_SIG_PRIV ((void *)1)

static __always_inline u32 disposition_of(struct task_struct *target, u32 signal)
{
	struct sighand_struct *hands = BPF_CORE_READ(target, sighand);
	struct k_sigaction *first = (void *)hands + bpf_core_field_offset(hands->action);
	void *action = (void *)first + (signal - 1) * bpf_core_type_size(struct k_sigaction);
	u64 handler = (u64)BPF_CORE_READ((struct k_sigaction *)action, sa.sa_handler);

	if (handler == 0)
		return DISPOSITION_DEFAULT;
	return handler == 1 ? DISPOSITION_IGNORED : DISPOSITION_HANDLED;
}

static __always_inline s32 code_of(struct kernel_siginfo *info)
{
	if (!info)
		return 0;
	return (void *)info == SEND_SIG_PRIV ? SI_KERNEL : BPF_CORE_READ(info, si_code);
}

static __always_inline int handle_signal(u32 signal, struct kernel_siginfo *info, struct task_struct *target,
					 u32 result)
{
	struct identity who, sender;
	u32 tgid = target->tgid;
	struct ev_signal *e;

	if (!signal || signal > SIGNAL_MAX || !(signals >> signal & 1))
		return 0;
	who = identity_of(target);
	if (!is_wanted(PROBE_SIGNAL, &who, tgid))
		return 0;
	sender = current_identity();
	if (!announce(&who) || !announce(&sender))
		return 0;
	e = ring_reserve(sizeof(*e));
	if (!e)
		return 0;
	fill_header(&e->h, EV_SIGNAL, sizeof(*e), bpf_ktime_get_boot_ns());
	e->h.cgroup = who.id;
	e->h.hier = who.hier;
	e->h.tgid = tgid;
	e->h.tid = target->pid;
	e->sender_cgroup = sender.id;
	e->sender_hier = sender.hier;
	e->sender_tgid = bpf_get_current_pid_tgid() >> 32;
	e->signal = signal;
	e->code = code_of(info);
	e->disposition = disposition_of(target, signal);
	e->result = result;
	BPF_CORE_READ_STR_INTO(&e->comm, target, comm);
	if (bpf_get_current_comm(e->sender_comm, sizeof(e->sender_comm)))
		e->sender_comm[0] = 0;
	ring_submit(e);
	return 0;
}

SEC("tp_btf/signal_generate")
int BPF_PROG(on_signal, int signal, struct kernel_siginfo *info, struct task_struct *target, int group, int result)
{
	return handle_signal(signal, info, target, result);
}

char LICENSE[] SEC("license") = "Dual BSD/GPL";
