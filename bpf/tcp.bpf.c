// SPDX-License-Identifier: (GPL-2.0-only OR BSD-2-Clause)
/*
 * TCP connections: one record when a connection has closed or could not be made; and the table of connections, which
 * the HTTP probe uses too.
 *
 * inet_sock_set_state tells nearly all: to SYN_SENT is a client in its own task, SYN_RECV to ESTABLISHED a server (in
 * softirq, where the current task means nothing: its owner is who first reads or writes, as far as the HTTP probe sees
 * it, else who closes it), to CLOSE is the end. Where that came before anybody closed the socket, by a reset or behind
 * a half that was closed, and nobody has read anything, or it has HTTP on it of which more may still be read, the
 * connection waits for tcp_destroy_sock, which is in the task that closes the socket.
 */
#include "include/kernel.h"
#include <bpf/bpf_helpers.h>
#include <bpf/bpf_tracing.h>
#include "include/events.h"
#include "include/connection.h"
#include "include/task.h"

/* Which probes the table is kept for: connections are reported, and the end of those of the HTTP probe. */
const volatile bool tcp_on = false;
const volatile bool http_on = false;

static __always_inline void insert(struct sock *sk, const struct connection *c)
{
	u64 key = (u64)sk;

	if (bpf_map_update_elem(&connections, &key, c, BPF_ANY))
		COUNT(table_full, 1);
	else
		judge(number_of(sk));
}

static __always_inline u64 next_id(void)
{
	return (__sync_fetch_and_add(&connection_count, 1) + 1) * 2;
}

static __always_inline void handle_connect(struct sock *sk, u64 ts)
{
	struct connection c = no_connection;

	c.id = next_id();
	c.start = ts;
	c.role = ROLE_CLIENT;
	fill_addresses(&c, sk);
	/* Without an owner it is met again at its first data. */
	(void)own(&c);
	insert(sk, &c);
}

static __always_inline void handle_accept(struct sock *sk, u64 ts)
{
	struct connection c = no_connection;

	c.id = next_id();
	c.start = c.established = ts;
	c.role = ROLE_SERVER;
	fill_addresses(&c, sk);
	/* What version 2 knows of the socket, until its owner is met. */
	if (HAS_SOCK_CGROUP(sk)) {
		struct cgroup *cgroup = BPF_CORE_READ(sk, sk_cgrp_data.cgroup);

		if (cgroup && BPF_CORE_READ(cgroup, level) > 0) {
			struct identity who = identity_of_cgroup(cgroup);

			if (announce(&who)) {
				c.cgroup = who.id;
				c.hier = who.hier;
			}
		}
	}
	insert(sk, &c);
}

static __always_inline void report_connection(const struct connection *c, struct sock *sk, u64 ts)
{
	struct tcp_sock *tcp = (struct tcp_sock *)sk;
	struct ev_conn *e = ring_reserve(sizeof(*e));

	if (!e)
		return;
	fill_header(&e->h, EV_CONN, sizeof(*e), ts);
	e->h.cgroup = c->cgroup;
	e->h.hier = c->hier;
	e->h.tgid = c->tgid;
	e->h.netns = c->netns;
	e->id = c->id;
	e->start = c->start;
	e->established = c->established;
	e->end = c->closing ? c->closing : ts;
	e->tx = BPF_CORE_READ(tcp, bytes_sent) - BPF_CORE_READ(tcp, bytes_retrans);
	e->rx = BPF_CORE_READ(tcp, bytes_received);
	e->rx -= e->rx ? IS_DONE(BPF_CORE_READ(sk, __sk_common.skc_flags)) : 0;
	e->srtt_us = BPF_CORE_READ(tcp, srtt_us) >> 3;
	e->retransmits = BPF_CORE_READ(tcp, total_retrans);
	e->error = c->is_over ? c->error : BPF_CORE_READ(sk, sk_err);
	e->role = c->role;
	e->flags = c->flags | (c->established ? 0 : CONN_FAILED);
	e->family = c->family;
	e->local_port = c->local_port;
	e->remote_port = c->remote_port;
	e->reserved = 0;
	__builtin_memcpy(e->local, c->local, sizeof(e->local));
	__builtin_memcpy(e->remote, c->remote, sizeof(e->remote));
	__builtin_memcpy(e->comm, c->comm, sizeof(e->comm));
	ring_submit(e);
}

/* Whether the side that answers has ended the connection, and nothing of it is unread. */
static __always_inline bool is_ended_by_server(const struct connection *c, struct sock *sk)
{
	struct tcp_sock *tcp = (struct tcp_sock *)sk;
	u32 next, copied;

	if (c->role == ROLE_SERVER)
		return c->ended == ENDED_HERE;
	next = BPF_CORE_READ(tcp, rcv_nxt);
	copied = BPF_CORE_READ(tcp, copied_seq);
	return c->ended == ENDED_THERE && (s32)(next - copied - IS_DONE(BPF_CORE_READ(sk, __sk_common.skc_flags))) <= 0;
}

static __always_inline void report_http_end(const struct connection *c, struct sock *sk, u64 ts)
{
	struct ev_http *e = ring_reserve(__builtin_offsetof(struct ev_http, data));
	u32 ending = c->endings[c->role == ROLE_SERVER ? DIRECTION_TX : DIRECTION_RX];

	if (!e)
		return;
	fill_header(&e->h, EV_HTTP, __builtin_offsetof(struct ev_http, data), ts);
	if (!ending || ending == EMPTY_LINE)
		e->h.flags |= HTTP_HEAD_WHOLE;
	if (is_ended_by_server(c, sk))
		e->h.flags |= HTTP_ENDED_BY_SERVER;
	e->h.cgroup = c->cgroup;
	e->h.hier = c->hier;
	e->h.tgid = c->tgid;
	e->h.netns = c->netns;
	e->conn = c->id;
	e->offset = 0;
	e->rx = c->rx;
	e->tx = c->tx;
	e->last_rx = c->last_rx;
	e->last_tx = c->last_tx;
	e->chunk = e->captured = e->ordinal = e->tcp_seq = 0;
	e->kind = HTTP_END;
	e->role = c->role;
	e->direction = DIRECTION_RX;
	e->conn_flags = c->flags;
	e->family = c->family;
	e->local_port = c->local_port;
	e->remote_port = c->remote_port;
	e->reserved = 0;
	e->reserved2 = 0;
	__builtin_memcpy(e->local, c->local, sizeof(e->local));
	__builtin_memcpy(e->remote, c->remote, sizeof(e->remote));
	__builtin_memcpy(e->comm, c->comm, sizeof(e->comm));
	ring_submit(e);
}

/* What has moved behind the last call that was seen; the end that was sent has a number, too. */
static __always_inline void count_rest(struct connection *c, struct sock *sk)
{
	struct tcp_sock *tcp = (struct tcp_sock *)sk;
	u32 read = behind_bytes(BPF_CORE_READ(tcp, copied_seq), BPF_CORE_READ(tcp, rcv_nxt),
				BPF_CORE_READ(sk, __sk_common.skc_flags));
	s32 received = read - c->positions[DIRECTION_RX];
	s32 sent = BPF_CORE_READ(tcp, write_seq) - c->positions[DIRECTION_TX];

	if (c->placed & 1 << DIRECTION_RX && received > 0)
		count_unseen(c, DIRECTION_RX, received);
	if (c->placed & 1 << DIRECTION_TX && sent > 1)
		count_unseen(c, DIRECTION_TX, sent - 1);
}

static __always_inline void handle_close(struct connection *c, struct sock *sk, u64 ts)
{
	if (http_on && c->flags & CONN_HTTP && c->probes & PROBE_BIT(PROBE_HTTP)) {
		count_rest(c, sk);
		report_http_end(c, sk, ts);
	}
	if (tcp_on && c->probes & PROBE_BIT(PROBE_TCP))
		report_connection(c, sk, ts);
}

static __always_inline bool is_task(void)
{
	struct task_struct *task = (struct task_struct *)bpf_get_current_task();

	return !(BPF_CORE_READ(task, flags) & PF_KTHREAD);
}

/* These changes are close()'s and shutdown()'s, in the task that calls them. */
static __always_inline bool is_by_task(int to)
{
	return (to == TCP_FIN_WAIT1 || to == TCP_LAST_ACK) && is_task();
}

/* Whether a connection that leaves TCP_ESTABLISHED does so by the other side's end, its reset or its silence. */
static __always_inline bool is_end_of_other(struct sock *sk, int to)
{
	return to == TCP_CLOSE_WAIT || (to == TCP_CLOSE && BPF_CORE_READ(sk, sk_err));
}

/*
 * Its end was not the doing of the task that has the socket and will close it: who that is, or what it still reads, is
 * known then.
 */
static __always_inline bool waits_for_owner(const struct connection *c, struct sock *sk)
{
	if (BPF_CORE_READ(sk, __sk_common.skc_flags) >> bpf_core_enum_value(enum sock_flags, SOCK_DEAD) & 1)
		return false;
	return !c->tgid || (http_on && c->protocol == PROTOCOL_HTTP && c->probes & PROBE_BIT(PROBE_HTTP));
}

/* The next one to have this end may be anybody's. */
static __always_inline void forget(u64 key, const struct connection *c)
{
	struct client_end end = {};

	if (c->is_ignored) {
		client_end_of(&end, c);
		(void)bpf_map_delete_elem(&ignored_ends, &end);
	}
	/* -ENOENT would mean that the LRU was faster. */
	(void)bpf_map_delete_elem(&connections, &key);
}

static __always_inline int handle_state(struct sock *sk, int from, int to)
{
	u16 family = sk->__sk_common.skc_family;
	const struct control *control = get_control();
	u64 key = (u64)sk, ts;
	struct connection *c;

	if (sk->sk_protocol != IPPROTO_TCP || (family != AF_INET && family != AF_INET6))
		return 0;
	ts = bpf_ktime_get_boot_ns();
	if (to == TCP_SYN_SENT) {
		handle_connect(sk, ts);
		return 0;
	}
	if (from == TCP_SYN_RECV && to == TCP_ESTABLISHED) {
		handle_accept(sk, ts);
		return 0;
	}
	c = bpf_map_lookup_elem(&connections, &key);
	if (!c)
		return 0;
	if (from == TCP_SYN_SENT && to == TCP_ESTABLISHED) {
		c->established = ts;
		/* The local port was chosen after SYN_SENT. */
		fill_addresses(c, sk);
		judge(number_of(sk));
		return 0;
	}
	if (from == TCP_ESTABLISHED && !c->closing) {
		c->closing = ts;
		c->ended = is_end_of_other(sk, to) ? ENDED_THERE : ENDED_HERE;
	}
	if (!c->tgid && is_by_task(to) && own(c))
		judge(number_of(sk));
	if (to != TCP_CLOSE)
		return 0;
	if (control && c->generation != control->generation)
		judge(number_of(sk));
	if (waits_for_owner(c, sk)) {
		c->is_over = 1;
		c->error = BPF_CORE_READ(sk, sk_err);
		if (!c->closing)
			c->closing = ts;
		return 0;
	}
	handle_close(c, sk, ts);
	forget(key, c);
	return 0;
}

static __always_inline int handle_destroy(struct sock *sk)
{
	struct connection *c;
	u64 key = (u64)sk;

	c = bpf_map_lookup_elem(&connections, &key);
	if (!c || !c->is_over)
		return 0;
	if (!c->tgid && is_task() && own(c))
		judge(number_of(sk));
	handle_close(c, sk, c->closing);
	forget(key, c);
	return 0;
}

SEC("tp_btf/inet_sock_set_state")
int BPF_PROG(on_state, struct sock *sk, int from, int to)
{
	return handle_state(sk, from, to);
}

SEC("tp_btf/tcp_destroy_sock")
int BPF_PROG(on_destroy, struct sock *sk)
{
	return handle_destroy(sk);
}

char LICENSE[] SEC("license") = "Dual BSD/GPL";
