/* SPDX-License-Identifier: (GPL-2.0-only OR BSD-2-Clause) */
/* What a chunk is in its connection, and what is to be said of it. */
#ifndef PODSTAMP_HTTP_MESSAGES_H
#define PODSTAMP_HTTP_MESSAGES_H

#include "budget.h"
#include "http_record.h"

/* Bytes of a head to capture, at most EV_DATA_MAX. */
const volatile u32 request_max = 0;
const volatile u32 response_max = 0;

enum {
	/* Chunks of a body that are reported at once; then as time passes, and where one is shorter than the one
	 * before. */
	PROGRESS_AT_ONCE = 16,
	PROGRESS_NS = 10000000,
	/* Chunks without anything known before a connection is left alone; a late one may be in the middle of a body.
	 */
	MISSES_MAX = 4,
	MISSES_MAX_LATE = 64,
	OPENING_BYTES = sizeof(struct opening),
	/* "HTTP/1.1 200" */
	STATUS_BYTES = 12,
};

static __always_inline void leave_alone(struct connection *c)
{
	c->protocol = PROTOCOL_OTHER;
	c->flags |= CONN_OTHER;
}

/* The first head decides who is the client; later ones must agree with it, or they are bytes of something else. */
static __always_inline bool takes_role(struct connection *c, u8 role, u64 sk)
{
	if (c->role == ROLE_UNKNOWN) {
		c->role = role;
		judge(sk);
	}
	return c->role == role;
}

/* bpf_task_pt_regs hands out what the task came with, even where kernel code of another call is at work. */
static __always_inline u64 sock_of_descriptor(u32 descriptor)
{
	struct file **files, *file = NULL;
	struct socket *socket;
	u32 max;

	if (HAS_TASK_BTF) {
		struct fdtable *table = bpf_get_current_task_btf()->files->fdt;

		files = table->fd;
		max = table->max_fds;
	} else {
		struct fdtable *table = BPF_CORE_READ((struct task_struct *)bpf_get_current_task(), files, fdt);

		files = BPF_CORE_READ(table, fd);
		max = BPF_CORE_READ(table, max_fds);
	}
	if (descriptor >= max || bpf_probe_read_kernel(&file, sizeof(file), files + descriptor) || !file)
		return 0;
	if (&socket_file_ops) {
		if (BPF_CORE_READ(file, f_op) != &socket_file_ops)
			return 0;
	} else if ((BPF_CORE_READ(file, f_inode, i_mode) & 0170000) != 0140000) {
		return 0;
	}
	socket = BPF_CORE_READ(file, private_data);
	return (u64)BPF_CORE_READ(socket, sk);
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
static __always_inline bool ends_chunked(const struct call *call)
{
	char tail[8] = {};
	u32 len = call->bytes == 5 ? 5 : 7;
	u64 at = last_bytes(len);
	char *end = tail + 2;

	if (!at || call->bytes < 5)
		return false;
	if (len == 5) {
		if (bpf_probe_read_user(end, 5, (void *)at))
			return false;
	} else if (bpf_probe_read_user(tail, 7, (void *)at) || tail[0] != '\r' || tail[1] != '\n') {
		return false;
	}
	return end[0] == '0' && end[1] == '\r' && end[2] == '\n' && end[3] == '\r' && end[4] == '\n';
}

static __always_inline void note_body(struct note *note, struct connection *c, const struct call *call)
{
	u32 previous = c->previous;

	if (!c->in_response || c->muted || (c->role == ROLE_SERVER) != call->direction)
		return;
	if (call->is_readable && ends_chunked(call))
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

/* The first bytes, also where they lie in several small pieces. */
static __always_inline bool read_opening(struct work *work)
{
	struct call *call = &work->call;
	u64 at = first_buffer();
	u64 max = call->bytes;

	__builtin_memset(&work->opening, 0, sizeof(work->opening));
	if (!at)
		return false;
	if (call->pieces && work->first_len < OPENING_BYTES && call->bytes > work->first_len) {
		if (copy_payload(OPENING_BYTES) < STATUS_BYTES)
			return false;
		__builtin_memcpy(&work->opening, work->e.data, STATUS_BYTES);
		return true;
	}
	BOUND(max, OPENING_BYTES);
	return !bpf_probe_read_user(&work->opening, max, (void *)at);
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

/* What the chunk begins with, as far as its bytes can be trusted. */
static __always_inline enum opening_kind look(struct connection *c, struct work *work)
{
	struct call *call = &work->call;
	enum opening_kind kind = OPENING_UNKNOWN;

	if (!call->is_readable) {
		count_unread(c, call);
		return OPENING_UNKNOWN;
	}
	if (call->bytes < 4)
		return OPENING_UNKNOWN;
	if (read_opening(work))
		kind = kind_of(&work->opening);
	else
		count_unread(c, call);
	/* Kernel code may send inside a call on something else, io_uring for one: then the registers are not of this
	 * socket. */
	if (kind == OPENING_UNKNOWN || sock_of_descriptor(call->arg0) == call->sk)
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
static __always_inline void note_chunk(struct note *note, struct connection *c, struct work *work)
{
	enum opening_kind kind = look(c, work);
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
			note_response(note, c, &work->opening);
		else
			note_request(note, c, call->ts, kind == OPENING_CONNECT);
		return;
	}
	if (c->protocol == PROTOCOL_UNKNOWN) {
		if (++c->misses > (c->flags & CONN_LATE ? MISSES_MAX_LATE : MISSES_MAX))
			leave_alone(c);
		return;
	}
	if (call->is_readable && c->wanted[call->direction & 1] && !c->muted) {
		note->kind = HTTP_CONT;
		note->max = c->wanted[call->direction & 1];
		return;
	}
	note_body(note, c, call);
}

static __always_inline void inspect(struct connection *c, struct work *work)
{
	struct call *call = &work->call;
	struct note note = {};
	int flags;

	note_chunk(&note, c, work);
	if (!note.kind)
		return;
	/* Where all of it is captured, its end can be seen there. */
	if (note.max && call->bytes > note.max && call->is_readable && ends_chunked(call))
		note.flags = HTTP_ENDS_CHUNKED;
	flags = report(c, work, &note);
	/* The rest of a head is in the next chunks, as long as there is something left to capture. */
	if (note.max)
		c->wanted[call->direction & 1] =
			!(flags & HTTP_HEAD_WHOLE) && call->bytes < note.max ? note.max - call->bytes : 0;
}

#endif
