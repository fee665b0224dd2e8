// SPDX-License-Identifier: Apache-2.0
/*
 * The few options that are understood here, and which runtime is meant, where that is plain (src/cli/node/runtimes.ts).
 */
#define _GNU_SOURCE
#include <dirent.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "podstamp.h"

/* Where runtimes usually listen: {path, whether it speaks CRI}, from src/runtimes/discovery/known-sockets.ts. */
static const struct {
	const char *path;
	bool speaks_cri;
} known_sockets[] = { KNOWN_SOCKETS };

/* The value behind one of these, in the same word or the next; NULL where there is none. */
static const char *value_of(char ***word)
{
	static const char *const names[] = { "-r", "--runtime-endpoint" };

	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		size_t len = strlen(names[i]);

		if (strncmp(**word, names[i], len) != 0)
			continue;
		if ((**word)[len] == '=')
			return **word + len + 1;
		if ((**word)[len] == 0 && (*word)[1])
			return *++*word;
	}
	return NULL;
}

bool read_options(char **words, struct options *options)
{
	for (char **word = words; *word; word++) {
		if (strcmp(*word, "-a") == 0 || strcmp(*word, "--all") == 0)
			options->is_all = true;
		else if (strcmp(*word, "-q") == 0 || strcmp(*word, "--quiet") == 0)
			options->is_quiet = true;
		else if (strcmp(*word, "--no-trunc") == 0)
			options->is_whole = true;
		else if (options->endpoint || !(options->endpoint = value_of(&word)))
			return false;
	}
	return true;
}

/* The path of an endpoint of unix://, by whose name nothing but CRI is to be expected. */
static bool socket_path(const char *endpoint, char *path, size_t room)
{
	const char *name;

	if (strncmp(endpoint, "unix://", 7) == 0)
		endpoint += 7;
	name = strrchr(endpoint, '/');
	if (*endpoint != '/' || strlen(endpoint) >= room || strstr(name, "podman") || strstr(name, "docker"))
		return false;
	strcpy(path, endpoint);
	return true;
}

/* A line `key: value` of a YAML that has nothing else; false for any other. An empty one and a comment have no key. */
static bool read_line(char *line, char **key, char **value)
{
	static const char beginnings[] = "/0123456789abcdefghijklmnopqrstuvwxyz";
	size_t len = strspn(line, "abcdefghijklmnopqrstuvwxyz-");

	*key = NULL;
	if (*line == 0 || *line == '#')
		return true;
	if (*line == '-' || len == 0 || strncmp(line + len, ": ", 2) != 0)
		return false;
	*key = line;
	line[len] = 0;
	*value = line + len + 2;
	*value += strspn(*value, " ");
	len = strlen(*value);
	if (len > 1 && **value == '"' && (*value)[len - 1] == '"') {
		(*value)[len - 1] = 0;
		(*value)++;
	} else if (len == 0 || (*value)[len - 1] == ':' || !strchr(beginnings, **value)) {
		return false;
	}
	len = strlen(*value);
	return strspn(*value, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789/._-:") == len;
}

/* What crictl's file names, NULL where there is none or it names none; false where that is not plain. */
static bool endpoint_of_file(char *text, size_t room, const char **endpoint)
{
	static const char *const keys[] = { "runtime-endpoint",	    "image-endpoint",	  "timeout", "debug",
					    "pull-image-on-create", "disable-pull-on-run" };
	int fd = open("/etc/crictl.yaml", O_RDONLY | O_CLOEXEC | O_NONBLOCK);
	char *line = text, *key, *value;
	unsigned seen = 0;
	ssize_t len;

	*endpoint = NULL;
	if (fd < 0)
		return true;
	len = read(fd, text, room - 1);
	close(fd);
	if (len < 0 || (size_t)len == room - 1 || memchr(text, 0, (size_t)len))
		return false;
	for (text[len] = 0; line;) {
		char *end = strchr(line, '\n');
		unsigned i = 0;

		if (end)
			*end++ = 0;
		if (!read_line(line, &key, &value))
			return false;
		line = end;
		if (!key)
			continue;
		while (i < sizeof(keys) / sizeof(keys[0]) && strcmp(key, keys[i]) != 0)
			i++;
		if (i == sizeof(keys) / sizeof(keys[0]) || seen & 1u << i)
			return false;
		seen |= 1u << i;
		if (i == 0 && *value)
			*endpoint = value;
	}
	return true;
}

/* Sockets that were found: the first one, and whether it is not the only one or none to be asked here. */
struct found {
	char *path;
	size_t room;
	bool is_doubt;
	bool is_there;
	dev_t device;
	ino_t inode;
};

static void look_at(struct found *found, const char *path, bool speaks_cri)
{
	struct stat its;

	if (stat(path, &its) < 0 || !S_ISSOCK(its.st_mode))
		return;
	if (found->is_there && its.st_dev == found->device && its.st_ino == found->inode)
		return;
	if (found->is_there || !speaks_cri || strlen(path) >= found->room) {
		found->is_doubt = true;
		return;
	}
	strcpy(found->path, path);
	found->is_there = true;
	found->device = its.st_dev;
	found->inode = its.st_ino;
}

/* Each folder that the star of a path stands for. */
static void look_at_each(struct found *found, const char *path, const char *star, bool speaks_cri)
{
	char folder[PATH_MAX], place[PATH_MAX];
	struct dirent *entry;
	DIR *dir;

	snprintf(folder, sizeof(folder), "%.*s", (int)(star - path), path);
	dir = opendir(folder);
	if (!dir)
		return;
	while ((entry = readdir(dir)) != NULL)
		if (*entry->d_name != '.' &&
		    snprintf(place, sizeof(place), "%s%s%s", folder, entry->d_name, star + 1) < (int)sizeof(place))
			look_at(found, place, speaks_cri);
	closedir(dir);
}

/* The only socket of this machine at a known place, under whatever names. */
static bool find_known(char *path, size_t room)
{
	struct found found = { .path = path, .room = room };

	for (size_t i = 0; i < sizeof(known_sockets) / sizeof(known_sockets[0]); i++) {
		const char *star = strchr(known_sockets[i].path, '*');

		if (star)
			look_at_each(&found, known_sockets[i].path, star, known_sockets[i].speaks_cri);
		else
			look_at(&found, known_sockets[i].path, known_sockets[i].speaks_cri);
	}
	return found.is_there && !found.is_doubt;
}

bool find_runtime(const char *endpoint, char *path, size_t room)
{
	char text[4096];

	if (!endpoint && !endpoint_of_file(text, sizeof(text), &endpoint))
		return false;
	return endpoint ? socket_path(endpoint, path, room) : find_known(path, room);
}
