/* SPDX-License-Identifier: (GPL-2.0-only OR BSD-2-Clause) */
/* What the first bytes of a chunk say. Nothing else of HTTP is read in the kernel: that is user space's. */
#ifndef PODSTAMP_HTTP_H
#define PODSTAMP_HTTP_H

#include "kernel.h"

/* The bytes that are looked at, as little-endian words. */
struct opening {
	u32 word[4];
};

enum opening_kind {
	OPENING_UNKNOWN = 0,
	OPENING_REQUEST = 1,
	OPENING_CONNECT = 2,
	OPENING_RESPONSE = 3,
	/* Surely something else: TLS, or HTTP/2 from its first byte. */
	OPENING_OTHER = 4,
};

#define WORD(a, b, c, d) ((u32)(a) | (u32)(b) << 8 | (u32)(c) << 16 | (u32)(d) << 24)

static __always_inline enum opening_kind kind_of(const struct opening *o)
{
	u32 next = o->word[1];

	switch (o->word[0]) {
	case WORD('H', 'T', 'T', 'P'):
		return (next & 0xffffff) == WORD('/', '1', '.', 0) ? OPENING_RESPONSE : OPENING_UNKNOWN;
	case WORD('G', 'E', 'T', ' '):
	case WORD('P', 'U', 'T', ' '):
		return OPENING_REQUEST;
	case WORD('P', 'O', 'S', 'T'):
	case WORD('H', 'E', 'A', 'D'):
		return (next & 0xff) == ' ' ? OPENING_REQUEST : OPENING_UNKNOWN;
	case WORD('P', 'A', 'T', 'C'):
		return (next & 0xffff) == WORD('H', ' ', 0, 0) ? OPENING_REQUEST : OPENING_UNKNOWN;
	case WORD('T', 'R', 'A', 'C'):
		return (next & 0xffff) == WORD('E', ' ', 0, 0) ? OPENING_REQUEST : OPENING_UNKNOWN;
	case WORD('D', 'E', 'L', 'E'):
		return (next & 0xffffff) == WORD('T', 'E', ' ', 0) ? OPENING_REQUEST : OPENING_UNKNOWN;
	case WORD('O', 'P', 'T', 'I'):
		return next == WORD('O', 'N', 'S', ' ') ? OPENING_REQUEST : OPENING_UNKNOWN;
	case WORD('C', 'O', 'N', 'N'):
		return next == WORD('E', 'C', 'T', ' ') ? OPENING_CONNECT : OPENING_UNKNOWN;
	case WORD('P', 'R', 'I', ' '):
		return OPENING_OTHER;
	}
	/* A TLS handshake record, of any version. */
	return (o->word[0] & 0xffff) == WORD(0x16, 0x03, 0, 0) ? OPENING_OTHER : OPENING_UNKNOWN;
}

/* Whether so few bytes, 1 to 7, are how a message that kind_of() knows may begin. */
static __always_inline bool may_begin(u64 bytes, u32 count)
{
	u64 mask = (1ull << count * 8) - 1;

#define BEGINS(a, b, c, d, e, f, g, h) (!((bytes ^ (WORD(a, b, c, d) | (u64)WORD(e, f, g, h) << 32)) & mask))
	return BEGINS('G', 'E', 'T', ' ', 0, 0, 0, 0) || BEGINS('P', 'U', 'T', ' ', 0, 0, 0, 0) ||
	       BEGINS('P', 'O', 'S', 'T', ' ', 0, 0, 0) || BEGINS('H', 'E', 'A', 'D', ' ', 0, 0, 0) ||
	       BEGINS('P', 'A', 'T', 'C', 'H', ' ', 0, 0) || BEGINS('T', 'R', 'A', 'C', 'E', ' ', 0, 0) ||
	       BEGINS('D', 'E', 'L', 'E', 'T', 'E', ' ', 0) || BEGINS('O', 'P', 'T', 'I', 'O', 'N', 'S', ' ') ||
	       BEGINS('C', 'O', 'N', 'N', 'E', 'C', 'T', ' ') || BEGINS('H', 'T', 'T', 'P', '/', '1', '.', 0);
#undef BEGINS
}

/* "HTTP/1.1 200": the status' digits are bytes 9 to 11. */
static __always_inline bool is_interim(const struct opening *o)
{
	return (o->word[2] >> 8 & 0xff) == '1';
}

static __always_inline bool is_switching(const struct opening *o)
{
	return o->word[2] >> 8 == WORD('1', '0', '1', 0);
}

static __always_inline bool is_success(const struct opening *o)
{
	return (o->word[2] >> 8 & 0xff) == '2';
}

#endif
