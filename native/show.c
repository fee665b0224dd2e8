// SPDX-License-Identifier: Apache-2.0
/*
 * What `ps` prints of containers (src/cli/listing).
 */
#define _GNU_SOURCE
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "podstamp.h"
#include "listing.h"

enum {
	ID_SHOWN = 13
};

static const char *const states[STATES] = { "created", "running", "exited", "unknown" };

/* As humanDuration() of src/cli/listing/human.ts says it. */
static bool write_age(int64_t ms, struct bytes *age)
{
	int64_t seconds = ms / 1000, minutes = ms / 60000, hours = (ms + 1800000) / 3600000;
	char *text;
	int len;

	if (ms < 1000)
		len = asprintf(&text, "Less than a second ago");
	else if (seconds == 1)
		len = asprintf(&text, "1 second ago");
	else if (seconds < 60)
		len = asprintf(&text, "%d seconds ago", (int)seconds);
	else if (minutes == 1)
		len = asprintf(&text, "About a minute ago");
	else if (minutes < 60)
		len = asprintf(&text, "%d minutes ago", (int)minutes);
	else if (hours == 1)
		len = asprintf(&text, "About an hour ago");
	else if (hours < 48)
		len = asprintf(&text, "%d hours ago", (int)hours);
	else if (hours < 24 * 7 * 2)
		len = asprintf(&text, "%d days ago", (int)(hours / 24));
	else if (hours < 24 * 30 * 2)
		len = asprintf(&text, "%d weeks ago", (int)(hours / 24 / 7));
	else if (hours < 24 * 365 * 2)
		len = asprintf(&text, "%d months ago", (int)(hours / 24 / 30));
	else
		len = asprintf(&text, "%d years ago", (int)(ms / 3600000 / 24 / 365));
	if (len < 0)
		return false;
	*age = (struct bytes){ text, (size_t)len };
	return true;
}

static struct bytes shown_id(struct bytes id, const struct options *options)
{
	if (options->is_whole)
		return id;
	if (id.len >= 7 && memcmp(id.at, "sha256:", 7) == 0)
		id = (struct bytes){ id.at + 7, id.len - 7 };
	return id.len > ID_SHOWN ? (struct bytes){ id.at, ID_SHOWN } : id;
}

static struct bytes or_dash(struct bytes text)
{
	return text.len > 0 ? text : text_of("-");
}

bool print_containers(const struct listing *listing, const struct options *options, int width, struct buffer *out)
{
	static const char *const header[COLUMNS] = { "CONTAINER", "IMAGE", "NAME",   "POD",
						     "NAMESPACE", "STATE", "CREATED" };
	struct bytes(*rows)[COLUMNS] = calloc(listing->count + 1, sizeof(*rows));
	struct timespec now;

	if (!rows)
		return false;
	clock_gettime(CLOCK_REALTIME, &now);
	for (size_t column = 0; column < COLUMNS; column++)
		rows[0][column] = text_of(header[column]);
	for (size_t i = 0; i < listing->count; i++) {
		const struct container *container = &listing->containers[i];
		struct bytes *row = rows[i + 1];

		row[0] = shown_id(container->id, options);
		row[1] = container->image;
		row[2] = or_dash(container->name);
		row[3] = container->pod->name;
		row[4] = or_dash(container->pod->namespace);
		row[5] = text_of(states[container->state]);
		if (!write_age((int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000 - container->created_ms, &row[6]))
			return false;
	}
	return print_table(out, rows, listing->count + 1, options->is_whole ? -1 : width);
}

bool print_ids(const struct listing *listing, struct buffer *out)
{
	for (size_t i = 0; i < listing->count; i++)
		if (!add(out, listing->containers[i].id.at, listing->containers[i].id.len) || !add_char(out, '\n'))
			return false;
	return true;
}
