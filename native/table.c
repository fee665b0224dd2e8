// SPDX-License-Identifier: Apache-2.0
/*
 * Tables of plain letters as podstamp prints them: the first way to write the rows that fits the terminal, else the
 * last one, cut (src/cli/listing/printing.ts, src/cli/terminal/fit.ts).
 */
#define _GNU_SOURCE
#include <string.h>

#include "podstamp.h"

enum {
	ID = 0,
	IMAGE = 1,
	STATE = 5,
	CUT = 8,     /* no column is cut below this, where there is room for that */
	CUT_MORE = 4 /* and none below that */
};

static void find_widths(struct bytes (*rows)[COLUMNS], size_t count, size_t columns, size_t *widths)
{
	for (size_t column = 0; column < columns; column++) {
		widths[column] = 0;
		for (size_t row = 0; row < count; row++)
			if (rows[row][column].len > widths[column])
				widths[column] = rows[row][column].len;
	}
}

static size_t total(const size_t *widths, size_t columns)
{
	size_t sum = 2 * (columns - 1);

	for (size_t column = 0; column < columns; column++)
		sum += widths[column];
	return sum;
}

/* Images without registry and path. */
static void shorten_images(struct bytes (*rows)[COLUMNS], size_t count)
{
	for (size_t row = 0; row < count; row++) {
		struct bytes *image = &rows[row][IMAGE];
		const char *slash = image->len > 0 ? memrchr(image->at, '/', image->len) : NULL;

		if (!slash)
			continue;
		image->len -= (size_t)(slash + 1 - image->at);
		image->at = slash + 1;
	}
}

/* Makes the widest columns narrower until all fit, or none may be cut any more. */
static void narrow(size_t *widths, size_t columns, size_t width, size_t least, bool is_any)
{
	while (total(widths, columns) > width) {
		size_t widest = COLUMNS;

		for (size_t column = 0; column < columns; column++)
			if ((is_any || (column != ID && column != STATE)) &&
			    (widest == COLUMNS || widths[column] > widths[widest]))
				widest = column;
		if (widths[widest] <= least)
			return;
		widths[widest]--;
	}
}

/* A cell, cut in the middle where it is too wide. */
static bool add_cell(struct buffer *out, struct bytes cell, size_t width)
{
	size_t head = (width - 1) / 2;
	size_t tail = width - 1 - head;

	if (cell.len <= width)
		return add(out, cell.at, cell.len);
	return add(out, cell.at, head) && add_text(out, "\xe2\x80\xa6") && add(out, cell.at + cell.len - tail, tail);
}

static bool add_rows(struct buffer *out, struct bytes (*rows)[COLUMNS], size_t count, const size_t *widths,
		     size_t columns)
{
	for (size_t row = 0; row < count; row++) {
		for (size_t column = 0; column < columns; column++) {
			struct bytes cell = rows[row][column];

			if (!add_cell(out, cell, widths[column]))
				return false;
			if (column == columns - 1)
				continue;
			for (size_t at = cell.len < widths[column] ? cell.len : widths[column]; at < widths[column] + 2;
			     at++)
				if (!add_char(out, ' '))
					return false;
		}
		if (!add_char(out, '\n'))
			return false;
	}
	return true;
}

bool print_table(struct buffer *out, struct bytes (*rows)[COLUMNS], size_t count, int width)
{
	size_t columns = COLUMNS;
	size_t widths[COLUMNS];
	size_t room = width > 0 ? (size_t)width : SIZE_MAX;

	find_widths(rows, count, columns, widths);
	if (total(widths, columns) > room) {
		shorten_images(rows, count);
		find_widths(rows, count, columns, widths);
	}
	if (total(widths, columns) > room)
		columns--; /* the age */
	narrow(widths, columns, room, CUT, false);
	narrow(widths, columns, room, CUT, true);
	narrow(widths, columns, room, CUT_MORE, true);
	return add_rows(out, rows, count, widths, columns);
}
