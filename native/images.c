// SPDX-License-Identifier: Apache-2.0
/*
 * Which name the image of a container is shown by (src/containers/index/image-identity.ts,
 * src/cli/node/image-names.ts): the one that was asked for, else the only tag of the image with its ID. An image of
 * several names, or of none, is a doubt.
 */
#define _GNU_SOURCE
#include <stdlib.h>
#include <string.h>

#include "podstamp.h"
#include "listing.h"

enum {
	HEX_LEN = 64
};

struct image {
	struct bytes hex; /* of its ID */
	struct bytes tag;
	bool is_clear; /* it has that tag alone, and digests of the same name */
};

bool name_images(struct listing *listing, bool *all_named)
{
	*all_named = true;
	for (size_t i = 0; i < listing->count; i++) {
		struct container *container = &listing->containers[i];
		struct bytes text = container->specified;

		if (text.len == 0 || is_image_id(text))
			text = container->requested;
		if (text.len == 0 || is_image_id(text))
			*all_named = false;
		else if (!image_name(text, &container->image))
			return false;
	}
	return true;
}

/* The digits of an ID, with its algorithm or without; none of what is no ID. */
static struct bytes hex_of(struct bytes text)
{
	if (text.len > 7 && memcmp(text.at, "sha256:", 7) == 0)
		text = (struct bytes){ text.at + 7, text.len - 7 };
	for (size_t i = 0; i < text.len; i++)
		if (!((text.at[i] >= '0' && text.at[i] <= '9') || (text.at[i] >= 'a' && text.at[i] <= 'f')))
			text.len = 0;
	return text.len == HEX_LEN ? text : (struct bytes){ "", 0 };
}

/* Whether a digest is of the repository of a tag. */
static bool is_of(struct bytes digest, struct bytes tag)
{
	const char *at_sign = digest.len > 0 ? memchr(digest.at, '@', digest.len) : NULL;
	const char *colon = tag.len > 0 ? memrchr(tag.at, ':', tag.len) : NULL;

	return at_sign && colon && at_sign - digest.at == colon - tag.at &&
	       memcmp(digest.at, tag.at, (size_t)(colon - tag.at)) == 0;
}

static bool read_image(struct bytes message, struct image *image)
{
	size_t tags = 0;
	struct bytes rest = message, shown;
	struct part part;

	*image = (struct image){ .hex = { "", 0 }, .tag = { "", 0 } };
	while (rest.len > 0) {
		if (!take_part(&rest, &part) || (part.field <= 3 && !part.is_text))
			return false;
		if (part.field == 1)
			image->hex = hex_of(part.text);
		if (part.field == 2 && tags++ == 0)
			image->tag = part.text;
	}
	image->is_clear = tags == 1 && image_name(image->tag, &shown) && compare(shown, image->tag) == 0 &&
			  !memchr(image->tag.at, '@', image->tag.len);
	for (rest = message; image->is_clear && rest.len > 0;) {
		if (!take_part(&rest, &part))
			return false;
		if (part.field == 3)
			image->is_clear = is_of(part.text, image->tag);
	}
	return true;
}

static int by_hex(const void *a, const void *b)
{
	return compare(((const struct image *)a)->hex, ((const struct image *)b)->hex);
}

/* The image that is meant by the first ID that the list gives; NULL where none of them is one's. */
static const struct image *find_image(const struct image *images, size_t count, const struct container *container)
{
	const struct bytes texts[] = { container->image_id, container->image_ref, container->requested,
				       container->specified };

	for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++) {
		struct image key = { .hex = hex_of(texts[i]) };
		const struct image *found =
			key.hex.len > 0 ? bsearch(&key, images, count, sizeof(*images), by_hex) : NULL;

		/* cri-dockerd puts something before its references. */
		if (found || (texts[i].len > 6 && memcmp(texts[i].at, "docker", 6) == 0))
			return found;
	}
	return NULL;
}

bool find_images(struct listing *listing, struct bytes message)
{
	struct image *images;
	struct bytes item;
	size_t count;

	if (!count_items(message, &count))
		return false;
	images = calloc(count + 1, sizeof(*images));
	if (!images)
		return false;
	for (size_t i = 0; i < count; i++)
		if (!next_item(&message, &item) || !read_image(item, &images[i]))
			return false;
	qsort(images, count, sizeof(*images), by_hex);
	for (size_t i = 1; i < count; i++)
		if (by_hex(&images[i - 1], &images[i]) == 0)
			return false;
	for (size_t i = 0; i < listing->count; i++) {
		struct container *container = &listing->containers[i];
		const struct image *found;

		if (container->image.len > 0)
			continue;
		found = find_image(images, count, container);
		if (!found || !found->is_clear)
			return false;
		container->image = found->tag;
	}
	return true;
}
