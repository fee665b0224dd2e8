/* SPDX-License-Identifier: (GPL-2.0-only OR BSD-2-Clause) */
/* What the first bytes of a chunk say. Nothing else of HTTP is read in the kernel: that is user space's. */
#ifndef PODSTAMP_HTTP_H
#define PODSTAMP_HTTP_H

#include "kernel.h"

/* The bytes that are looked at, as little-endian words. */
struct opening {
	u32 word[4];
};

enum {
	OPENING_BYTES = sizeof(struct opening),
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

enum {
	/* Of methods that are not listed in listed_kind_of(): with a space and the first byte of the target they fit
	 * in. */
	METHOD_MIN = 3,
	METHOD_MAX = OPENING_BYTES - 2,
};

/* Capitals, and the hyphen of VERSION-CONTROL. */
static __always_inline bool is_of_method(u8 byte)
{
	return (byte >= 'A' && byte <= 'Z') || byte == '-';
}

/* Such as PROPFIND: a method, a space, and what a path, a * or a whole URL begins with. */
static __always_inline bool is_other_request(const struct opening *o)
{
	const u8 *bytes = (const u8 *)o->word;
	u32 at = 0;

	while (at < METHOD_MAX && is_of_method(bytes[at]))
		at++;
	return at >= METHOD_MIN && bytes[at] == ' ' &&
	       (bytes[at + 1] == '/' || bytes[at + 1] == '*' || bytes[at + 1] == 'h');
}

/* What begins as the usual messages do. */
static __always_inline enum opening_kind listed_kind_of(const struct opening *o)
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
	/* The header of the PROXY protocol, versions 1 and 2, and what stands behind it. */
	case WORD('P', 'R', 'O', 'X'):
		return (next & 0xffff) == WORD('Y', ' ', 0, 0) ? OPENING_REQUEST : OPENING_UNKNOWN;
	case WORD('\r', '\n', '\r', '\n'):
		return next == WORD(0, '\r', '\n', 'Q') ? OPENING_REQUEST : OPENING_UNKNOWN;
	case WORD('P', 'R', 'I', ' '):
		return OPENING_OTHER;
	}
	/* A TLS handshake record, of any version. */
	return (o->word[0] & 0xffff) == WORD(0x16, 0x03, 0, 0) ? OPENING_OTHER : OPENING_UNKNOWN;
}

static __always_inline enum opening_kind kind_of(const struct opening *o)
{
	enum opening_kind kind = listed_kind_of(o);

	return kind == OPENING_UNKNOWN && is_other_request(o) ? OPENING_REQUEST : kind;
}

/* Whether so few bytes, 1 to 7, are how a message that kind_of() knows may begin. */
static __always_inline bool may_begin(u64 bytes, u32 count)
{
	const u64 version = WORD('H', 'T', 'T', 'P') | (u64)WORD('/', '1', '.', 0) << 32;
	u32 at = 0;

	if (!((bytes ^ version) & ((1ull << count * 8) - 1)))
		return true;
	while (at < 7 && at < count && is_of_method(bytes >> at * 8))
		at++;
	return at == count || (at == count - 1 && at >= METHOD_MIN && (bytes >> at * 8 & 0xff) == ' ');
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
