// SPDX-License-Identifier: Apache-2.0
/*
 * As much of gRPC over HTTP/2 (RFC 9113, RFC 7541) as a few small calls at once on one connection need. The server is
 * told to keep no table of headers, so that what it sends can be read piece by piece; whatever else it may do but
 * answer is a doubt.
 */
#define _GNU_SOURCE
#include <string.h>
#include <unistd.h>

#include "podstamp.h"

enum {
	REQUESTS_MAX = 8192,
	ARRIVED_MAX = 64 * 1024 * 1024, /* all frames of a connection: 20,000 containers take less */
	FRAME_MAX = 16384,
	FRAME_HEADER = 9,
	MESSAGE_HEADER = 5,
	STATIC_FIELDS = 61
};

enum frame_type {
	DATA = 0,
	HEADERS = 1,
	RST_STREAM = 3,
	SETTINGS = 4,
	PING = 6,
	WINDOW_UPDATE = 8
};

enum {
	ACK = 1,
	END_STREAM = 1,
	END_HEADERS = 4
};

struct frame {
	uint8_t type;
	uint8_t flags;
	uint32_t stream;
	struct bytes payload;
};

static bool add_number(struct buffer *out, uint32_t value, int octets)
{
	while (octets-- > 0)
		if (!add_char(out, (char)(value >> (octets * 8))))
			return false;
	return true;
}

static bool add_frame(struct buffer *out, enum frame_type type, uint8_t flags, uint32_t stream, struct bytes payload)
{
	return add_number(out, (uint32_t)payload.len, 3) && add_number(out, type, 1) && add_number(out, flags, 1) &&
	       add_number(out, stream, 4) && add(out, payload.at, payload.len);
}

/* A field as a literal that is not to be kept; `index` is its name's in the static table, 0 for a name of its own. */
static bool add_field(struct buffer *out, unsigned index, const char *name, const char *value)
{
	size_t len = strlen(value);

	if (len > 126)
		return false;
	if (index >= 15 ? !add_number(out, 15, 1) || !add_number(out, index - 15, 1) : !add_number(out, index, 1))
		return false;
	if (index == 0 && (!add_number(out, (uint32_t)strlen(name), 1) || !add_text(out, name)))
		return false;
	return add_number(out, (uint32_t)len, 1) && add_text(out, value);
}

bool open_connection(struct connection *connection, const char *path, int64_t deadline)
{
	static const char preface[] = "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n";
	/* HEADER_TABLE_SIZE 0, ENABLE_PUSH 0, INITIAL_WINDOW_SIZE 2^31 - 1: how much may come is for ARRIVED_MAX to
	 * say. */
	static const char settings[] = "\0\1\0\0\0\0"
				       "\0\2\0\0\0\0"
				       "\0\4\x7f\xff\xff\xff";
	static const char window[] = "\x7f\xff\0\0"; /* 2^31 - 1 - 65535 */

	*connection = (struct connection){ .fd = open_socket(path),
					   .out = { .limit = REQUESTS_MAX },
					   .in = { .limit = ARRIVED_MAX },
					   .stream = 1,
					   .deadline = deadline };
	return connection->fd >= 0 && add_text(&connection->out, preface) &&
	       add_frame(&connection->out, SETTINGS, 0, 0, (struct bytes){ settings, sizeof(settings) - 1 }) &&
	       add_frame(&connection->out, WINDOW_UPDATE, 0, 0, (struct bytes){ window, sizeof(window) - 1 });
}

static bool add_call(struct connection *connection, struct call *call)
{
	char head[REQUESTS_MAX];
	struct buffer headers = { .at = head, .room = sizeof(head), .limit = sizeof(head) };
	struct buffer *out = &connection->out;

	call->stream = connection->stream;
	connection->stream += 2;
	/* :method POST and :scheme http are in the static table as they are. */
	return add_text(&headers, "\x83\x86") && add_field(&headers, 4, ":path", call->path) &&
	       add_field(&headers, 1, ":authority", "localhost") &&
	       add_field(&headers, 31, "content-type", "application/grpc") &&
	       add_field(&headers, 0, "te", "trailers") && add_field(&headers, 58, "user-agent", "podstamp") &&
	       add_field(&headers, 0, "grpc-timeout", "5S") &&
	       (!call->namespace || add_field(&headers, 0, "containerd-namespace", call->namespace)) &&
	       add_frame(out, HEADERS, END_HEADERS, call->stream, (struct bytes){ headers.at, headers.len }) &&
	       add_number(out, (uint32_t)(MESSAGE_HEADER + call->request.len), 3) && add_number(out, DATA, 1) &&
	       add_number(out, END_STREAM, 1) && add_number(out, call->stream, 4) && add_number(out, 0, 1) &&
	       add_number(out, (uint32_t)call->request.len, 4) && add(out, call->request.at, call->request.len);
}

static uint32_t number_at(const char *at, int octets)
{
	uint32_t value = 0;

	for (int i = 0; i < octets; i++)
		value = value << 8 | (uint8_t)at[i];
	return value;
}

static bool arrived(struct connection *connection, size_t len)
{
	while (connection->in.len - connection->taken < len)
		if (receive(connection->fd, &connection->in, connection->deadline) <= 0)
			return false;
	return true;
}

/* Waits for the next frame; it stands where it is until the one after it is asked for. */
static bool next_frame(struct connection *connection, struct frame *frame)
{
	const char *at;
	size_t len;

	if (!arrived(connection, FRAME_HEADER))
		return false;
	len = number_at(connection->in.at + connection->taken, 3);
	if (len > FRAME_MAX || !arrived(connection, FRAME_HEADER + len))
		return false;
	at = connection->in.at + connection->taken;
	connection->taken += FRAME_HEADER + len;
	*frame = (struct frame){ .type = (uint8_t)at[3],
				 .flags = (uint8_t)at[4],
				 .stream = number_at(at + 5, 4) & 0x7fffffff,
				 .payload = { at + FRAME_HEADER, len } };
	return true;
}

/* An integer whose first octet leaves so many bits for it; those of headers are small. */
static bool take_integer(struct bytes *rest, unsigned bits, size_t *value)
{
	size_t most = (1u << bits) - 1;
	unsigned shift = 0;

	if (rest->len == 0)
		return false;
	*value = (uint8_t)*rest->at & most;
	rest->at++;
	rest->len--;
	if (*value < most)
		return true;
	for (; rest->len > 0 && shift < 21; shift += 7) {
		uint8_t octet = (uint8_t)*rest->at;

		rest->at++;
		rest->len--;
		*value += (size_t)(octet & 127) << shift;
		if (!(octet & 128))
			return true;
	}
	return false;
}

/* A string as it stands; `is_coded` tells whether in Huffman's code. */
static bool take_octets(struct bytes *rest, struct bytes *octets, bool *is_coded)
{
	size_t len;

	*is_coded = rest->len > 0 && (*rest->at & 128);
	if (!take_integer(rest, 7, &len) || len > rest->len)
		return false;
	*octets = (struct bytes){ rest->at, len };
	rest->at += len;
	rest->len -= len;
	return true;
}

/* Takes one field; it is told whether it was grpc-status, with its value then. */
static bool take_field(struct bytes *rest, bool *is_status, struct bytes *value)
{
	static const char coded_name[] = "\x9a\xca\xc8\xb2\x12\x34\xda\x8f";
	uint8_t first = (uint8_t)*rest->at;
	struct bytes name = { "", 0 };
	bool is_coded = false, is_coded_value;
	size_t index;

	*is_status = false;
	if (first & 0x80)
		return take_integer(rest, 7, &index) && index > 0 && index <= STATIC_FIELDS;
	if ((first & 0xe0) == 0x20)
		return take_integer(rest, 5, &index) && index == 0; /* the table's new size */
	if (!take_integer(rest, first & 0x40 ? 6 : 4, &index) || index > STATIC_FIELDS)
		return false;
	if (index == 0 && !take_octets(rest, &name, &is_coded))
		return false;
	if (!take_octets(rest, value, &is_coded_value))
		return false;
	*is_status = is(name, is_coded ? coded_name : "grpc-status");
	return !*is_status || !is_coded_value;
}

/* Reads the last headers of a call: its status, which must be there once. */
static bool take_status(struct call *call, struct bytes block)
{
	bool is_told = false;

	while (block.len > 0) {
		struct bytes value = { "", 0 };
		bool is_status;

		if (!take_field(&block, &is_status, &value) || (is_status && is_told))
			return false;
		if (!is_status)
			continue;
		is_told = true;
		call->status = is(value, "0") ? OK : is(value, "12") ? UNIMPLEMENTED : FAILED;
	}
	return is_told;
}

/* Whether what came is one message, whole and as it is; that of a call that failed does not matter. */
static bool take_message(struct call *call)
{
	struct buffer *answer = &call->answer;

	if (call->status != OK)
		return true;
	if (answer->len < MESSAGE_HEADER || answer->at[0] != 0 ||
	    number_at(answer->at + 1, 4) != answer->len - MESSAGE_HEADER)
		return false;
	call->message = (struct bytes){ answer->at + MESSAGE_HEADER, answer->len - MESSAGE_HEADER };
	return true;
}

/* A frame of one of the calls; `left` counts those that have no answer yet. */
static bool take_answer(const struct frame *frame, struct call *calls, size_t count, size_t *left)
{
	struct call *call = NULL;

	for (size_t i = 0; i < count; i++)
		if (calls[i].stream == frame->stream)
			call = &calls[i];
	if (!call || call->status != PENDING)
		return frame->type == RST_STREAM && call; /* that a call is over, which is known */
	if (frame->type == DATA && frame->flags == 0)
		return call->is_begun && add(&call->answer, frame->payload.at, frame->payload.len);
	if (frame->type != HEADERS || (frame->flags & ~END_STREAM) != END_HEADERS)
		return false;
	if (!(frame->flags & END_STREAM)) {
		if (call->is_begun)
			return false;
		call->is_begun = true;
		return true;
	}
	(*left)--;
	return take_status(call, frame->payload) && take_message(call);
}

bool make_calls(struct connection *connection, struct call *calls, size_t count)
{
	size_t left = count;

	for (size_t i = 0; i < count; i++) {
		calls[i].answer.limit = ARRIVED_MAX;
		if (!add_call(connection, &calls[i]))
			return false;
	}
	while (left > 0) {
		struct frame frame;

		if (!send_all(connection->fd, &connection->out, connection->deadline) ||
		    !next_frame(connection, &frame))
			return false;
		if (frame.stream != 0 && frame.type != WINDOW_UPDATE) {
			if (!take_answer(&frame, calls, count, &left))
				return false;
		} else if (frame.type == SETTINGS || frame.type == PING) {
			struct bytes same = { frame.payload.at, frame.type == PING ? frame.payload.len : 0 };

			if (!(frame.flags & ACK) && !add_frame(&connection->out, frame.type, ACK, 0, same))
				return false;
		} else if (frame.type != WINDOW_UPDATE) {
			return false;
		}
	}
	return true;
}
