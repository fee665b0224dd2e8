// SPDX-License-Identifier: Apache-2.0
/*
 * Sorts records by the one attribute that names them, in the memory that they lie in: what
 * src/otlp/wire/plain-records.ts and src/otlp/parting/sorter.ts do, for records of the usual shape. `npm run
 * build:wasm` makes src/otlp/parting/sort-program.ts of it.
 *
 * It has no data and no stack: they would lie in the slab. All that it knows is in the tables, which lie behind the
 * slab's bytes.
 */
typedef unsigned char u8;
typedef int s32;
typedef unsigned int u32;
typedef unsigned long long u64;

#define exported(name) __attribute__((export_name(#name)))

enum {
	VARINT = 0,
	I64 = 1,
	LEN = 2,
	I32 = 5
};

/* Tags of KeyValue, 1 key and 2 value, and of AnyValue, 1 string_value. */
enum {
	KEY = 0x0a,
	VALUE = 0x12,
	STRING = 0x0a
};

/* How a short attribute begins, as a word: tag and length, and tag and length of its key. Lengths have one byte. */
#define SHORT_MASK	     0x80ff80ffu
#define SHORT_ATTRIBUTE(tag) ((u32)(tag) | KEY << 16)

enum {
	MAX_RECORDS = 3072, /* in one run */
	MAX_GROUPS = 1024,  /* a power of two */
	SLOTS = 2048,	    /* a power of two */
	MAX_TRIES = 8,	    /* slots that a group is looked for at */
	MAX_KEY = 128,
	/* A tag of two bytes and the longest varint: further from the end than this nothing reads past it. */
	MARGIN = 12
};

/* Offsets count from the begin of the message. */
struct range {
	s32 start, stop;
};

/* Where its tag is and what is behind it. */
struct record {
	s32 start, stop, group;
};

struct tables {
	s32 next;    /* where the last run ended */
	s32 groups;  /* how many there are; group 0 is of records without a name */
	s32 is_full; /* no group is made any more */
	s32 key_length;
	u32 turn; /* counts begins, up to what a slot has room for */
	u8 key[MAX_KEY];
	struct range names[MAX_GROUPS];
	/* Groups by the look of their names, with the turn in which they were made: those of another are of no account.
	 */
	u32 slots[SLOTS];
	struct record records[MAX_RECORDS]; /* of the last run */
};

enum {
	WITHOUT_NAME = 0,
	WITH_CARE = -1
};

static inline u32 word(const u8 *at)
{
	u32 value;

	__builtin_memcpy(&value, at, sizeof(value));
	return value;
}

static inline u64 eight(const u8 *at)
{
	u64 value;

	__builtin_memcpy(&value, at, sizeof(value));
	return value;
}

/* From the back, where names of one kind differ. */
static inline int are_same(const u8 *a, const u8 *b, s32 length)
{
	for (; length >= 32; length -= 32) {
		const u8 *p = a + length, *q = b + length;

		if ((eight(p - 8) ^ eight(q - 8)) | (eight(p - 16) ^ eight(q - 16)) | (eight(p - 24) ^ eight(q - 24)) |
		    (eight(p - 32) ^ eight(q - 32)))
			return 0;
	}
	for (; length >= 4; length -= 4)
		if (word(a + length - 4) != word(b + length - 4))
			return 0;
	while (length-- > 0)
		if (a[length] != b[length])
			return 0;
	return 1;
}

/* A number for a name by its look: the last bytes of IDs differ most. */
static inline u32 look_of(const u8 *name, s32 length)
{
	u32 last = length >= 4 ? word(name + length - 4) : *name;
	u32 mixed = (last ^ (u32)length) * 0x9e3779b1;

	return mixed ^ mixed >> 15;
}

/* The group with the name at [start, stop), which is not empty; it is made if there is none yet. WITH_CARE where it has
 * no room. */
static inline s32 group_of(struct tables *t, const u8 *message, s32 start, s32 stop)
{
	s32 length = stop - start;
	u32 slot = look_of(message + start, length);

	for (s32 tries = 0; tries < MAX_TRIES; tries++, slot++) {
		u32 *place = &t->slots[slot & (SLOTS - 1)];
		s32 group = *place % MAX_GROUPS;
		struct range *name = &t->names[group];

		if (*place / MAX_GROUPS != t->turn) {
			if (t->is_full || t->groups == MAX_GROUPS)
				break;
			t->names[t->groups] = (struct range){ start, stop };
			*place = t->turn * MAX_GROUPS + (u32)t->groups;
			return t->groups++;
		}
		if (name->stop - name->start == length && are_same(message + name->start, message + start, length))
			return group;
	}
	t->is_full = 1;
	return WITH_CARE;
}

/*
 * The group of the record with the fields [pos, end), by its first attribute with the key. WITH_CARE where something of
 * another shape stands before it: an attribute that is not one key and one value, a value that is no string of 1 to 127
 * bytes, a field of 16 KB or more, a group, a break.
 */
static inline s32 group_of_record(struct tables *t, const u8 *message, s32 pos, s32 end, u32 attribute)
{
	u32 key_length = (u32)t->key_length;

	while (pos <= end - MARGIN) {
		u32 head = word(message + pos);
		u32 tag = head & 0xff, own_length = head >> 24;
		s32 start, length, value, inside;

		/* Most are attributes that are short and have another key: a second look is enough. */
		if ((head & SHORT_MASK) == SHORT_ATTRIBUTE(attribute) && own_length != key_length) {
			s32 stop = pos + 2 + (s32)(head >> 8 & 0x7f);
			s32 behind = pos + 6 + (s32)own_length;

			if (behind <= stop && stop <= end && message[behind - 2] == VALUE &&
			    behind + message[behind - 1] == stop) {
				pos = stop;
				continue;
			}
		}
		if (tag < 8)
			return WITH_CARE;
		if (tag > 127) {
			/* A field number of 16 to 2047: no attribute. Of its tag the second byte stands for both. */
			if ((head & 0x8000) || !(head & 0x7f00))
				return WITH_CARE;
			head = word(message + ++pos);
		}
		switch (tag & 7) {
		case LEN:
			start = pos + 2;
			length = head >> 8 & 0xff;
			if (length > 127) {
				if (head & 0x800000)
					return WITH_CARE;
				length = (length & 127) | (s32)(head >> 9 & 0x3f80);
				start++;
			}
			pos = start + length;
			if (pos > end)
				return WITH_CARE;
			if (tag != attribute)
				continue;
			break;
		case I64:
			pos += 9;
			continue;
		case I32:
			pos += 5;
			continue;
		case VARINT:
			start = pos + 1;
			while (message[start] > 127 && start - pos < 10)
				start++;
			if (message[start] > 127)
				return WITH_CARE;
			pos = start + 1;
			continue;
		default:
			return WITH_CARE;
		}
		own_length = message[start + 1];
		value = start + 2 + (s32)own_length;
		if (message[start] != KEY || own_length > 127 || value + 2 > pos || message[value] != VALUE)
			return WITH_CARE;
		inside = value + 2;
		length = message[value + 1];
		if (length > 127)
			length = (length & 127) | message[inside++] << 7;
		if (inside + length != pos)
			return WITH_CARE;
		if (own_length != key_length || !are_same(t->key, message + start + 2, (s32)key_length))
			continue;
		if (length < 3 || length > 129 || message[inside] != STRING || message[inside + 1] != length - 2)
			return WITH_CARE;
		return group_of(t, message, inside + 2, pos);
	}
	/* No attribute with the key and a string has room in what is left. */
	return end - pos < 9 + (s32)key_length ? WITHOUT_NAME : WITH_CARE;
}

/* Where the parts of the tables lie that are read and written from outside, and how large all of it is. */
exported(key_at) s32 key_at(void)
{
	return __builtin_offsetof(struct tables, key);
}

exported(names_at) s32 names_at(void)
{
	return __builtin_offsetof(struct tables, names);
}

exported(records_at) s32 records_at(void)
{
	return __builtin_offsetof(struct tables, records);
}

exported(size) s32 size(void)
{
	return sizeof(struct tables);
}

/* Forgets all groups. The key stays. */
exported(begin) void begin(struct tables *t)
{
	t->groups = 1;
	t->is_full = 0;
	/* To clear the slots each time would be a twentieth of sorting a hundred records. */
	if (++t->turn == 1u << 22) {
		__builtin_memset(t->slots, 0, sizeof(t->slots));
		t->turn = 1;
	}
}

/* As group_of(), for a name that was read with care. */
exported(place) s32 place(struct tables *t, const u8 *message, s32 start, s32 stop)
{
	return group_of(t, message, start, stop);
}

/*
 * Takes the record whose tag is at `at`, and those of its kind right behind it, up to `end` or to the first that must
 * be read with care; how many. `attribute` is the tag of a record's attributes.
 */
exported(run) s32 run(struct tables *t, const u8 *message, s32 at, s32 end, u32 attribute)
{
	u8 kind = message[at];
	s32 count = 0;

	while (count < MAX_RECORDS && at + 3 <= end && message[at] == kind && (kind & 0x87) == LEN) {
		struct record *record = &t->records[count];
		s32 start = at + 2;
		s32 length = message[at + 1];
		s32 group;

		if (length > 127) {
			u8 high = message[start++];

			if (high > 127)
				break;
			length = (length & 127) | high << 7;
		}
		if (start + length > end)
			break;
		group = group_of_record(t, message, start, start + length, attribute);
		if (group == WITH_CARE)
			break;
		record->start = at;
		at = record->stop = start + length;
		record->group = group;
		count++;
	}
	t->next = at;
	return count;
}
