// SPDX-License-Identifier: Apache-2.0
/*
 * podstamp-probes: holds the privilege so that podstamp needs none. It loads the probes it is told to, passes the
 * ring's records on to stdout, takes commands on stdin (commands.c), and ends with its parent or with stdin, whichever
 * is first.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "loader.h"

enum {
	TICK_MS = 250,
	STATS_NS = 1000000000,
	IDLE_TICKS = 10
};

static bool prepare(int parent)
{
	raise_memlock();
	/* A reader that has gone is an error of write(). */
	signal(SIGPIPE, SIG_IGN);
	return open_stream() && drop_privileges() && die_with_parent(parent) && forbid_system_calls();
}

/* Lets a little gather, so that records travel in company: after a wake-up the next is this much later. */
static void gather(void)
{
	struct timespec pause = { .tv_nsec = settings.latency_ms * 1000000l };

	if (settings.latency_ms == 1000)
		pause = (struct timespec){ .tv_sec = 1 };
	(void)clock_nanosleep(CLOCK_MONOTONIC, 0, &pause, NULL);
}

/* Each second what has changed, each tenth all and the clocks. */
static void tick(void)
{
	static u64 next;
	static int seconds;
	u64 time = now(CLOCK_MONOTONIC);
	bool is_tenth;

	if (!is_started() || time < next)
		return;
	next = time + STATS_NS;
	is_tenth = seconds++ % IDLE_TICKS == 0;
	send_stats(is_tenth);
	if (is_tenth)
		send_clock();
}

/* False when it is time to end. */
static bool turn(void)
{
	struct pollfd fds[] = {
		{ .fd = STDIN_FILENO, .events = POLLIN },
		{ .fd = STDOUT_FILENO },
		{ .fd = stream_fd(), .events = POLLIN },
	};

	if (poll(fds, 3, TICK_MS) < 0 && errno != EINTR)
		return false;
	if (fds[1].revents & (POLLERR | POLLHUP))
		return false;
	if (fds[0].revents && !read_commands())
		return false;
	if (fds[2].revents)
		gather();
	tick();
	return pump();
}

int main(void)
{
	int parent = getppid();

	if (!prepare(parent))
		return 1;
	watch_libbpf();
	send_hello();
	if (!flush())
		return 0;
	while (turn())
		;
	drain();
	if (is_started())
		send_stats(true);
	flush();
	close_probes();
	return 0;
}
