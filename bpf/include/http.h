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
