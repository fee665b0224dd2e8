// SPDX-License-Identifier: Apache-2.0
/*
 * The quick way to a list: `podstamp ps` and `podstamp pods` without starting Node, which alone takes as long as crictl
 * does for everything. What this program cannot do, or is not sure of, it leaves to podstamp itself, with the same
 * words and before anything is printed: so there is one place where options, errors and help are put into words.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "podstamp.h"

enum {
	PRINTED_MAX = 8 * 1024 * 1024,
	NARROW = 60,	   /* columns, below which podstamp shows others */
	CANNOT_START = 127 /* as shells have it */
};

/*
 * Starts podstamp itself, as bin/podstamp does: Node with bin/podstamp.mjs of the package that this program is in, as
 * native/build/NAME.
 */
static int hand_over(int argc, char **argv)
{
	static const char script[] = "/bin/podstamp.mjs";
	char path[PATH_MAX];
	ssize_t len = readlink("/proc/self/exe", path, sizeof(path) - sizeof(script));
	char **words = calloc((size_t)argc + 2, sizeof(*words));
	int why;

	for (int up = 0; up < 3 && len > 0; up++)
		while (len > 0 && path[--len] != '/')
			;
	if (len <= 0 || !words) {
		fprintf(stderr, "Cannot start podstamp: must find its package by /proc/self/exe\n");
		return CANNOT_START;
	}
	memcpy(path + len, script, sizeof(script));
	words[0] = "node";
	words[1] = path;
	for (int i = 1; i < argc; i++)
		words[i + 1] = argv[i];
	signal(SIGPIPE, SIG_DFL);
	execvp(words[0], words);
	/* An image has no node on everybody's PATH: its script says where its own is. */
	why = errno;
	if (why == ENOENT)
		execv(path, words + 1);
	fprintf(stderr, "Cannot start podstamp: node: %s\n", strerror(why));
	return CANNOT_START;
}

/* Writes all of it; how much it was where that cannot be done. */
static size_t write_all(int fd, const struct buffer *what)
{
	size_t written = 0;

	while (written < what->len) {
		ssize_t one = write(fd, what->at + written, what->len - written);
		struct pollfd room = { .fd = fd, .events = POLLOUT };

		if (one >= 0)
			written += (size_t)one;
		else if (errno == EAGAIN)
			poll(&room, 1, -1);
		else if (errno != EINTR)
			break;
	}
	return written;
}

/* Prints as podstamp does: a reader that goes away is no error. Gives the exit code, or -1 where podstamp is to say
 * what is wrong. */
static int print(const struct answer *answer)
{
	size_t written;

	signal(SIGPIPE, SIG_IGN);
	write_all(STDERR_FILENO, &answer->err);
	written = write_all(STDOUT_FILENO, &answer->out);
	if (written == answer->out.len || errno == EPIPE)
		return 0;
	if (written == 0 && answer->err.len == 0)
		return -1;
	fprintf(stderr, "Cannot write to standard output: %s\n", strerror(errno));
	return 1;
}

static bool is_set(const char *name)
{
	const char *value = getenv(name);

	return value && *value;
}

/* Whether the three usual files are open: a socket must not become one of them. */
static bool has_streams(void)
{
	for (int fd = 0; fd < 3; fd++)
		if (fcntl(fd, F_GETFD) < 0)
			return false;
	return true;
}

static bool find_columns(int *columns)
{
	struct winsize size;

	*columns = -1;
	if (!isatty(STDOUT_FILENO))
		return true;
	if (ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) < 0)
		return false;
	*columns = size.ws_col;
	return true;
}

/* Asks the only runtime, where that is clear. */
static enum outcome ask_one(const struct question *question, const struct options *options, struct answer *answer)
{
	const char *named = options->endpoint			   ? options->endpoint
			    : is_set("CONTAINER_RUNTIME_ENDPOINT") ? getenv("CONTAINER_RUNTIME_ENDPOINT")
								   : NULL;
	char path[PATH_MAX];

	/* Narrow terminals are given other columns. */
	if (question->columns > 0 && question->columns < NARROW && !options->is_quiet && !options->is_whole)
		return DOUBT;
	return find_runtime(named, path, sizeof(path)) ? ask_runtime(question, options, path, answer) : DOUBT;
}

/* A podstamp that runs is asked first, unless somebody has said here and now which runtime is meant. */
static bool answer_quickly(struct question *question, struct answer *answer)
{
	const char *command = question->words[0];
	struct options options = { 0 };
	bool is_ps = strcmp(command, "ps") == 0;
	bool is_understood = is_ps && read_options(question->words + 1, &options);
	enum outcome outcome = NOBODY;

	if ((!is_ps && strcmp(command, "pods") != 0) || is_set("CRI_CONFIG_FILE"))
		return false;
	if (!has_streams() || !find_columns(&question->columns))
		return false;
	if (!(is_understood && options.endpoint) && !is_set("CONTAINER_RUNTIME_ENDPOINT"))
		outcome = ask_running(question, answer);
	if (outcome == NOBODY && is_understood)
		outcome = ask_one(question, &options, answer);
	return outcome == ANSWERED;
}

int main(int argc, char **argv)
{
	struct question question = { .words = argv + 1 };
	struct answer answer = { .out = { .limit = PRINTED_MAX }, .err = { .limit = PRINTED_MAX } };

	if (argc > 1 && answer_quickly(&question, &answer)) {
		int code = print(&answer);

		if (code >= 0)
			return code;
	}
	return hand_over(argc, argv);
}
