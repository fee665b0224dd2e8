/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What the files of this program share. Whatever one of them cannot do, or is not sure of, it says with false or DOUBT;
 * nothing is printed then, and podstamp itself is started with the same words.
 */
#ifndef PODSTAMP_H
#define PODSTAMP_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Bytes of somebody else. */
struct bytes {
	const char *at;
	size_t len;
};

/* Bytes that grow, up to `limit`; they are never given back, since this program ends soon. */
struct buffer {
	char *at;
	size_t len;
	size_t room;
	size_t limit;
};

bool add(struct buffer *buffer, const void *at, size_t len);
bool add_text(struct buffer *buffer, const char *text);
bool add_char(struct buffer *buffer, char c);
struct bytes text_of(const char *text);
bool is(struct bytes bytes, const char *text);

/* Sockets: a deadline is of the monotonic clock, in milliseconds. */
int64_t now_ms(void);
int open_socket(const char *path);
bool send_all(int fd, struct buffer *what, int64_t deadline);
/* Reads once; the number of bytes, 0 at the end, -1 for a doubt. */
int64_t receive(int fd, struct buffer *into, int64_t deadline);

/* What was asked for. */
struct question {
	char **words; /* the command and its arguments, which end with NULL */
	/* Width of the terminal behind standard output; -1 where it is none, and nothing is cut. */
	int columns;
};

/* What is to be printed. */
struct answer {
	struct buffer out;
	struct buffer err;
};

enum outcome {
	ANSWERED,
	NOBODY, /* is there to be asked */
	DOUBT
};

/* Lets the only podstamp of this user's that runs make the list. */
enum outcome ask_running(const struct question *question, struct answer *answer);

#endif
