/* SPDX-License-Identifier: (GPL-2.0-only OR BSD-2-Clause) */
/* What a chunk is in its connection, and what is to be said of it. */
#ifndef PODSTAMP_HTTP_MESSAGES_H
#define PODSTAMP_HTTP_MESSAGES_H

#include "budget.h"
#include "event.h"
#include "http_record.h"

/* Bytes of a head to capture, at most EV_DATA_MAX. */
const volatile u32 request_max = 0;
const volatile u32 response_max = 0;

enum {
	/* Chunks of a body that are reported at once; then as time passes, and where one is shorter than the one
	 * before. */
	PROGRESS_AT_ONCE = 16,
	PROGRESS_NS = 10000000,
	/* Chunks without anything known before a connection is left alone. A late one may be in the middle of a body:
	 * it is asked for longer, and then where the direction turns, as it does behind a body. */
	MISSES_MAX = 4,
	MISSES_MAX_LATE = 64,
	TURNS_MAX_LATE = 128,
};

static __always_inline void leave_alone(struct connection *c)
{
	c->protocol = PROTOCOL_OTHER;
	c->flags |= CONN_OTHER;
}

/* The first head decides who is the client; later ones must agree with it, or they are bytes of something else. */
static __always_inline bool takes_role(struct connection *c, u8 role, u64 sk)
{
	c->misses = 0;
	if (c->role == ROLE_UNKNOWN) {
		c->role = role;
		judge(sk);
	}
	return c->role == role;
}

static __always_inline void note_request(struct note *note, struct connection *c, u64 ts, bool is_connect)
{
	const struct control *control = get_control();
	u32 ordinal = ++c->requests;

	c->tunnel = is_connect;
	if (!control || is_muted(c, control, ts))
		return;
	note->kind = HTTP_REQUEST;
	note->max = request_max;
	note->ordinal = ordinal;
}

static __always_inline void note_response(struct note *note, struct connection *c, const struct opening *o)
{
	if (!is_interim(o) || is_switching(o)) {
		note->ordinal = ++c->responses;
		c->unanswered--;
		c->in_response = 1;
		c->progress = 0;
		c->previous = 0;
	}
	if (is_switching(o) || (c->tunnel && is_success(o)))
		leave_alone(c);
	if (c->muted)
		return;
	note->kind = HTTP_RESPONSE;
	note->max = response_max;
}

/* Alone, or behind the end of another chunk: a line "0" of the body itself must not be taken for it. */
static __always_inline bool is_last_chunk(const char *end, bool is_alone)
{
	return end[-5] == '0' && end[-4] == '\r' && end[-3] == '\n' && end[-2] == '\r' && end[-1] == '\n' &&
	       (is_alone || (end[-7] == '\r' && end[-6] == '\n'));
}

/* Remembers the last bytes, where they could be read, and says whether they end a body of chunks. */
static __always_inline bool take_end(struct connection *c, struct work *work)
{
	u32 *ending = &c->endings[work->call.direction & 1];
	const char *end = work->tail + TAIL_BYTES;
	u64 bytes = work->call.bytes, at = bytes;
	u32 last;

	if (!work->call.is_readable || (work->got != bytes && !read_tail())) {
		*ending = 0;
		return false;
	}
	if (work->got == bytes) {
		BOUND(at, EV_DATA_MAX);
		end = own_data(work) + at;
	}
	last = ending_at(end);
	if (bytes < 4)
		last = *ending ? *ending >> bytes * 8 | (last & ~0u << (32 - bytes * 8)) : 0;
	*ending = last;
	return bytes >= 5 && is_last_chunk(end, bytes == 5);
}

static __always_inline void note_body(struct note *note, struct connection *c, struct work *work)
{
	const struct call *call = &work->call;
	u32 previous = c->previous;

	if (!c->in_response || c->muted || (c->role == ROLE_SERVER) != call->direction)
		return;
	if (take_end(c, work))
		note->flags = HTTP_ENDS_CHUNKED;
	c->previous = call->bytes;
	if (!note->flags && c->progress >= PROGRESS_AT_ONCE && call->bytes >= previous &&
	    call->ts - c->last_progress < PROGRESS_NS)
		return;
	if (c->progress < PROGRESS_AT_ONCE)
		c->progress++;
	c->last_progress = call->ts;
	note->kind = HTTP_PROGRESS;
	note->ordinal = c->responses;
}

/* The first bytes, and all of a short chunk, also where they lie in several pieces; behind what other calls had
 * brought. Says how many bytes of the call these are. */
static __always_inline u64 read_opening(struct work *work, u64 before)
{
	u32 max = request_max > response_max ? request_max : response_max;

	if (max > WHOLE_MAX)
		max = WHOLE_MAX;
	/* What is not overwritten is of another chunk. */
	__builtin_memset(work->e.data, 0, OPENING_BYTES);
	*(u64 *)work->e.data = before;
	work->got = 0;
	return copy_payload(work, work->call.bytes > max ? OPENING_BYTES : max);
}

static __always_inline const struct opening *opening_of(const struct work *work)
{
	return (const struct opening *)work->e.data;
}

static __always_inline void count_unread(struct connection *c, const struct call *call)
{
	if (call->nr == NR_sendfile || call->nr == NR_splice) {
		c->flags |= CONN_SENDFILE;
		return;
	}
	c->flags |= CONN_UNREAD;
	COUNT(unread, 1);
}

/*
 * A head may be read in pieces of a few bytes: Go's server looks for the next request by a read of one byte, while it
 * answers the one before. They are kept until the next chunk, and looked at together with it.
 */
static __always_inline enum opening_kind join_beginning(struct connection *c, struct work *work)
{
	u64 own = *(u64 *)work->e.data, joined = 0;
	u32 bytes = work->call.bytes, begun = c->begun;
	enum opening_kind kind;

	c->begun = 0;
	if (begun) {
		work->shift = begun;
		read_opening(work, c->beginning);
		kind = kind_of(opening_of(work));
		if (kind != OPENING_UNKNOWN)
			return kind;
		joined = *(u64 *)work->e.data;
		work->shift = 0;
		read_opening(work, 0);
	}
	kind = kind_of(opening_of(work));
	if (kind != OPENING_UNKNOWN || bytes > SHIFT_MAX)
		return kind;
	if (begun && begun + bytes <= SHIFT_MAX && may_begin(joined, begun + bytes)) {
		c->beginning = joined;
		c->begun = begun + bytes;
	} else if (may_begin(own, bytes)) {
		c->beginning = own;
		c->begun = bytes;
		c->begun_at = work->call.ts;
	}
	return OPENING_UNKNOWN;
}

/* What the chunk begins with, as far as its bytes can be trusted. */
static __always_inline enum opening_kind look(struct connection *c, struct work *work, const struct event *event)
{
	struct call *call = &work->call;
	enum opening_kind kind = OPENING_UNKNOWN;
	u64 got = 0;

	/* Programs write a head at once. */
	if (call->is_readable && call->bytes < 4 && call->direction == DIRECTION_TX)
		return OPENING_UNKNOWN;
	if (call->is_readable)
		got = read_opening(work, 0);
	if (!got || (got < 4 && got < call->bytes)) {
		if (call->direction == DIRECTION_RX)
			c->begun = 0;
		count_unread(c, call);
		return OPENING_UNKNOWN;
	}
	/* The rest of "POST" could be another method; "POST" behind a byte of a body could not. */
	kind = listed_kind_of(opening_of(work));
	if (kind == OPENING_UNKNOWN)
		kind = call->direction == DIRECTION_RX ? join_beginning(c, work) : kind_of(opening_of(work));
	else if (call->direction == DIRECTION_RX)
		c->begun = 0;
	if (kind == OPENING_UNKNOWN || is_of_descriptor(event))
		return kind;
	count_unread(c, call);
	call->is_readable = 0;
	return OPENING_UNKNOWN;
}

static __always_inline bool takes_head(struct connection *c, enum opening_kind kind, const struct call *call)
{
	bool is_client = (kind == OPENING_RESPONSE) != (call->direction == DIRECTION_TX);

	if (!takes_role(c, is_client ? ROLE_CLIENT : ROLE_SERVER, call->sk))
		return false;
	c->protocol = PROTOCOL_HTTP;
	c->flags |= CONN_HTTP;
	return true;
}

/* What is to be said of the chunk, if anything. */
static __always_inline void note_chunk(struct note *note, struct connection *c, struct work *work,
				       const struct event *event)
{
	enum opening_kind kind = look(c, work, event);
	struct call *call = &work->call;

	if (kind == OPENING_OTHER && c->protocol == PROTOCOL_UNKNOWN) {
		leave_alone(c);
		return;
	}
	if (kind != OPENING_UNKNOWN && kind != OPENING_OTHER && takes_head(c, kind, call)) {
		/* Its role may have put it out of the sample. */
		if (!(c->probes & PROBE_BIT(PROBE_HTTP)))
			return;
		if (kind == OPENING_RESPONSE)
			note_response(note, c, opening_of(work));
		else
			note_request(note, c, call->ts, kind == OPENING_CONNECT);
		return;
	}
	/* No head after all: then it is this call's bytes alone. */
	if (work->shift)
		work->shift = work->got = 0;
	if (c->protocol == PROTOCOL_UNKNOWN) {
		if (!c->begun && ++c->misses > (c->flags & CONN_LATE ? TURNS_MAX_LATE : MISSES_MAX))
			leave_alone(c);
		return;
	}
	if (call->is_readable && c->wanted[call->direction & 1] && !c->muted && is_of_descriptor(event)) {
		note->kind = HTTP_CONT;
		note->max = c->wanted[call->direction & 1];
		return;
	}
	note_body(note, c, work);
}

static __always_inline void inspect(struct connection *c, struct work *work, const struct event *event)
{
	struct call *call = &work->call;
	struct note note = {};
	u32 chunk;
	int flags;

	note_chunk(&note, c, work, event);
	if (!note.kind)
		return;
	chunk = call->bytes + work->shift;
	if (note.max)
		note.tcp_seq = c->positions[call->direction & 1] - call->bytes;
	/* Where all of it is captured, its end can be seen there. */
	if (note.max && chunk > note.max && take_end(c, work))
		note.flags = HTTP_ENDS_CHUNKED;
	flags = report(c, work, &note);
	/* The rest of a head is in the next chunks, as long as there is something left to capture. */
	if (note.max)
		c->wanted[call->direction & 1] = !(flags & HTTP_HEAD_WHOLE) && chunk < note.max ? note.max - chunk : 0;
}

#endif
