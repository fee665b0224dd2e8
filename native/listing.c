// SPDX-License-Identifier: Apache-2.0
/*
 * Reads the lists of pods and containers, as far as `ps` shows them (src/runtimes/cri/facts.ts, src/cli/listing/ps.ts).
 * What would take more than a line to show is a doubt: a container without a pod, an ID twice, letters that are not
 * plain.
 */
#define _GNU_SOURCE
#include <stdlib.h>
#include <string.h>

#include "podstamp.h"
#include "listing.h"

enum {
	ITEMS_MAX = 100000
};

bool is_plain(struct bytes text)
{
	for (size_t i = 0; i < text.len; i++)
		if (text.at[i] < ' ' || text.at[i] > '~')
			return false;
	return true;
}

int compare(struct bytes a, struct bytes b)
{
	int order = a.len > 0 && b.len > 0 ? memcmp(a.at, b.at, a.len < b.len ? a.len : b.len) : 0;

	return order != 0 ? order : (a.len > b.len) - (a.len < b.len);
}

static int by_pod_id(const void *a, const void *b)
{
	return compare(((const struct pod *)a)->id, ((const struct pod *)b)->id);
}

static int by_id(const void *a, const void *b)
{
	return compare(((const struct container *)a)->id, ((const struct container *)b)->id);
}

/* The newest first. */
static int by_age(const void *a, const void *b)
{
	const struct container *one = a, *other = b;

	if (one->created_ms != other->created_ms)
		return one->created_ms < other->created_ms ? 1 : -1;
	return one->place < other->place ? -1 : 1;
}

bool count_items(struct bytes message, size_t *count)
{
	struct part part;

	for (*count = 0; message.len > 0; *count += part.field == 1)
		if (!take_part(&message, &part) || (part.field == 1 && !part.is_text))
			return false;
	return *count <= ITEMS_MAX;
}

bool next_item(struct bytes *message, struct bytes *item)
{
	struct part part;

	while (message->len > 0) {
		if (!take_part(message, &part))
			return false;
		*item = part.text;
		if (part.field == 1)
			return true;
	}
	return false;
}

static bool read_pod(struct bytes message, struct pod *pod)
{
	struct bytes metadata = { "", 0 };
	const struct place places[] = {
		{ 1, &pod->id, NULL }, { 2, &metadata, NULL }, { 5, NULL, NULL }, { 6, NULL, NULL }
	};
	const struct place of_metadata[] = { { 1, &pod->name, NULL }, { 3, &pod->namespace, NULL } };

	return READ_PLACES(message, places) && READ_PLACES(metadata, of_metadata) && is_plain(pod->name) &&
	       is_plain(pod->namespace);
}

/* Pods by their IDs, each there once. */
static bool read_pods(struct bytes message, struct pod **pods, size_t *count)
{
	struct bytes item;

	if (!count_items(message, count))
		return false;
	*pods = calloc(*count + 1, sizeof(**pods));
	if (!*pods)
		return false;
	for (size_t i = 0; i < *count; i++)
		if (!next_item(&message, &item) || !read_pod(item, &(*pods)[i]))
			return false;
	qsort(*pods, *count, sizeof(**pods), by_pod_id);
	for (size_t i = 1; i < *count; i++)
		if (by_pod_id(&(*pods)[i - 1], &(*pods)[i]) == 0)
			return false;
	return true;
}

static const struct pod *find_pod(const struct pod *pods, size_t count, struct bytes id)
{
	struct pod key = { .id = id };

	return bsearch(&key, pods, count, sizeof(*pods), by_pod_id);
}

static bool read_container(struct bytes message, struct container *container)
{
	struct bytes metadata = { "", 0 }, image = { "", 0 };
	uint64_t created = 0;
	const struct place places[] = { { 1, &container->id, NULL },
					{ 2, &container->pod_id, NULL },
					{ 3, &metadata, NULL },
					{ 4, &image, NULL },
					{ 5, &container->image_ref, NULL },
					{ 6, NULL, &container->state },
					{ 7, NULL, &created },
					{ 8, NULL, NULL },
					{ 9, NULL, NULL },
					{ 10, &container->image_id, NULL } };
	const struct place of_metadata[] = { { 1, &container->name, NULL } };
	const struct place of_image[] = { { 1, &container->requested, NULL },
					  { 2, NULL, NULL },
					  { 18, &container->specified, NULL } };

	if (!READ_PLACES(message, places) || !READ_PLACES(metadata, of_metadata) || !READ_PLACES(image, of_image))
		return false;
	if (container->state >= STATES || !is_plain(container->id) || !is_plain(container->name))
		return false;
	/* Nanoseconds since the epoch; none and less mean that it is not known. */
	container->created_ms = created > INT64_MAX ? 0 : (int64_t)(created / 1000000);
	return true;
}

/* Those of all states. */
static bool read_containers(struct bytes message, const struct pod *pods, size_t pod_count, struct listing *listing)
{
	struct bytes item;

	if (!count_items(message, &listing->count))
		return false;
	listing->containers = calloc(listing->count + 1, sizeof(*listing->containers));
	if (!listing->containers)
		return false;
	for (size_t i = 0; i < listing->count; i++) {
		struct container *container = &listing->containers[i];

		if (!next_item(&message, &item) || !read_container(item, container))
			return false;
		container->place = i;
		container->pod = find_pod(pods, pod_count, container->pod_id);
		/* Docker lists as a container what to Kubernetes is the pod's sandbox. */
		if (!container->pod || find_pod(pods, pod_count, container->id))
			return false;
	}
	qsort(listing->containers, listing->count, sizeof(*listing->containers), by_id);
	for (size_t i = 1; i < listing->count; i++)
		if (by_id(&listing->containers[i - 1], &listing->containers[i]) == 0)
			return false;
	return true;
}

bool read_listing(struct bytes containers, struct bytes pods, struct listing *listing)
{
	struct pod *all;
	size_t count;

	return read_pods(pods, &all, &count) && read_containers(containers, all, count, listing);
}

void select_containers(struct listing *listing, bool is_all)
{
	size_t kept = 0;

	for (size_t i = 0; i < listing->count; i++)
		if (is_all || listing->containers[i].state == RUNNING)
			listing->containers[kept++] = listing->containers[i];
	listing->count = kept;
	qsort(listing->containers, kept, sizeof(*listing->containers), by_age);
}
