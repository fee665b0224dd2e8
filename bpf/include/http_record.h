/* SPDX-License-Identifier: (GPL-2.0-only OR BSD-2-Clause) */
/* The record of a chunk. */
#ifndef PODSTAMP_HTTP_RECORD_H
#define PODSTAMP_HTTP_RECORD_H

#include "connection.h"
#include "payload.h"

/* What a record says beside the connection and the call. */
struct note {
	u32 max; /* bytes to capture */
	u32 ordinal;
	u32 tcp_seq;
	u8 kind; /* 0: no record */
	u8 flags;
};

/* The last four bytes before this one, the last one highest. */
static __always_inline u32 ending_at(const char *end)
{
	u32 ending;

	__builtin_memcpy(&ending, end - sizeof(ending), sizeof(ending));
	return ending;
}

/* Writes a record; its flags come back. */
static __noinline int report(struct connection *c, struct work *work, const struct note *note)
{
	struct call *call = &work->call;
	struct ev_http *e = &work->e;
	u64 captured = 0, shift = work->shift, len;
	u32 ending = 0;
	u8 flags;

	flags = note->flags;
	if (note->max)
		captured = copy_payload(work, note->max - shift) + shift;
	BOUND(captured, EV_DATA_MAX);
	if (captured && captured == call->bytes + shift) {
		if (captured >= sizeof(ending))
			ending = ending_at(e->data + captured);
		if (ending == EMPTY_LINE)
			flags |= HTTP_HEAD_WHOLE;
		c->endings[call->direction & 1] = ending;
	}
	if (note->max && captured >= note->max)
		flags |= HTTP_CAPTURED_ALL;
	fill_header(&e->h, EV_HTTP, 0, shift ? c->begun_at : call->ts);
	e->h.flags = flags;
	e->h.cgroup = c->cgroup;
	e->h.hier = c->hier;
	e->h.tgid = c->tgid;
	e->h.tid = bpf_get_current_pid_tgid();
	e->h.netns = c->netns;
	e->conn = c->id;
	e->rx = c->rx - shift;
	e->tx = c->tx;
	e->offset = call->direction ? e->tx : e->rx;
	e->last_rx = c->last_rx;
	e->last_tx = c->last_tx;
	e->chunk = call->bytes + shift;
	e->captured = captured;
	e->ordinal = note->ordinal;
	e->tcp_seq = note->tcp_seq - shift;
	e->kind = note->kind;
	e->role = c->role;
	e->direction = call->direction;
	e->conn_flags = c->flags;
	e->family = c->family;
	e->local_port = c->local_port;
	e->remote_port = c->remote_port;
	e->reserved = 0;
	e->reserved2 = 0;
	__builtin_memcpy(e->local, c->local, sizeof(e->local));
	__builtin_memcpy(e->remote, c->remote, sizeof(e->remote));
	__builtin_memcpy(e->comm, c->comm, sizeof(e->comm));
	len = (__builtin_offsetof(struct ev_http, data) + captured + 7) & ~7ull;
	BOUND(len, (int)sizeof(struct ev_http));
	e->h.len = len;
	ring_write(e, len);
	return flags;
}

#endif
