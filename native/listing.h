/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What one runtime lists.
 */
#ifndef PODSTAMP_LISTING_H
#define PODSTAMP_LISTING_H

#include "podstamp.h"

enum {
	RUNNING = 1,
	STATES = 4
};

struct pod {
	struct bytes id;
	struct bytes name;
	struct bytes namespace;
};

struct container {
	struct bytes id;
	struct bytes pod_id;
	struct bytes name;
	/* Of the image: what the list says of it, and what is shown. */
	struct bytes specified;
	struct bytes requested;
	struct bytes image_ref;
	struct bytes image_id;
	struct bytes image;
	uint64_t state;
	int64_t created_ms;
	const struct pod *pod;
	size_t place; /* in the runtime's own order */
};

struct listing {
	struct container *containers;
	size_t count;
};

/* Nothing that could steer a terminal, or that takes another number of columns than of octets. */
bool is_plain(struct bytes text);
int compare(struct bytes a, struct bytes b);

/* The answers of lists have their items as field 1, and nothing else. */
bool count_items(struct bytes message, size_t *count);
bool next_item(struct bytes *message, struct bytes *item);

/* Reads ListContainers with ListPodSandbox: containers that are all of a pod, each there once. */
bool read_listing(struct bytes containers, struct bytes pods, struct listing *listing);
/* Leaves what is to be shown, the newest first. */
void select_containers(struct listing *listing, bool is_all);

/* Names images by what the list says of them; `all_named` tells whether that was enough. */
bool name_images(struct listing *listing, bool *all_named);
/* Names the others by ListImages. */
bool find_images(struct listing *listing, struct bytes images);

bool print_ids(const struct listing *listing, struct buffer *out);
bool print_containers(const struct listing *listing, const struct options *options, int width, struct buffer *out);

#endif
