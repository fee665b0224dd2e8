/* SPDX-License-Identifier: (GPL-2.0-only OR BSD-2-Clause) */
/*
 * The bytes that a system call has just moved, read where user space keeps them: the kernel has copied them a moment
 * ago, so the pages are there.
 */
#ifndef PODSTAMP_PAYLOAD_H
#define PODSTAMP_PAYLOAD_H

#include "http.h"
#include "ring.h"

/* Vectors longer than these are cut: a head begins in the first pieces and a body ends in the last of a few. */
#define PIECES_MAX 8

/* A system call on a socket at its end. */
struct call {
	u64 sk; /* the address of its struct sock */
	u64 ts;
	u64 arg0;   /* the descriptor */
	u64 base;   /* of the buffer, or of the vector */
	u64 len;    /* of the buffer */
	u32 pieces; /* of the vector; 0: base is the buffer itself */
	u32 bytes;  /* moved */
	long nr;
	u8 direction;
	u8 is_readable; /* base is known */
};

/* What one call is worked on with. */
struct work {
	u32 is_busy;
	struct opening opening;
	struct call call;
	u64 first_len; /* of first_buffer() */
	u32 got;       /* of copy_payload(); in memory, of which the verifier remembers nothing */
	u32 reserved;
	struct ev_http e;	 /* under construction */
	char slack[EV_DATA_MAX]; /* so that the verifier need not know where exactly a piece ends */
};

/*
 * Inserted by the kernel, one for each CPU; taken and given back by whoever works on a call.
 */
struct {
	__uint(type, BPF_MAP_TYPE_PERCPU_ARRAY);
	__uint(max_entries, 1);
	__type(key, u32);
	__type(value, struct work);
} works SEC(".maps");

static __always_inline struct work *get_work(void)
{
	u32 zero = 0;

	return bpf_map_lookup_elem(&works, &zero);
}

static __always_inline void locate_message(struct call *call, u64 message)
{
	struct user_msghdr header;

	if (bpf_probe_read_user(&header, sizeof(header), (void *)message))
		return;
	call->base = header.iov;
	call->pieces = header.iov_len;
	call->is_readable = call->pieces > 0;
}

/* Finds the buffer of a call with these arguments; it stays unreadable where the kernel took the bytes from elsewhere.
 */
static __always_inline void locate(struct call *call, u64 arg1, u64 arg2)
{
	switch (call->nr) {
	case NR_read:
	case NR_write:
	case NR_sendto:
	case NR_recvfrom:
		call->base = arg1;
		call->len = arg2;
		call->is_readable = 1;
		return;
	case NR_readv:
	case NR_writev:
	case NR_preadv2:
	case NR_pwritev2:
		call->base = arg1;
		call->pieces = arg2;
		call->is_readable = call->pieces > 0;
		return;
	case NR_sendmsg:
	case NR_recvmsg:
		locate_message(call, arg1);
		return;
	case NR_sendmmsg:
	case NR_recvmmsg:
		/* Which of several messages has just been sent, nobody tells. */
		if (arg2 == 1)
			locate_message(call, arg1);
		return;
	}
}

static __always_inline bool read_piece(struct user_iovec *piece, const struct call *call, u32 i)
{
	return i < call->pieces &&
	       !bpf_probe_read_user(piece, sizeof(*piece), (void *)(call->base + i * sizeof(*piece)));
}

/*
 * The three below are global, so that the verifier looks at each once and not for every way that leads to it.
 * Until 5.12 such functions take no pointers, so they find the call themselves.
 */

/* Copies the first `max` of the call's bytes into the record. Returns how many it got. */
__noinline int copy_payload(u32 max)
{
	struct work *work = get_work();
	struct call *call;
	volatile u32 *got;
	u64 wanted = max;

	if (!work)
		return 0;
	call = &work->call;
	got = &work->got;
	*got = 0;
	if (wanted > call->bytes)
		wanted = call->bytes;
	BOUND(wanted, EV_DATA_MAX);
	if (!call->pieces)
		return wanted && !bpf_probe_read_user(work->e.data, wanted, (void *)call->base) ? wanted : 0;
	for (u32 i = 0; i < PIECES_MAX; i++) {
		struct user_iovec piece;
		u64 at = *got, len;

		if (at >= wanted || !read_piece(&piece, call, i))
			break;
		len = wanted - at;
		if (len > piece.len)
			len = piece.len;
		BOUND(len, EV_DATA_MAX);
		BOUND(at, EV_DATA_MAX);
		if (len && bpf_probe_read_user(work->e.data + at, len, (void *)piece.base))
			break;
		*got = at + len;
	}
	return *got;
}

/* The first piece that is not empty; its length is in first_len. */
__noinline u64 first_buffer(void)
{
	struct work *work = get_work();
	struct user_iovec piece;

	if (!work)
		return 0;
	work->first_len = work->call.len;
	if (!work->call.pieces)
		return work->call.base;
	for (u32 i = 0; i < PIECES_MAX; i++) {
		if (!read_piece(&piece, &work->call, i))
			return 0;
		work->first_len = piece.len;
		if (piece.len)
			return piece.base;
	}
	return 0;
}

/* Where the last `tail` of the call's bytes are, if they lie in one piece; else 0. */
__noinline u64 last_bytes(u32 tail)
{
	struct work *work = get_work();
	struct user_iovec piece;
	struct call *call;
	u64 before = 0;

	if (!work || work->call.bytes < tail)
		return 0;
	call = &work->call;
	if (!call->pieces)
		return call->base + call->bytes - tail;
	for (u32 i = 0; i < PIECES_MAX; i++) {
		u64 left = call->bytes - before;

		if (!read_piece(&piece, call, i))
			return 0;
		if (piece.len >= left)
			return left >= tail ? piece.base + left - tail : 0;
		before += piece.len;
	}
	return 0;
}

#endif
