// SPDX-License-Identifier: Apache-2.0
/*
 * Messages of protobuf, field by field. Groups and what nobody writes are a doubt.
 */
#include "podstamp.h"

enum {
	VARINT = 0,
	FIXED64 = 1,
	LENGTH = 2,
	FIXED32 = 5
};

static bool take_varint(struct bytes *rest, uint64_t *value)
{
	*value = 0;
	for (unsigned shift = 0; shift < 64 && rest->len > 0; shift += 7) {
		uint8_t octet = (uint8_t)*rest->at;

		rest->at++;
		rest->len--;
		if (shift == 63 && octet > 1)
			return false;
		*value |= (uint64_t)(octet & 127) << shift;
		if (!(octet & 128))
			return true;
	}
	return false;
}

static bool take_octets(struct bytes *rest, uint64_t len, struct bytes *octets)
{
	if (len > rest->len)
		return false;
	*octets = (struct bytes){ rest->at, (size_t)len };
	rest->at += len;
	rest->len -= (size_t)len;
	return true;
}

bool take_part(struct bytes *rest, struct part *part)
{
	uint64_t tag;

	*part = (struct part){ .text = { "", 0 } };
	if (!take_varint(rest, &tag) || tag >> 3 == 0 || tag > UINT32_MAX)
		return false;
	part->field = (uint32_t)(tag >> 3);
	part->is_text = (tag & 7) == LENGTH;
	switch (tag & 7) {
	case VARINT:
		return take_varint(rest, &part->number);
	case FIXED64:
		return take_octets(rest, 8, &part->text);
	case LENGTH:
		return take_varint(rest, &part->number) && take_octets(rest, part->number, &part->text);
	case FIXED32:
		return take_octets(rest, 4, &part->text);
	default:
		return false;
	}
}

bool read_places(struct bytes message, const struct place *places, size_t count)
{
	uint32_t seen = 0;

	while (message.len > 0) {
		struct part part;
		size_t i = 0;

		if (!take_part(&message, &part))
			return false;
		while (i < count && places[i].field != part.field)
			i++;
		if (i == count)
			continue;
		if (part.is_text != (places[i].number == NULL))
			return false;
		if (!places[i].text && !places[i].number) {
			/* A map: of no interest, but whole. */
			if (!read_places(part.text, NULL, 0))
				return false;
			continue;
		}
		/* Of two of the same the last counts, or what both say together: nobody writes that. */
		if (seen & 1u << i)
			return false;
		seen |= 1u << i;
		if (places[i].text)
			*places[i].text = part.text;
		else
			*places[i].number = part.number;
	}
	return true;
}
