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

/*
 * While records come it looks at the ring every few ms, so that they travel in company and nobody has to wake it; else
 * each tick, and when the ring fills before that. False when it is time to end.
 */
static bool turn(void)
{
	struct pollfd fds[] = {
		{ .fd = STDIN_FILENO, .events = POLLIN },
		{ .fd = STDOUT_FILENO },
		/* Its state is "readable" with the first record: while these gather it is not asked. */
		{ .fd = stream_state() == STREAM_IDLE ? stream_fd() : -1, .events = POLLIN },
	};
	int pauses_ms[] = { [STREAM_IDLE] = TICK_MS, [STREAM_BUSY] = settings.latency_ms, [STREAM_FULL] = 0 };

	if (poll(fds, 3, pauses_ms[stream_state()]) < 0 && errno != EINTR)
		return false;
	if (fds[1].revents & (POLLERR | POLLHUP))
		return false;
	if (fds[0].revents && !read_commands())
		return false;
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
