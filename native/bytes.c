// SPDX-License-Identifier: Apache-2.0
/*
 * Bytes and sockets: all that grows has a limit, all that waits a deadline.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <time.h>
#include <unistd.h>

#include "podstamp.h"

enum {
	FIRST_ROOM = 64,
	READ_ROOM = 65536
};

static bool make_room(struct buffer *buffer, size_t more)
{
	size_t room = buffer->room;
	char *at;

	if (more > buffer->limit - buffer->len)
		return false;
	if (more <= room - buffer->len)
		return true;
	while (room - buffer->len < more)
		room = room < FIRST_ROOM ? FIRST_ROOM : room * 2;
	at = realloc(buffer->at, room);
	if (!at)
		return false;
	buffer->at = at;
	buffer->room = room;
	return true;
}

bool add(struct buffer *buffer, const void *at, size_t len)
{
	if (!make_room(buffer, len))
		return false;
	if (len > 0)
		memcpy(buffer->at + buffer->len, at, len);
	buffer->len += len;
	return true;
}

bool add_text(struct buffer *buffer, const char *text)
{
	return add(buffer, text, strlen(text));
}

bool add_char(struct buffer *buffer, char c)
{
	return add(buffer, &c, 1);
}

struct bytes text_of(const char *text)
{
	return (struct bytes){ text, strlen(text) };
}

bool is(struct bytes bytes, const char *text)
{
	return bytes.len == strlen(text) && (bytes.len == 0 || memcmp(bytes.at, text, bytes.len) == 0);
}

int64_t now_ms(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

/* A socket that is connected to a path; -1 where nobody takes the connection at once. */
int open_socket(const char *path)
{
	struct sockaddr_un to = { .sun_family = AF_UNIX };
	int fd;

	if (strlen(path) >= sizeof(to.sun_path))
		return -1;
	memcpy(to.sun_path, path, strlen(path) + 1);
	fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	if (fd < 0)
		return -1;
	if (connect(fd, (struct sockaddr *)&to, sizeof(to)) == 0)
		return fd;
	close(fd);
	return -1;
}

static bool await(int fd, short events, int64_t deadline)
{
	struct pollfd one = { .fd = fd, .events = events };
	int64_t left;
	int ready;

	do {
		left = deadline - now_ms();
		if (left <= 0)
			return false;
		ready = poll(&one, 1, (int)left);
	} while (ready < 0 && errno == EINTR);
	return ready > 0;
}

bool send_all(int fd, struct buffer *what, int64_t deadline)
{
	size_t sent = 0;

	while (sent < what->len) {
		ssize_t one = send(fd, what->at + sent, what->len - sent, MSG_NOSIGNAL);

		if (one > 0)
			sent += (size_t)one;
		else if (one < 0 && errno != EINTR && (errno != EAGAIN || !await(fd, POLLOUT, deadline)))
			return false;
	}
	what->len = 0;
	return true;
}

int64_t receive(int fd, struct buffer *into, int64_t deadline)
{
	for (;;) {
		size_t room = into->limit - into->len;
		ssize_t one;

		if (room > READ_ROOM)
			room = READ_ROOM;
		if (room == 0 || !make_room(into, room))
			return -1;
		one = recv(fd, into->at + into->len, room, 0);
		if (one >= 0) {
			into->len += (size_t)one;
			return one;
		}
		if (errno != EINTR && (errno != EAGAIN || !await(fd, POLLIN, deadline)))
			return -1;
	}
}
