/* Passes over rows of an audit log that are perfectly regular, and stops at the first that is not.
 *
 * A filter, never a judge: what it stops at is looked at by the plain reference (audit_tui/core/walk.py),
 * so all that it could do wrong is to call a row regular that is not. Whatever is unusual therefore stops
 * it, an unusual length as well as a broken seal. The texts it hashes are those of audit_tui/core/seal.py.
 *
 * The bytes are hostile: every length is checked against what is there, nothing is allocated, nothing
 * recurses, and nothing is kept between calls, so that calls may run in parallel.
 */
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include "sha256.h"

#define EXPORT __attribute__((visibility("default")))
#define ABI 2

#ifndef SOURCE_DIGEST /* of the sources, so that a library built from other ones is not taken for theirs */
#define SOURCE_DIGEST ""
#endif

/* ---- Text ------------------------------------------------------------------------------------------- */

#define EACH(byte) (0x0101010101010101u * (uint64_t)(byte))
#define HAS_BELOW(x, n) (((x) - EACH(n)) & ~(x) & EACH(0x80)) /* a byte below n, for n up to 128 */

static uint64_t load64(const uint8_t *p) {
    uint64_t x;
    memcpy(&x, p, 8);
    return x;
}

/* The length of the well-formed sequence of two to four bytes at p, or 0. */
static size_t sequence_length(const uint8_t *p, size_t left) {
    uint8_t low = 0x80, high = 0xBF;
    size_t length;
    if (p[0] >= 0xC2 && p[0] <= 0xDF) {
        length = 2;
    } else if (p[0] >= 0xE0 && p[0] <= 0xEF) {
        length = 3;
        if (p[0] == 0xE0) low = 0xA0;
        if (p[0] == 0xED) high = 0x9F; /* no surrogates */
    } else if (p[0] >= 0xF0 && p[0] <= 0xF4) {
        length = 4;
        if (p[0] == 0xF0) low = 0x90;
        if (p[0] == 0xF4) high = 0x8F;
    } else {
        return 0;
    }
    if (left < length || p[1] < low || p[1] > high) return 0;
    for (size_t i = 2; i < length; i++)
        if ((p[i] & 0xC0) != 0x80) return 0;
    return length;
}

/* Eight characters of ASCII, none of them NUL. */
static int is_ascii(uint64_t x) { return ((x & EACH(0x80)) | HAS_BELOW(x, 1)) == 0; }

/* Strict UTF-8 without NUL. */
static int is_text(const uint8_t *p, size_t size) {
    const uint8_t *stop = p + size;
    while (p < stop) {
        while (stop - p >= 8 && is_ascii(load64(p))) p += 8;
        if (stop == p || (size >= 8 && is_ascii(load64(stop - 8)) && stop - p < 8)) return 1;
        if (*p == 0) return 0;
        size_t length = *p < 0x80 ? 1 : sequence_length(p, (size_t)(stop - p));
        if (length == 0) return 0;
        p += length;
    }
    return 1;
}

static int is_plain(uint8_t c) { return c >= 0x20 && c != '"' && c != '\\'; }

static int are_plain(uint64_t x) {
    uint64_t quote = x ^ EACH('"'), slash = x ^ EACH('\\');
    return (HAS_BELOW(x, 0x20) | HAS_BELOW(quote, 1) | HAS_BELOW(slash, 1)) == 0;
}

/* How many bytes at p stand in a JSON string as they are. */
static size_t plain_run(const uint8_t *p, size_t size) {
    size_t n = 0;
    while (size - n >= 8 && are_plain(load64(p + n))) n += 8;
    if (size >= 8 && size - n < 8 && are_plain(load64(p + size - 8))) return size;
    while (n < size && is_plain(p[n])) n++;
    return n;
}

static void put_escaped(Message *m, uint8_t c) {
    static const char NAMED[] = "\b\f\n\r\t\"\\", LETTERS[] = "bfnrt\"\\";
    const char *found = memchr(NAMED, c, sizeof NAMED - 1);
    uint8_t text[6] = {'\\', 'u', '0', '0', (uint8_t)('0' + (c >> 4)), (uint8_t)"0123456789abcdef"[c & 15]};
    if (found != NULL) text[1] = (uint8_t)LETTERS[found - NAMED];
    put(m, text, found != NULL ? 2 : 6);
}

/* ---- A row of COPY's binary format ------------------------------------------------------------------ */

typedef struct {
    const uint8_t *at;
    int32_t length; /* -1: NULL */
} Field;

/* In the order of audit_tui/fast/columns.py. */
enum {
    ID, TENANT, SEQUENCE, EVENT_ID, TIMESTAMP, EVENT_TYPE, ACTOR_TYPE, ACTOR_ID, ACTOR_EMAIL, ACTOR_IP,
    RESOURCE_TYPE, RESOURCE_ID, ENDPOINT, HTTP_METHOD, CHANGES, BEFORE, AFTER, PREVIOUS_HASH, EVENT_HASH,
    REQUEST_ID, SESSION_ID, USER_AGENT, METADATA, HASH_VERSION, PART_SALTS, ERASED_PARTS, COLUMNS
};
#define GUIDE_COLUMNS HASH_VERSION
#define BIT(column) (UINT32_C(1) << (column))

static const uint32_t TEXTS = BIT(TENANT) | BIT(EVENT_ID) | BIT(EVENT_TYPE) | BIT(ACTOR_TYPE) |
                              BIT(ACTOR_ID) | BIT(ACTOR_EMAIL) | BIT(ACTOR_IP) | BIT(RESOURCE_TYPE) |
                              BIT(RESOURCE_ID) | BIT(ENDPOINT) | BIT(HTTP_METHOD) | BIT(CHANGES) |
                              BIT(BEFORE) | BIT(AFTER) | BIT(REQUEST_ID) | BIT(SESSION_ID) |
                              BIT(USER_AGENT) | BIT(METADATA);
/* previous_hash among them: only a chain's first row may do without, and that one is always looked at. */
static const uint32_t NEEDED = BIT(ID) | BIT(TENANT) | BIT(SEQUENCE) | BIT(EVENT_ID) | BIT(TIMESTAMP) |
                               BIT(EVENT_TYPE) | BIT(ACTOR_TYPE) | BIT(ACTOR_ID) | BIT(RESOURCE_TYPE) |
                               BIT(RESOURCE_ID) | BIT(PREVIOUS_HASH) | BIT(EVENT_HASH);
static const uint32_t JSON = BIT(CHANGES) | BIT(BEFORE) | BIT(AFTER) | BIT(METADATA);
#define JSONB_VERSION 1

enum { AT_END, INCOMPLETE, LOOK, WHOLE };

/* Finds the fields of the row at the beginning of the data. */
static int split(const uint8_t *data, size_t size, int columns, Field *fields, size_t *consumed) {
    size_t at = 2;
    if (size == 0) return AT_END;
    if (size < 2) return INCOMPLETE;
    if ((data[0] << 8 | data[1]) != columns) return LOOK;
    for (int i = 0; i < columns; i++) {
        if (size - at < 4) return INCOMPLETE;
        uint32_t length = read32(data + at);
        at += 4;
        fields[i].at = data + at, fields[i].length = -1;
        if (length == UINT32_MAX) continue;
        if (length > INT32_MAX) return LOOK;
        if (size - at < length) return INCOMPLETE;
        fields[i].length = (int32_t)length;
        at += length;
    }
    *consumed = at;
    return WHOLE;
}

/* Every value of the kind that its column holds, and none missing that must be there. */
static int is_well_formed(Field *fields, int columns) {
    for (int i = 0; i < columns; i++) {
        Field *f = &fields[i];
        if (f->length < 0) {
            if (NEEDED & BIT(i)) return 0;
            continue;
        }
        if (JSON & BIT(i)) {
            if (f->length < 1 || f->at[0] != JSONB_VERSION) return 0;
            f->at++, f->length--;
        }
        if ((TEXTS & BIT(i)) && !is_text(f->at, (size_t)f->length)) return 0;
    }
    return 1;
}

/* A whole number of two, four or eight bytes. */
static int read_number(const Field *f, int64_t *value) {
    if (f->length == 2) {
        *value = (int16_t)(uint16_t)(f->at[0] << 8 | f->at[1]);
    } else if (f->length == 4) {
        *value = (int32_t)read32(f->at);
    } else if (f->length == 8) {
        *value = (int64_t)((uint64_t)read32(f->at) << 32 | read32(f->at + 4));
    } else {
        return 0;
    }
    return 1;
}

static int is_hash(const uint8_t *p) {
    for (int i = 0; i < 64; i++)
        if (!((p[i] >= '0' && p[i] <= '9') || (p[i] >= 'a' && p[i] <= 'f'))) return 0;
    return 1;
}

static void put_field(Message *m, const Field *f) {
    if (f->length > 0) put(m, f->at, (size_t)f->length);
}

static void put_json(Message *m, const Field *f) {
    if (f->length < 0) {
        PUT(m, "null");
        return;
    }
    size_t size = (size_t)f->length;
    PUT(m, "\"");
    for (size_t at = 0; at < size;) {
        size_t run = plain_run(f->at + at, size - at);
        put(m, f->at + at, run);
        at += run;
        if (at < size) put_escaped(m, f->at[at++]);
    }
    PUT(m, "\"");
}

static void put_number(Message *m, int64_t value) {
    char digits[20];
    size_t at = sizeof digits;
    uint64_t rest = value < 0 ? 0 - (uint64_t)value : (uint64_t)value;
    do digits[--at] = (char)('0' + rest % 10);
    while ((rest /= 10) > 0);
    if (value < 0) digits[--at] = '-';
    put(m, digits + at, sizeof digits - at);
}

/* ---- The seals -------------------------------------------------------------------------------------- */

typedef struct {
    int64_t sequence, timestamp_us, row_id;
    int32_t hash_version, unused;
    uint8_t event_hash[64];
} State;

typedef struct {
    const uint8_t *tenant;
    uint64_t tenant_length;
    int32_t columns, version_1, offset_seconds, accelerated;
} Expect;

typedef struct {
    uint64_t rows, rows_version_1, consumed, last; /* last: where the last row passed begins */
    int32_t stopped, unused;
} Result;

enum { PARTS = 4, SALT = 16 };

typedef struct {
    Field fields[COLUMNS];
    State state; /* as it will be once the row has passed */
    size_t size;
    int present[PARTS];
    Message parts[PARTS], whole;
} Row;

#define SECOND INT64_C(1000000)
#define DAY (86400 * SECOND)
#define EPOCH_2000 (10957 * DAY)
#define FIRST_US (-719162 * DAY)       /* 0001-01-01 */
#define LAST_US (2932897 * DAY - 1)    /* 9999-12-31 23:59:59.999999 */

static void begin_parts(Row *r, int accelerated) {
    static const int FIRST[PARTS] = {ACTOR_ID, CHANGES, BEFORE, METADATA};
    static const int OTHER[PARTS] = {ACTOR_ID, CHANGES, AFTER, ENDPOINT};
    const Field *f = r->fields;
    for (int i = 0; i < PARTS; i++) {
        r->present[i] = f[FIRST[i]].length >= 0 || f[OTHER[i]].length >= 0;
        begin(&r->parts[i], accelerated);
        put(&r->parts[i], f[PART_SALTS].at + SALT * i, SALT);
    }
    static const int IDENTITY[] = {ACTOR_ID, ACTOR_EMAIL, ACTOR_IP, SESSION_ID, USER_AGENT};
    for (int i = 0; i < 5; i++) {
        put(&r->parts[0], i ? ", " : "[", i ? 2 : 1);
        put_json(&r->parts[0], &f[IDENTITY[i]]);
    }
    PUT(&r->parts[0], "]");
    put_field(&r->parts[1], &f[CHANGES]);
    put_field(&r->parts[2], &f[BEFORE]), PUT(&r->parts[2], "\n"), put_field(&r->parts[2], &f[AFTER]);
    put_field(&r->parts[3], &f[METADATA]);
    if (f[ENDPOINT].length >= 0) PUT(&r->parts[3], "\n"), put_field(&r->parts[3], &f[ENDPOINT]);
}

static void begin_whole(Row *r, int accelerated) {
    static const int PLAIN[] = {EVENT_TYPE, ACTOR_TYPE, RESOURCE_TYPE, RESOURCE_ID, HTTP_METHOD, REQUEST_ID};
    Message *m = &r->whole;
    begin(m, accelerated);
    PUT(m, "[\"audit/2\", "), put_json(m, &r->fields[TENANT]);
    PUT(m, ", "), put_number(m, r->state.sequence);
    PUT(m, ", "), put_json(m, &r->fields[PREVIOUS_HASH]);
    PUT(m, ", "), put_json(m, &r->fields[EVENT_ID]);
    PUT(m, ", "), put_number(m, r->state.timestamp_us);
    for (int i = 0; i < 6; i++) PUT(m, ", "), put_json(m, &r->fields[PLAIN[i]]);
    for (int i = 0; i < PARTS; i++) {
        uint8_t hex[64];
        if (r->present[i]) {
            digest_hex(&r->parts[i], hex);
            PUT(m, ", \""), put(m, hex, sizeof hex), PUT(m, "\"");
        } else {
            PUT(m, ", null");
        }
    }
    PUT(m, "]");
}

static void put_digits(Message *m, int64_t value, int digits) {
    char text[6];
    for (int i = digits; i > 0; value /= 10) text[--i] = (char)('0' + value % 10);
    put(m, text, (size_t)digits);
}

/* The time as a session at that offset prints it, e.g. 2024-01-15T10:30:00.5+05:30. */
static void put_local_time(Message *m, int64_t local_us, int32_t offset) {
    int64_t since = local_us - FIRST_US, days = since / DAY, us = since % DAY;
    int64_t z = days + 306, era = z / 146097, of_era = z % 146097; /* a year that begins in March, from year 0 */
    int64_t year = (of_era - of_era / 1460 + of_era / 36524 - of_era / 146096) / 365;
    int64_t day = of_era - (365 * year + year / 4 - year / 100), month = (5 * day + 2) / 153;
    put_digits(m, era * 400 + year + (month >= 10), 4);
    PUT(m, "-"), put_digits(m, month < 10 ? month + 3 : month - 9, 2);
    PUT(m, "-"), put_digits(m, day - (153 * month + 2) / 5 + 1, 2);
    PUT(m, "T"), put_digits(m, us / (3600 * SECOND), 2);
    PUT(m, ":"), put_digits(m, us / (60 * SECOND) % 60, 2);
    PUT(m, ":"), put_digits(m, us / SECOND % 60, 2);
    int64_t fraction = us % SECOND;
    int digits = 6;
    if (fraction != 0) {
        for (; fraction % 10 == 0; fraction /= 10) digits--;
        PUT(m, "."), put_digits(m, fraction, digits);
    }
    int64_t size = offset < 0 ? -(int64_t)offset : offset;
    put(m, offset < 0 ? "-" : "+", 1), put_digits(m, size / 3600, 2);
    PUT(m, ":"), put_digits(m, size / 60 % 60, 2);
    if (size % 60 != 0) PUT(m, ":"), put_digits(m, size % 60, 2);
}

/* The guide's json_build_object. */
static int begin_version_1(Row *r, const Expect *expect) {
    const Field *f = r->fields;
    Message *m = &r->whole;
    int64_t local = r->state.timestamp_us + expect->offset_seconds * SECOND;
    if (local < FIRST_US || local > LAST_US) return 0;
    begin(m, expect->accelerated);
    PUT(m, "{\"event_id\" : "), put_json(m, &f[EVENT_ID]);
    PUT(m, ", \"sequence_number\" : "), put_number(m, r->state.sequence);
    PUT(m, ", \"timestamp\" : \""), put_local_time(m, local, expect->offset_seconds);
    PUT(m, "\", \"event_type\" : "), put_json(m, &f[EVENT_TYPE]);
    PUT(m, ", \"tenant_id\" : "), put_json(m, &f[TENANT]);
    PUT(m, ", \"actor_id\" : "), put_json(m, &f[ACTOR_ID]);
    PUT(m, ", \"resource_type\" : "), put_json(m, &f[RESOURCE_TYPE]);
    PUT(m, ", \"resource_id\" : "), put_json(m, &f[RESOURCE_ID]);
    PUT(m, ", \"changes\" : ");
    if (f[CHANGES].length < 0) PUT(m, "null");
    put_field(m, &f[CHANGES]);
    PUT(m, ", \"previous_hash\" : "), put_json(m, &f[PREVIOUS_HASH]);
    PUT(m, "}");
    return 1;
}

/* ---- One row after another -------------------------------------------------------------------------- */

static int follows(Row *r, const State *before, const Expect *expect) {
    const Field *f = r->fields;
    int64_t version = 1, moment;
    if (!is_well_formed(r->fields, expect->columns)) return 0;
    if ((uint64_t)f[TENANT].length != expect->tenant_length ||
        memcmp(f[TENANT].at, expect->tenant, (size_t)expect->tenant_length) != 0)
        return 0;
    if (!read_number(&f[ID], &r->state.row_id) || !read_number(&f[SEQUENCE], &r->state.sequence)) return 0;
    if (before->sequence < 1 || before->sequence == INT64_MAX || r->state.sequence != before->sequence + 1)
        return 0;
    if (f[PREVIOUS_HASH].length != 64 || f[EVENT_HASH].length != 64) return 0;
    /* Both hashes are compared with 64 digits: those of the row before, and in the end those computed. */
    if (memcmp(f[PREVIOUS_HASH].at, before->event_hash, 64) != 0) return 0;
    memcpy(r->state.event_hash, f[EVENT_HASH].at, 64);
    if (f[TIMESTAMP].length != 8 || !read_number(&f[TIMESTAMP], &moment)) return 0;
    if (moment < FIRST_US - EPOCH_2000 || moment > LAST_US - EPOCH_2000) return 0;
    r->state.timestamp_us = moment + EPOCH_2000;
    if (r->state.timestamp_us < before->timestamp_us) return 0;
    if (expect->columns == COLUMNS) {
        if (!read_number(&f[HASH_VERSION], &version)) return 0;
        if (f[ERASED_PARTS].length >= 0) return 0;
        if (f[PART_SALTS].length != (version == 2 ? PARTS * SALT : -1)) return 0;
    }
    r->state.hash_version = (int32_t)version, r->state.unused = 0;
    if (version == 2) return before->hash_version == 1 || before->hash_version == 2;
    return version == 1 && before->hash_version == 1 && expect->version_1;
}

/* All but the hashes of one row. */
static int take(Row *r, const uint8_t *data, size_t size, const State *before, const Expect *expect) {
    int found = split(data, size, expect->columns, r->fields, &r->size);
    if (found != WHOLE) return found;
    if (!follows(r, before, expect)) return LOOK;
    if (r->state.hash_version == 1) return begin_version_1(r, expect) ? WHOLE : LOOK;
    begin_parts(r, expect->accelerated);
    return WHOLE;
}

static void hash_parts(Row *r) {
    if (r->state.hash_version != 2) return;
    end_both(&r->parts[0], &r->parts[1]), end_both(&r->parts[2], &r->parts[3]);
    begin_whole(r, r->whole.accelerated);
}

static int is_sealed(const Row *r) {
    uint8_t hex[64];
    digest_hex(&r->whole, hex);
    return memcmp(hex, r->state.event_hash, 64) == 0;
}

static void pass(const Row *r, State *state, Result *result) {
    *state = r->state;
    result->last = result->consumed;
    result->rows++, result->consumed += r->size;
    if (r->state.hash_version == 1) result->rows_version_1++;
}

static int is_usable(const Expect *e) {
    if (e->columns != COLUMNS && e->columns != GUIDE_COLUMNS) return 0;
    return e->offset_seconds > -86400 && e->offset_seconds < 86400;
}

/* Passes over regular rows; `state` is that of the last row passed, or of the one before the data. */
EXPORT void audit_fast_advance(const uint8_t *data, uint64_t size, const Expect *expect, State *state,
                               Result *result) {
    Row rows[2];
    memset(result, 0, sizeof *result);
    result->stopped = LOOK;
    if (!is_usable(expect) || !is_hash(state->event_hash)) return;
    rows[0].whole.accelerated = rows[1].whole.accelerated = expect->accelerated;
    for (;;) {
        const uint8_t *at = data + result->consumed;
        size_t left = (size_t)(size - result->consumed);
        int second = LOOK, first = take(&rows[0], at, left, state, expect);
        if (first == WHOLE) second = take(&rows[1], at + rows[0].size, left - rows[0].size, &rows[0].state, expect);
        if (first != WHOLE) {
            result->stopped = first;
            return;
        }
        hash_parts(&rows[0]);
        if (second == WHOLE) hash_parts(&rows[1]), end_both(&rows[0].whole, &rows[1].whole);
        else end(&rows[0].whole);
        if (!is_sealed(&rows[0])) return;
        pass(&rows[0], state, result);
        if (second == WHOLE) {
            if (!is_sealed(&rows[1])) return;
            pass(&rows[1], state, result);
        } else {
            result->stopped = second;
            return;
        }
    }
}

EXPORT uint32_t audit_fast_abi(void) { return ABI; }

EXPORT const char *audit_fast_source(void) { return SOURCE_DIGEST; }

EXPORT int32_t audit_fast_has_sha(void) { return has_sha(); }

/* The hash alone, for tests. */
EXPORT void audit_fast_sha256(const uint8_t *data, uint64_t size, int32_t accelerated, uint8_t hex[64]) {
    Message m;
    begin(&m, accelerated);
    put(&m, data, (size_t)size);
    end(&m);
    digest_hex(&m, hex);
}
