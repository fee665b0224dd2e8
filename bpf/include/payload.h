/* SPDX-License-Identifier: (GPL-2.0-only OR BSD-2-Clause) */
/*
 * The bytes that a system call has just moved, read where user space keeps them: the kernel has copied them a moment
 * ago, so the pages are there.
 */
#ifndef PODSTAMP_PAYLOAD_H
#define PODSTAMP_PAYLOAD_H

#include "http.h"
#include "ring.h"

enum {
	/* Vectors longer than these are cut. Node writes four pieces for each chunk of a body. */
	PIECES_MAX = 64,
	/* The end of a body of chunks, with the line break before it. */
	TAIL_BYTES = 7,
	/* A chunk of as many bytes is read at once, and one that is longer only if something is to be said of it: each
	 * read costs more than its bytes. */
	WHOLE_MAX = 1024,
	/* Bytes of a head that is read in pieces which are kept until it can be told: one less than the longest
	 * beginning that is looked at, "CONNECT ". */
	SHIFT_MAX = 7,
};

/* A system call on a socket at its end. */
struct call {
	u64 sk; /* the address of its struct sock */
	u64 ts;
	u64 base;   /* of the buffer */
	u32 pieces; /* of the vector, in the work; 0: there is one buffer */
	u32 bytes;  /* moved */
	long nr;
	u8 direction;
	u8 is_readable; /* where the bytes are is known */
};

/* What one call is worked on with. */
struct work {
	struct call call;
	struct user_iovec vector[PIECES_MAX];
	char tail[2 * (TAIL_BYTES + 1)];
	u32 got;   /* bytes of the call in the record; in memory, of which the verifier remembers nothing */
	u32 shift; /* bytes before them in the record, which other calls had brought */
	u32 is_busy;
	struct ev_http e;		     /* under construction */
	char slack[EV_DATA_MAX + SHIFT_MAX]; /* so that the verifier need not know where exactly a piece ends */
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

/* Where the bytes of the call stand in the record. */
static __always_inline char *own_data(struct work *work)
{
	u64 shift = work->shift;

	BOUND(shift, SHIFT_MAX);
	return work->e.data + shift;
}

/* Reads the vector in one go. */
static __always_inline void locate_vector(struct work *work, u64 at, u64 pieces)
{
	u64 len;

	if (pieces > PIECES_MAX)
		pieces = PIECES_MAX;
	len = pieces * sizeof(struct user_iovec);
	BOUND(len, (int)sizeof(work->vector));
	work->call.pieces = pieces;
	work->call.is_readable = len && !bpf_probe_read_user(work->vector, len, (void *)at);
}

static __always_inline void locate_message(struct work *work, u64 message)
{
	struct user_msghdr header;

	if (!bpf_probe_read_user(&header, sizeof(header), (void *)message))
		locate_vector(work, header.iov, header.iov_len);
}

/* Finds the buffer of a call with these arguments; it stays unreadable where the kernel took the bytes from elsewhere.
 */
static __always_inline void locate(struct work *work, u64 arg1, u64 arg2)
{
	struct call *call = &work->call;

	call->pieces = 0;
	call->is_readable = 0;
	switch (call->nr) {
	case NR_read:
	case NR_write:
	case NR_sendto:
	case NR_recvfrom:
		call->base = arg1;
		call->is_readable = 1;
		return;
	case NR_readv:
	case NR_writev:
	case NR_preadv2:
	case NR_pwritev2:
		locate_vector(work, arg1, arg2);
		return;
	case NR_sendmsg:
	case NR_recvmsg:
		locate_message(work, arg1);
		return;
	case NR_sendmmsg:
	case NR_recvmmsg:
		/* Which of several messages has just been sent, nobody tells. */
		if (arg2 == 1)
			locate_message(work, arg1);
		return;
	}
}

/*
 * The two below are global, so that the verifier looks at each once and not for every way that leads to it.
 * Until 5.12 such functions take no pointers, so they find the call themselves.
 */

/* Copies the first `max` bytes of a vector into the record. */
__noinline int copy_pieces(u32 max)
{
	struct work *work = get_work();
	volatile u32 *got;
	u64 wanted = max;

	if (!work)
		return 0;
	got = &work->got;
	BOUND(wanted, EV_DATA_MAX);
	for (u32 i = 0; i < PIECES_MAX && i < work->call.pieces; i++) {
		u64 at = *got, len = work->vector[i].len;

		if (at >= wanted)
			break;
		if (len > wanted - at)
			len = wanted - at;
		BOUND(len, EV_DATA_MAX);
		BOUND(at, EV_DATA_MAX);
		if (len && bpf_probe_read_user(own_data(work) + at, len, (void *)work->vector[i].base))
			break;
		*got = at + len;
	}
	return 0;
}

/* Copies the first `max` of the call's bytes into the record, as far as it has not got them. Says how many it has. */
static __always_inline u64 copy_payload(struct work *work, u32 max)
{
	const struct call *call = &work->call;
	u64 wanted = max < call->bytes ? max : call->bytes;

	if (work->got >= wanted)
		return wanted;
	work->got = 0;
	BOUND(wanted, EV_DATA_MAX);
	if (call->pieces)
		copy_pieces(wanted);
	else if (!bpf_probe_read_user(own_data(work), wanted, (void *)call->base))
		work->got = wanted;
	return work->got;
}

/* Reads the last bytes of the call into the work's tail, where they lie in one piece or in two. Says whether it could.
 */
__noinline int read_tail(void)
{
	struct work *work = get_work();
	struct user_iovec piece = {}, before = {};
	bool is_found;
	u64 left, rest;

	if (!work || work->call.bytes < TAIL_BYTES)
		return 0;
	left = work->call.bytes;
	is_found = !work->call.pieces;
	piece.base = work->call.base;
	for (u32 i = 0; i < PIECES_MAX && i < work->call.pieces; i++) {
		before = piece;
		piece = work->vector[i];
		is_found = piece.len >= left;
		if (is_found)
			break;
		left -= piece.len;
		piece.base += piece.len;
	}
	if (!is_found)
		return 0;
	if (left >= TAIL_BYTES)
		return !bpf_probe_read_user(work->tail, TAIL_BYTES, (void *)(piece.base + left - TAIL_BYTES));
	rest = TAIL_BYTES - left;
	if (before.len < rest)
		return 0;
	BOUND(rest, TAIL_BYTES);
	BOUND(left, TAIL_BYTES);
	return !bpf_probe_read_user(work->tail, rest, (void *)(before.base - rest)) &&
	       !bpf_probe_read_user(work->tail + rest, left, (void *)piece.base);
}

#endif
