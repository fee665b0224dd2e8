// SPDX-License-Identifier: Apache-2.0
/*
 * Asks the podstamp that runs, over its control socket (src/control/protocol.ts), to make the list: it knows what to
 * show and how, and all that is left here is to print it.
 */
#define _GNU_SOURCE
#include <dirent.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "podstamp.h"

enum {
	ORDER_MAX = 8192,
	ANSWER_MAX = 8 * 1024 * 1024,
	PATIENCE_MS = 1500 /* podstamp itself may give a runtime a second to tell it what is new */
};

/* Where sockets that no file names are, as controlFolder() of src/control/sockets.ts has it. */
static bool control_folder(char *folder, size_t room)
{
	const char *session = getenv("XDG_RUNTIME_DIR");
	bool is_root = getuid() == 0;
	int len;

	if (is_root && session && strncmp(session, "/run/user/", 10) == 0) {
		size_t digits = strspn(session + 10, "0123456789");
		const char *rest = session + 10 + digits;

		/* A folder of a login session, which a service of root's has not. */
		if (digits > 0 && (*rest == 0 || strcmp(rest, "/") == 0))
			session = NULL;
	}
	if (session && *session == '/')
		len = snprintf(folder, room, "%s/podstamp", session);
	else if (is_root)
		len = snprintf(folder, room, "/run/podstamp");
	else
		return false;
	return len > 0 && (size_t)len < room;
}

/* The only socket in the folder. Those that a killed podstamp left are podstamp's to tell from the others, and to
 * remove. */
static enum outcome find_socket(char *path, size_t room)
{
	char folder[PATH_MAX];
	enum outcome found = NOBODY;
	struct dirent *entry;
	DIR *dir;

	if (!control_folder(folder, sizeof(folder)))
		return NOBODY;
	dir = opendir(folder);
	if (!dir)
		return NOBODY;
	while ((entry = readdir(dir)) != NULL) {
		size_t len = strlen(entry->d_name);
		int written;

		if (len < 5 || strcmp(entry->d_name + len - 5, ".sock") != 0)
			continue;
		written = snprintf(path, room, "%s/%s", folder, entry->d_name);
		if (found == ANSWERED || written < 0 || (size_t)written >= room) {
			found = DOUBT;
			break;
		}
		found = ANSWERED;
	}
	closedir(dir);
	return found;
}

/* Words of plain letters, which stand in JSON as they are. */
static bool add_words(struct buffer *order, char **words)
{
	for (char **word = words; *word; word++) {
		if (word > words && !add_char(order, ','))
			return false;
		if (!add_char(order, '"'))
			return false;
		for (const char *c = *word; *c; c++)
			if (*c < ' ' || *c > '~' || *c == '"' || *c == '\\' || !add_char(order, *c))
				return false;
		if (!add_char(order, '"'))
			return false;
	}
	return true;
}

static bool write_order(struct buffer *order, const struct question *question)
{
	char columns[16];

	if (question->columns < 0)
		strcpy(columns, "null");
	else
		snprintf(columns, sizeof(columns), "%d", question->columns);
	return add_text(order, "{\"protocol\":1,\"order\":\"list\",\"words\":[") && add_words(order, question->words) &&
	       add_text(order, "],\"columns\":") && add_text(order, columns) && add_text(order, "}\n");
}

static bool skip(struct bytes *rest, const char *text)
{
	size_t len = strlen(text);

	if (rest->len < len || memcmp(rest->at, text, len) != 0)
		return false;
	rest->at += len;
	rest->len -= len;
	return true;
}

/*
 * A string of JSON up to its quotation mark, which goes to `into`: plain letters, ends of lines, and what stands where
 * a cell was cut. Whoever says more is left to podstamp, which knows what a terminal may be given.
 */
static bool take_string(struct bytes *rest, struct buffer *into)
{
	static const char ellipsis[] = "\xe2\x80\xa6";

	while (rest->len > 0) {
		char c = *rest->at;

		rest->at++;
		rest->len--;
		if (c == '"')
			return true;
		if (c == '\\') {
			if (rest->len == 0)
				return false;
			c = *rest->at == 'n' ? '\n' : *rest->at;
			if (c != '\n' && c != '"' && c != '\\')
				return false;
			rest->at++;
			rest->len--;
		} else if (rest->len > 1 && memcmp(rest->at - 1, ellipsis, sizeof(ellipsis) - 1) == 0) {
			rest->at += 2;
			rest->len -= 2;
			if (!add(into, ellipsis, sizeof(ellipsis) - 1))
				return false;
			continue;
		} else if (c < ' ' || c > '~') {
			return false;
		}
		if (!add_char(into, c))
			return false;
	}
	return false;
}

/* Reads the whole answer; anything that is no list of a podstamp of this protocol is a doubt, and so is a refusal. */
static bool read_answer(struct bytes rest, struct answer *answer)
{
	const char *end_of_first = rest.len > 0 ? memchr(rest.at, '\n', rest.len) : NULL;
	static const char greeting[] = "{\"podstamp\":\"";
	static const char protocol[] = "\",\"protocol\":1}";
	size_t first;

	if (!end_of_first || !skip(&rest, greeting))
		return false;
	first = (size_t)(end_of_first - rest.at);
	if (first < sizeof(protocol) - 1 || memchr(rest.at, '"', first) != end_of_first - (sizeof(protocol) - 1))
		return false;
	rest.at += first - (sizeof(protocol) - 1);
	rest.len -= first - (sizeof(protocol) - 1);
	if (!skip(&rest, protocol) || !skip(&rest, "\n"))
		return false;
	for (;;) {
		struct buffer *into;

		if (skip(&rest, "{\"end\":{\"ok\":true,\"lines\":[]}}\n"))
			return rest.len == 0;
		if (skip(&rest, "{\"item\":{\"out\":\""))
			into = &answer->out;
		else if (skip(&rest, "{\"item\":{\"err\":\""))
			into = &answer->err;
		else
			return false;
		if (!take_string(&rest, into) || !skip(&rest, "}}\n"))
			return false;
	}
}

enum outcome ask_running(const struct question *question, struct answer *answer)
{
	struct buffer order = { .limit = ORDER_MAX };
	struct buffer said = { .limit = ANSWER_MAX };
	int64_t deadline = now_ms() + PATIENCE_MS;
	char path[PATH_MAX];
	enum outcome found = find_socket(path, sizeof(path));
	int64_t more = 0;
	int fd;

	if (found != ANSWERED)
		return found;
	if (!write_order(&order, question))
		return DOUBT;
	fd = open_socket(path);
	if (fd < 0)
		return DOUBT;
	if (send_all(fd, &order, deadline))
		do
			more = receive(fd, &said, deadline);
		while (more > 0);
	else
		more = -1;
	close(fd);
	return more == 0 && read_answer((struct bytes){ said.at, said.len }, answer) ? ANSWERED : DOUBT;
}
