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

/* One connection to a server of gRPC. */
struct connection {
	int fd;
	struct buffer out; /* what is to be sent next */
	struct buffer in;  /* all that came */
	size_t taken;	   /* of that */
	uint32_t stream;   /* of the next call */
	int64_t deadline;
};

enum call_status {
	PENDING,
	OK,
	UNIMPLEMENTED,
	FAILED
};

struct call {
	const char *path;
	const char *namespace; /* of containerd; NULL for none */
	struct bytes request;
	enum call_status status;
	struct bytes message; /* the answer, where the status is OK */
	/* Until then. */
	uint32_t stream;
	bool is_begun;
	struct buffer answer;
};

bool open_connection(struct connection *connection, const char *path, int64_t deadline);
/* Makes all calls at once, and waits until each has a status. */
bool make_calls(struct connection *connection, struct call *calls, size_t count);

/* A part of a message of protobuf: a number, or octets where `is_text`. */
struct part {
	uint32_t field;
	bool is_text;
	uint64_t number;
	struct bytes text;
};

bool take_part(struct bytes *rest, struct part *part);

/* Where a field goes that may stand once in a message; one that goes nowhere is a message or map that must only be
 * whole. */
struct place {
	uint32_t field;
	struct bytes *text;
	uint64_t *number;
};

/* Reads a whole message into its places; other fields are passed over. */
bool read_places(struct bytes message, const struct place *places, size_t count);
#define READ_PLACES(message, places) read_places(message, places, sizeof(places) / sizeof((places)[0]))

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

/* 64 digits are an image's ID, and of a runtime what begins like an algorithm is, too: never a name. */
bool is_image_id(struct bytes text);
/* The image of that reference as it is shown; false where it is none by name, or a rare one. */
bool image_name(struct bytes reference, struct bytes *shown);

/* What is asked of a runtime. */
struct options {
	bool is_all;	      /* not only what runs */
	bool is_quiet;	      /* IDs alone */
	bool is_whole;	      /* IDs are not cut */
	const char *endpoint; /* that was named; NULL for none */
};

/* Reads the words behind `ps`; false where one of them is not among the few that are understood here. */
bool read_options(char **words, struct options *options);
/* The path of the socket of the only runtime that is meant; false where it is not clear which one that is. */
bool find_runtime(const char *endpoint, char *path, size_t room);
/* Lists the containers of the runtime at a socket. */
enum outcome ask_runtime(const struct question *question, const struct options *options, const char *path,
			 struct answer *answer);

enum {
	COLUMNS = 7
};

/* Set as columns, two spaces apart, as src/cli/terminal does it; `rows` includes the header, `width` is the terminal's,
 * or -1. */
bool print_table(struct buffer *out, struct bytes (*rows)[COLUMNS], size_t count, int width);

#endif
