// SPDX-License-Identifier: Apache-2.0
/*
 * Commands on stdin: a line each, words with one space between. What cannot be used is said on stderr and changes
 * nothing.
 *
 *   Before `load`:
 *     set ring_bytes|wake_bytes|latency_ms|connections|args_max|request_max|response_max|signals NUMBER
 *     set backend auto|socket|syscall
 *     set without btf|sock_length|sys_exit        as if the kernel lacked it
 *   At any time:
 *     probe process|tcp|http|oom|signal on|off
 *   In this order:
 *     load                                        loads; failures come as EV_PROBE
 *     start                                       attaches; EV_PROBE for each, EV_CLOCK, EV_READY
 *   After `load`:
 *     probes MASK                                 for cgroups without a filter of their own
 *     cgroup HIER ID MASK | cgroup HIER ID forget
 *     port NUMBER include|exclude|forget
 *     ports all|included
 *     ignore TGID | notice TGID                   as the root PID namespace numbers them
 *     sample http|tcp NUMBER                      2^32 - 1: every connection
 *     rate NUMBER BURST                           HTTP requests a second and cgroup; 0 0: no limit
 *
 * At the end of stdin the loader writes what it has and ends.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "commands.h"

enum {
	LINE_MAX_BYTES = 256,
	WORDS_MAX = 4
};

static char line[LINE_MAX_BYTES];
static size_t line_len;
static outcome broken_line; /* NULL, or why the line cannot be a command whatever is in it */

struct command {
	const char *name;
	int words; /* after the name */
	bool needs_load;
	outcome (*run)(char **words);
};

bool parse(const char *word, u64 max, u64 *value)
{
	char *end;

	errno = 0;
	*value = strtoull(word, &end, 0);
	return *word >= '0' && *word <= '9' && !*end && !errno && *value <= max;
}

bool is_word(const char *word, const char *expected)
{
	return !strcmp(word, expected);
}

static outcome set_backend(const char *word)
{
	if (is_word(word, "auto"))
		settings.backend = BACKEND_NONE;
	else if (is_word(word, "socket"))
		settings.backend = BACKEND_SOCKET;
	else if (is_word(word, "syscall"))
		settings.backend = BACKEND_SYSCALL;
	else
		return "must be auto, socket or syscall";
	return NULL;
}

static outcome set_without(const char *word)
{
	if (is_word(word, "btf"))
		settings.without |= FEATURE_BTF;
	else if (is_word(word, "sock_length"))
		settings.without |= FEATURE_SOCK_LENGTH;
	else if (is_word(word, "sys_exit"))
		settings.without |= FEATURE_SYS_EXIT;
	else
		return "must be btf, sock_length or sys_exit";
	return NULL;
}

static outcome run_set(char **words)
{
	static const struct {
		const char *name;
		u32 *at;
		u32 max;
	} numbers[] = {
		{ "ring_bytes", &settings.ring_bytes, 1u << 30 },
		{ "wake_bytes", &settings.wake_bytes, 1u << 30 },
		{ "latency_ms", &settings.latency_ms, 1000 },
		{ "connections", &settings.connections, 1u << 24 },
		{ "args_max", &settings.args_max, EV_ARGS_MAX },
		{ "request_max", &settings.request_max, EV_DATA_MAX },
		{ "response_max", &settings.response_max, EV_DATA_MAX },
	};
	u64 value;

	if (is_loaded())
		return "must come before load";
	if (is_word(words[0], "backend"))
		return set_backend(words[1]);
	if (is_word(words[0], "without"))
		return set_without(words[1]);
	if (is_word(words[0], "signals"))
		return parse(words[1], ~0ull, &settings.signals) ? NULL : "must be a mask of signals";
	for (size_t i = 0; i < sizeof(numbers) / sizeof(numbers[0]); i++) {
		if (!is_word(words[0], numbers[i].name))
			continue;
		if (!parse(words[1], numbers[i].max, &value))
			return "must be a number within its limit";
		*numbers[i].at = value;
		return NULL;
	}
	return "must name a setting";
}

static outcome run_probe(char **words)
{
	bool on = is_word(words[1], "on");

	if (!on && !is_word(words[1], "off"))
		return "must end with on or off";
	for (u32 id = 0; id < PROBE_COUNT; id++) {
		if (!is_word(words[0], name_of_probe(id)))
			continue;
		switch_probe(id, on);
		return NULL;
	}
	return "must name a probe";
}

static outcome run_load(char **words)
{
	(void)words;
	if (is_loaded())
		return "must come once";
	load_probes();
	return NULL;
}

static outcome run_start(char **words)
{
	(void)words;
	if (is_started())
		return "must come once";
	attach_probes();
	return NULL;
}

static const struct command commands[] = {
	{ "set", 2, false, run_set },	   { "probe", 2, false, run_probe },  { "load", 0, false, run_load },
	{ "start", 0, true, run_start },   { "probes", 1, true, run_probes }, { "cgroup", 3, true, run_cgroup },
	{ "port", 2, true, run_port },	   { "ports", 1, true, run_ports },   { "ignore", 1, true, run_ignore },
	{ "notice", 1, true, run_notice }, { "sample", 2, true, run_sample }, { "rate", 2, true, run_rate },
};

static outcome run(char *text)
{
	char *words[WORDS_MAX] = { 0 }, *rest = NULL, *name = strtok_r(text, " ", &rest);
	int count = 0;

	if (!name)
		return "must be a command";
	for (size_t i = 0; i < sizeof(commands) / sizeof(commands[0]); i++) {
		if (!is_word(name, commands[i].name))
			continue;
		for (char *word = strtok_r(NULL, " ", &rest); word; word = strtok_r(NULL, " ", &rest)) {
			if (count == commands[i].words)
				return "must have fewer words";
			words[count++] = word;
		}
		if (count < commands[i].words)
			return "must have more words";
		if (commands[i].needs_load && !is_loaded())
			return "must come after load";
		/* Where nothing could be loaded there is nothing to filter; that was said. */
		if (commands[i].needs_load && commands[i].run != run_start && map_fd("control") < 0)
			return NULL;
		return commands[i].run(words);
	}
	return "must be a command";
}

static void run_line(void)
{
	char said[LINE_MAX_BYTES];
	outcome broken;

	line[line_len] = 0;
	memcpy(said, line, line_len + 1);
	broken = broken_line ? broken_line : run(line);
	line_len = 0;
	broken_line = NULL;
	if (broken)
		fprintf(stderr, "Cannot use command \"%s\": %s\n", said, broken);
}

static void take_byte(char byte)
{
	if (byte < ' ' || byte > '~')
		broken_line = "must be text";
	else if (line_len < sizeof(line) - 1)
		line[line_len++] = byte;
	else
		broken_line = "must be shorter";
}

bool read_commands(void)
{
	char chunk[4096];
	ssize_t len = read(STDIN_FILENO, chunk, sizeof(chunk));

	if (len < 0)
		return errno == EINTR || errno == EAGAIN;
	for (ssize_t i = 0; i < len; i++) {
		if (chunk[i] == '\n')
			run_line();
		else
			take_byte(chunk[i]);
	}
	return len > 0;
}
