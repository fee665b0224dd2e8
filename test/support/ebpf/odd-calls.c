// SPDX-License-Identifier: Apache-2.0
/*
 * Asks for /0/3/WAY at 127.0.0.1:PORT and sends the request in one of the ways that the HTTP probe counts and does not
 * read:
 *
 *   odd-calls PORT uring|mmsg|splice|compat
 *
 * The answer is read in the ordinary way. Ends with 77 where the kernel has no such call.
 */
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/io_uring.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <unistd.h>

enum {
	SKIP = 77
};

static void fail(const char *what)
{
	perror(what);
	exit(errno == ENOSYS || errno == EPERM ? SKIP : 1);
}

static void send_by_uring(int fd, const char *text, size_t len)
{
	struct io_uring_params p = { 0 };
	int ring = syscall(SYS_io_uring_setup, 4, &p);
	struct io_uring_sqe *entries;
	unsigned int *array;
	char *queue;

	if (ring < 0)
		fail("io_uring_setup");
	queue = mmap(NULL, p.sq_off.array + p.sq_entries * sizeof(*array), PROT_READ | PROT_WRITE, MAP_SHARED, ring,
		     IORING_OFF_SQ_RING);
	entries =
		mmap(NULL, p.sq_entries * sizeof(*entries), PROT_READ | PROT_WRITE, MAP_SHARED, ring, IORING_OFF_SQES);
	if (queue == MAP_FAILED || entries == MAP_FAILED)
		fail("mmap");
	array = (unsigned int *)(queue + p.sq_off.array);
	memset(&entries[0], 0, sizeof(entries[0]));
	entries[0].opcode = IORING_OP_SEND;
	entries[0].fd = fd;
	entries[0].addr = (unsigned long)text;
	entries[0].len = len;
	array[0] = 0;
	__atomic_store_n((unsigned int *)(queue + p.sq_off.tail), 1, __ATOMIC_RELEASE);
	if (syscall(SYS_io_uring_enter, ring, 1, 1, IORING_ENTER_GETEVENTS, NULL, 0) != 1)
		fail("io_uring_enter");
}

static void send_by_mmsg(int fd, const char *text, size_t len)
{
	struct iovec parts[2] = { { (void *)text, 20 }, { (void *)(text + 20), len - 20 } };
	struct mmsghdr messages[2] = {
		{ .msg_hdr = { .msg_iov = &parts[0], .msg_iovlen = 1 } },
		{ .msg_hdr = { .msg_iov = &parts[1], .msg_iovlen = 1 } },
	};

	if (sendmmsg(fd, messages, 2, 0) != 2)
		fail("sendmmsg");
}

static void send_by_splice(int fd, const char *text, size_t len)
{
	int ends[2];

	if (pipe(ends) || write(ends[1], text, len) != (ssize_t)len ||
	    splice(ends[0], NULL, fd, NULL, len, 0) != (ssize_t)len)
		fail("splice");
}

/* As a program of 32 bits does: its call number and its registers. */
static void send_by_compat(int fd, const char *text, size_t len)
{
#if defined(__x86_64__)
	char *low = mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_32BIT, -1, 0);
	long result;

	if (low == MAP_FAILED)
		fail("mmap");
	memcpy(low, text, len);
	__asm__ volatile("int $0x80"
			 : "=a"(result)
			 : "a"(4), "b"(fd), "c"(low), "d"(len)
			 : "memory", "r8", "r9", "r10", "r11");
	if (result == (long)len)
		return;
	errno = -result;
	fail("write by int 0x80");
#else
	(void)fd, (void)text, (void)len;
	exit(SKIP);
#endif
}

int main(int count, char **args)
{
	struct sockaddr_in to = { .sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
	const char *way = count > 2 ? args[2] : "";
	char text[128], answer[512];
	int fd = socket(AF_INET, SOCK_STREAM, 0), len;

	to.sin_port = htons(count > 1 ? atoi(args[1]) : 0);
	if (fd < 0 || connect(fd, (struct sockaddr *)&to, sizeof(to)))
		fail("connect");
	len = snprintf(text, sizeof(text), "GET /0/3/%s HTTP/1.1\r\nHost: x\r\n\r\n", way);
	if (!strcmp(way, "uring"))
		send_by_uring(fd, text, len);
	else if (!strcmp(way, "mmsg"))
		send_by_mmsg(fd, text, len);
	else if (!strcmp(way, "splice"))
		send_by_splice(fd, text, len);
	else
		send_by_compat(fd, text, len);
	if (read(fd, answer, sizeof(answer)) <= 0)
		fail("read");
	close(fd);
	return 0;
}
