// SPDX-License-Identifier: Apache-2.0
/*
 * The name of an image as `ps` shows it: the reference that was asked for, with the tag latest where it has neither tag
 * nor digest. The grammar is that of src/containers/names/image-reference.ts, without what is rare in it.
 */
#define _GNU_SOURCE
#include <string.h>

#include "podstamp.h"

enum {
	NAME_MAX_LEN = 255,
	TAG_MAX_LEN = 128,
	HEX_LEN = 64,
	DIGEST_SHOWN = 19 /* sha256: and 12 digits */
};

static bool is_small(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9');
}

static bool is_letter(char c)
{
	return is_small(c) || (c >= 'A' && c <= 'Z');
}

static bool all_are(struct bytes text, bool (*is_one)(char c), const char *others)
{
	for (size_t i = 0; i < text.len; i++)
		if (!is_one(text.at[i]) && !(text.at[i] != 0 && strchr(others, text.at[i])))
			return false;
	return text.len > 0;
}

/* [a-z0-9]+((\.|_|__|-+)[a-z0-9]+)* */
static bool is_path_component(struct bytes text)
{
	size_t i = 0;

	for (;;) {
		size_t begin = i;

		while (i < text.len && is_small(text.at[i]))
			i++;
		if (i == begin)
			return false;
		if (i == text.len)
			return true;
		if (text.at[i] == '-')
			while (i < text.len && text.at[i] == '-')
				i++;
		else if (text.at[i] == '_' && i + 1 < text.len && text.at[i + 1] == '_')
			i += 2;
		else if (text.at[i] == '.' || text.at[i] == '_')
			i++;
		else
			return false;
	}
}

/* Labels of letters, digits and inner dashes between dots, and perhaps a port. */
static bool is_domain(struct bytes text)
{
	const char *colon = memchr(text.at, ':', text.len);
	size_t begin = 0;

	if (colon) {
		size_t len = (size_t)(colon - text.at);
		struct bytes port = { colon + 1, text.len - len - 1 };

		for (size_t i = 0; i < port.len; i++)
			if (port.at[i] < '0' || port.at[i] > '9')
				return false;
		if (port.len == 0)
			return false;
		text.len = len;
	}
	if (!all_are(text, is_letter, "-."))
		return false;
	for (size_t i = 0; i <= text.len; i++) {
		if (i < text.len && text.at[i] != '.')
			continue;
		if (i == begin || text.at[begin] == '-' || text.at[i - 1] == '-')
			return false;
		begin = i + 1;
	}
	return true;
}

static bool is_name(struct bytes name)
{
	size_t begin = 0;

	if (name.len == 0 || name.len > NAME_MAX_LEN)
		return false;
	for (size_t i = 0; i <= name.len; i++) {
		struct bytes component = { name.at + begin, i - begin };

		if (i < name.len && name.at[i] != '/')
			continue;
		if (!is_path_component(component) && (begin > 0 || i == name.len || !is_domain(component)))
			return false;
		begin = i + 1;
	}
	return true;
}

bool is_image_id(struct bytes text)
{
	static const char hex[] = "0123456789abcdef";
	size_t i = 0;

	if (text.len > 3 && memcmp(text.at, "sha", 3) == 0) {
		size_t digits = 3;

		while (digits < text.len && text.at[digits] >= '0' && text.at[digits] <= '9')
			digits++;
		if (digits > 3 && digits < text.len && text.at[digits] == ':')
			return true;
	}
	while (i < text.len && text.at[i] != 0 && strchr(hex, text.at[i]))
		i++;
	return text.len == HEX_LEN && i == HEX_LEN;
}

bool image_name(struct bytes reference, struct bytes *shown)
{
	const char *at_sign = reference.len > 0 ? memchr(reference.at, '@', reference.len) : NULL;
	struct bytes name = reference, tag = { "", 0 };
	struct buffer whole = { .limit = 2 * NAME_MAX_LEN };

	if (reference.len == 0 || is_image_id(reference))
		return false;
	if (at_sign) {
		struct bytes hex = { at_sign + 8, 0 };

		name.len = (size_t)(at_sign - reference.at);
		if (reference.len - name.len != 1 + 7 + HEX_LEN || memcmp(at_sign, "@sha256:", 8) != 0)
			return false;
		hex.len = HEX_LEN;
		if (!all_are(hex, is_small, ""))
			return false;
		for (size_t i = 0; i < hex.len; i++)
			if (hex.at[i] > 'f')
				return false;
	}
	for (size_t i = name.len; i > 0 && name.at[i - 1] != '/'; i--)
		if (name.at[i - 1] == ':') {
			tag = (struct bytes){ name.at + i, name.len - i };
			name.len = i - 1;
			if (tag.len > TAG_MAX_LEN || !all_are(tag, is_letter, "_.-") || strchr(".-", *tag.at))
				return false;
			break;
		}
	if (!is_name(name))
		return false;
	*shown = (struct bytes){ reference.at, name.len + (tag.len > 0 ? 1 + tag.len : 1 + DIGEST_SHOWN) };
	if (tag.len > 0 || at_sign)
		return true;
	if (!add(&whole, name.at, name.len) || !add_text(&whole, ":latest"))
		return false;
	*shown = (struct bytes){ whole.at, whole.len };
	return true;
}
