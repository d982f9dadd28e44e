/* Feeds the kernel with rows that were broken in every way, each in memory of exactly its size, so that a
 * sanitizer sees whatever is read outside of it:  fuzz_driver FILE ROUNDS
 *
 * The file holds intact rows of version 2 after the byte count of the first, which is the row before. Besides
 * the sanitizer's, it makes sure of this: nothing is consumed beyond the data, and what is passed adds up.
 */
#include "kernel.c"

#include <stdio.h>
#include <stdlib.h>

static uint64_t seed = 88172645463325252u;

static uint64_t draw(uint64_t below) {
    seed ^= seed << 13, seed ^= seed >> 7, seed ^= seed << 17;
    return below ? seed % below : 0;
}

static size_t mutate(uint8_t *data, size_t size) {
    static const uint8_t ODD[] = {0x00, 0xff, 0x7f, 0x80, 0x01, 0xed, 0xf4, 0xc0, '"', '\\'};
    for (uint64_t changes = 1 + draw(4); changes > 0 && size > 0; changes--) {
        size_t at = (size_t)draw(size), length = (size_t)draw(9);
        if (length > size - at) length = size - at;
        switch (draw(6)) {
        case 0: data[at] = (uint8_t)draw(256); break;
        case 1: data[at] ^= (uint8_t)(1u << draw(8)); break;
        case 2: memset(data + at, ODD[draw(sizeof ODD)], length); break;
        case 3: memmove(data + at, data + at + length, size - at - length), size -= length; break;
        case 4: memmove(data + at, data + draw(size - length + 1), length); break;
        default: size = at;
        }
    }
    return size;
}

static void feed(const uint8_t *from, size_t size, const State *before, const Expect *expect, int intact) {
    uint8_t *data = malloc(size ? size : 1), *exact = size ? data : NULL;
    State state = *before;
    Result result;
    if (data == NULL) exit(2);
    memcpy(data, from, size);
    audit_fast_advance(exact, size, expect, &state, &result);
    if (result.consumed > size || result.rows > result.consumed || result.last > result.consumed || (result.rows == 0) != (result.consumed == 0) ||
        (uint64_t)(state.sequence - before->sequence) != result.rows ||
        (result.stopped == AT_END) != (result.consumed == size && result.stopped != LOOK) ||
        result.stopped < AT_END || result.stopped > LOOK || (intact && result.stopped != AT_END)) {
        fprintf(stderr, "%llu rows, %llu of %zu bytes, stopped %d\n", (unsigned long long)result.rows,
                (unsigned long long)result.consumed, size, result.stopped);
        exit(3);
    }
    free(data);
}

int main(int argc, char **argv) {
    static uint8_t rows[1 << 20], work[1 << 20];
    FILE *file = argc == 3 ? fopen(argv[1], "rb") : NULL;
    if (file == NULL) return 2;
    size_t size = fread(rows, 1, sizeof rows, file);
    fclose(file);
    State before;
    memset(&before, 0, sizeof before);
    before.timestamp_us = FIRST_US, before.hash_version = 1, before.sequence = 1;
    memcpy(before.event_hash, rows, 64);
    Expect expect = {rows + 65, rows[64], COLUMNS, 1, 0, 0};
    size_t start = 65 + rows[64];
    for (long round = 0, rounds = atol(argv[2]); round < rounds; round++) {
        size_t length = size - start;
        memcpy(work, rows + start, length);
        expect.columns = draw(4) ? COLUMNS : GUIDE_COLUMNS, expect.accelerated = has_sha() && draw(2);
        expect.offset_seconds = (int32_t)draw(180000) - 90000;
        if (round > 0 && draw(8) == 0) {
            length = (size_t)draw(4000);
            for (size_t i = 0; i < length; i++) work[i] = (uint8_t)(draw(2) ? draw(256) : 0);
            work[0] = 0, work[1] = (uint8_t)expect.columns;
        } else if (round > 0) {
            length = mutate(work, length);
        } else {
            expect.columns = COLUMNS, expect.offset_seconds = 0;
        }
        feed(work, length, &before, &expect, round == 0);
    }
    return 0;
}
