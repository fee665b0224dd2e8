// SPDX-License-Identifier: (GPL-2.0-only OR BSD-2-Clause)
/*
 * HTTP/1: the beginning of each message, and where the stream of bytes is. Heads are not parsed here: user space does
 * that, pairs requests and responses and finds their ends.
 *
 * Two backends, of which the loader takes one. The socket's tracepoints fire inside the call with the socket and the
 * number of bytes, and cost nothing on calls that are not of sockets; the buffer is found by the registers the task
 * came with. Where a kernel lacks them, the exit of every system call is looked at, and the socket found by its
 * descriptor. At the exit the registers still hold the arguments, so neither needs an entry hook.
 */
#include "include/kernel.h"
#include <bpf/bpf_helpers.h>
#include <bpf/bpf_tracing.h>
#include "include/events.h"
#include "include/http_messages.h"
#include "include/task.h"

static __always_inline struct connection *meet_late(struct sock *sk, u64 ts)
{
	struct connection c = no_connection;
	u64 key = (u64)sk;

	c.id = __sync_fetch_and_add(&connection_count, 1) * 2 + 1;
	c.start = c.established = ts;
	c.flags = CONN_LATE;
	fill_addresses(&c, sk);
	if (bpf_map_update_elem(&connections, &key, &c, BPF_NOEXIST))
		COUNT(table_full, 1);
	return bpf_map_lookup_elem(&connections, &key);
}

static __always_inline void work_on(struct connection *c, const struct event *event, u64 ts)
{
	struct work *work = get_work();
	struct call *call;

	/* Busy: an interrupt sends in the middle of another call. */
	if (!work || work->is_busy) {
		COUNT(unread, 1);
		return;
	}
	work->is_busy = 1;
	call = &work->call;
	call->sk = (u64)event->sk;
	call->ts = ts;
	call->nr = event->nr;
	call->bytes = event->bytes;
	call->direction = event->direction;
	work->got = work->shift = 0;
	locate(work, event->arg1, event->arg2);
	inspect(c, work, event);
	work->is_busy = 0;
}

/* Where a direction is now; what has moved beside the bytes that are told of is counted. */
static __always_inline void place(struct connection *c, const struct event *event, u8 direction, u32 told)
{
	u32 position = position_of(event, direction);

	if (c->placed & 1 << direction)
		count_unseen(c, direction, position - c->positions[direction & 1] - told);
	c->positions[direction & 1] = position;
	c->placed |= 1 << direction;
}

/* Whether a head may be here: not in the middle of what has not looked like HTTP for long. */
static __always_inline bool is_worth_a_look(const struct connection *c, u8 direction)
{
	if (c->misses < MISSES_MAX_LATE)
		return true;
	return direction == DIRECTION_TX ? c->last_rx > c->last_tx : c->last_tx > c->last_rx;
}

static __always_inline int handle_data(const struct event *event)
{
	const struct control *control = get_control();
	u64 key = (u64)event->sk, ts = bpf_ktime_get_boot_ns();
	struct connection *c = bpf_map_lookup_elem(&connections, &key);

	if (!c)
		c = meet_late(event->sk, ts);
	if (!c || !control)
		return 0;
	if (!c->tgid) {
		if (!own(c))
			return 0;
		c->generation = 0;
	}
	if (c->generation != control->generation)
		judge(number_of(event->sk));
	if (!is_worth_a_look(c, event->direction)) {
		/* What goes by is told below, not unseen. */
		c->placed = 0;
	} else if (c->protocol != PROTOCOL_OTHER && c->probes & PROBE_BIT(PROBE_HTTP)) {
		place(c, event, event->direction, event->bytes);
		/* Not on others: what another task is about to tell would be counted before it. */
		if (c->flags & CONN_UNSEEN)
			place(c, event, !event->direction, 0);
		work_on(c, event, ts);
	}
	if (event->direction == DIRECTION_TX) {
		c->tx += event->bytes;
		c->last_tx = ts;
	} else {
		c->rx += event->bytes;
		c->last_rx = ts;
	}
	return 0;
}

static __always_inline bool is_tcp(struct sock *sk)
{
	u16 family = BPF_CORE_READ(sk, __sk_common.skc_family);

	return (family == AF_INET || family == AF_INET6) && BPF_CORE_READ(sk, sk_protocol) == IPPROTO_TCP;
}

static __always_inline int handle_socket(struct sock *sk, int bytes, int flags, u8 direction)
{
	u16 family = sk->__sk_common.skc_family;
	struct event event = { .sk = sk, .bytes = bytes, .direction = direction, .is_typed = true };
	struct task_struct *task;
	struct pt_regs *regs;

	if (bytes <= 0 || (family != AF_INET && family != AF_INET6) || sk->sk_protocol != IPPROTO_TCP)
		return 0;
	if (direction == DIRECTION_RX && flags & (MSG_PEEK | MSG_ERRQUEUE))
		return 0;
	task = bpf_get_current_task_btf();
	if (task->flags & PF_KTHREAD)
		return 0;
	regs = (struct pt_regs *)bpf_task_pt_regs(task);
	/* With MSG_TRUNC nothing is copied; a call of 32 bits is counted, and its numbers mean something else. */
	event.nr = (direction == DIRECTION_RX && flags & MSG_TRUNC) || IS_COMPAT_TASK(task) ? -1 : SYSCALL_NR(regs);
	event.arg0 = SYSCALL_ARG0(regs);
	event.arg1 = SYSCALL_ARG1(regs);
	event.arg2 = SYSCALL_ARG2(regs);
	return handle_data(&event);
}

/* The direction of a call that moves bytes of a socket; -1 for all others. */
static __always_inline int direction_of(long nr)
{
	switch (nr) {
	case NR_read:
	case NR_readv:
	case NR_preadv2:
	case NR_recvfrom:
	case NR_recvmsg:
		return DIRECTION_RX;
	case NR_write:
	case NR_writev:
	case NR_pwritev2:
	case NR_sendto:
	case NR_sendmsg:
	case NR_sendfile:
		return DIRECTION_TX;
	}
	return -1;
}

static __always_inline u64 receive_flags_of(long nr, struct pt_regs *regs)
{
	if (nr == NR_recvfrom)
		return SYSCALL_ARG3(regs);
	return nr == NR_recvmsg ? SYSCALL_ARG2(regs) : 0;
}

static __always_inline int handle_syscall(struct pt_regs *regs, long result)
{
	long nr = SYSCALL_NR(regs);
	int direction = direction_of(nr);
	struct event event = { .bytes = result, .direction = direction, .nr = nr };
	u64 flags;

	if (direction < 0 || result <= 0)
		return 0;
	event.arg0 = SYSCALL_ARG0(regs);
	event.sk = (struct sock *)sock_of_descriptor(event.arg0);
	if (!event.sk || !is_tcp(event.sk) || IS_COMPAT_TASK_BY_READ((struct task_struct *)bpf_get_current_task()))
		return 0;
	flags = receive_flags_of(nr, regs);
	if (flags & (MSG_PEEK | MSG_ERRQUEUE))
		return 0;
	if (flags & MSG_TRUNC)
		event.nr = -1;
	event.arg1 = SYSCALL_ARG1(regs);
	event.arg2 = SYSCALL_ARG2(regs);
	return handle_data(&event);
}

SEC("tp_btf/sock_send_length")
int BPF_PROG(on_send, struct sock *sk, int bytes, int flags)
{
	return handle_socket(sk, bytes, flags, DIRECTION_TX);
}

SEC("tp_btf/sock_recv_length")
int BPF_PROG(on_receive, struct sock *sk, int bytes, int flags)
{
	return handle_socket(sk, bytes, flags, DIRECTION_RX);
}

SEC("tp_btf/sys_exit")
int BPF_PROG(on_sys_exit, struct pt_regs *regs, long result)
{
	return handle_syscall(regs, result);
}

char LICENSE[] SEC("license") = "Dual BSD/GPL";
