/* SHA-256 over messages that are put together piece by piece, two at a time where the processor can. */
#ifndef AUDIT_FAST_SHA256_H
#define AUDIT_FAST_SHA256_H

#include <stddef.h>
#include <stdint.h>
#include <string.h>

#if defined(__x86_64__) && (defined(__GNUC__) || defined(__clang__))
#define WITH_SHA_NI 1
#include <cpuid.h>
#include <immintrin.h>
#endif

static const uint32_t K[64] = {
    0x428a2f98, 0x71374491, 0xb5c0fbcf, 0xe9b5dba5, 0x3956c25b, 0x59f111f1, 0x923f82a4, 0xab1c5ed5,
    0xd807aa98, 0x12835b01, 0x243185be, 0x550c7dc3, 0x72be5d74, 0x80deb1fe, 0x9bdc06a7, 0xc19bf174,
    0xe49b69c1, 0xefbe4786, 0x0fc19dc6, 0x240ca1cc, 0x2de92c6f, 0x4a7484aa, 0x5cb0a9dc, 0x76f988da,
    0x983e5152, 0xa831c66d, 0xb00327c8, 0xbf597fc7, 0xc6e00bf3, 0xd5a79147, 0x06ca6351, 0x14292967,
    0x27b70a85, 0x2e1b2138, 0x4d2c6dfc, 0x53380d13, 0x650a7354, 0x766a0abb, 0x81c2c92e, 0x92722c85,
    0xa2bfe8a1, 0xa81a664b, 0xc24b8b70, 0xc76c51a3, 0xd192e819, 0xd6990624, 0xf40e3585, 0x106aa070,
    0x19a4c116, 0x1e376c08, 0x2748774c, 0x34b0bcb5, 0x391c0cb3, 0x4ed8aa4a, 0x5b9cca4f, 0x682e6ff3,
    0x748f82ee, 0x78a5636f, 0x84c87814, 0x8cc70208, 0x90befffa, 0xa4506ceb, 0xbef9a3f7, 0xc67178f2};

static const uint32_t START[8] = {0x6a09e667, 0xbb67ae85, 0x3c6ef372, 0xa54ff53a,
                                  0x510e527f, 0x9b05688c, 0x1f83d9ab, 0x5be0cd19};

static uint32_t read32(const uint8_t *p) {
    return (uint32_t)p[0] << 24 | (uint32_t)p[1] << 16 | (uint32_t)p[2] << 8 | p[3];
}

static void write32(uint8_t *p, uint32_t v) {
    p[0] = (uint8_t)(v >> 24), p[1] = (uint8_t)(v >> 16), p[2] = (uint8_t)(v >> 8), p[3] = (uint8_t)v;
}

#define ROTR(x, n) ((x) >> (n) | (x) << (32 - (n)))

/* One round: the eight names move on by one place from one to the next instead of their values. */
#define ROUND(a, b, c, d, e, f, g, h, i)                                                                     \
    do {                                                                                                     \
        uint32_t t = h + (ROTR(e, 6) ^ ROTR(e, 11) ^ ROTR(e, 25)) + (g ^ (e & (f ^ g))) + K[i] + w[(i) & 15]; \
        d += t;                                                                                              \
        h = t + (ROTR(a, 2) ^ ROTR(a, 13) ^ ROTR(a, 22)) + ((a & b) | (c & (a | b)));                        \
    } while (0)

static void next_words(uint32_t w[16]) {
    for (int i = 0; i < 16; i++) {
        uint32_t x = w[(i + 1) & 15], y = w[(i + 14) & 15];
        w[i] += (ROTR(x, 7) ^ ROTR(x, 18) ^ x >> 3) + w[(i + 9) & 15] + (ROTR(y, 17) ^ ROTR(y, 19) ^ y >> 10);
    }
}

static void compress_plain(uint32_t s[8], const uint8_t *data, size_t blocks) {
    for (; blocks > 0; blocks--, data += 64) {
        uint32_t w[16], a = s[0], b = s[1], c = s[2], d = s[3], e = s[4], f = s[5], g = s[6], h = s[7];
        for (int i = 0; i < 16; i++) w[i] = read32(data + 4 * i);
        for (int i = 0; i < 64; i += 8) {
            if (i > 0 && i % 16 == 0) next_words(w);
            ROUND(a, b, c, d, e, f, g, h, i); ROUND(h, a, b, c, d, e, f, g, i + 1);
            ROUND(g, h, a, b, c, d, e, f, i + 2); ROUND(f, g, h, a, b, c, d, e, i + 3);
            ROUND(e, f, g, h, a, b, c, d, i + 4); ROUND(d, e, f, g, h, a, b, c, i + 5);
            ROUND(c, d, e, f, g, h, a, b, i + 6); ROUND(b, c, d, e, f, g, h, a, i + 7);
        }
        s[0] += a, s[1] += b, s[2] += c, s[3] += d, s[4] += e, s[5] += f, s[6] += g, s[7] += h;
    }
}

#ifdef WITH_SHA_NI
#define WITH_SHA __attribute__((target("sha,sse4.1,ssse3")))
#define LOAD(p) _mm_loadu_si128((const __m128i *)(const void *)(p))
#define STORE(p, v) _mm_storeu_si128((__m128i *)(void *)(p), v)

typedef struct {
    __m128i abef, cdgh, abef_before, cdgh_before, m0, m1, m2, m3;
} Lane;

WITH_SHA static inline __m128i load_words(const uint8_t *p) {
    return _mm_shuffle_epi8(LOAD(p), _mm_set_epi64x(0x0c0d0e0f08090a0bLL, 0x0405060700010203LL));
}

WITH_SHA static inline void open_lane(Lane *l, const uint32_t h[8]) {
    __m128i low = _mm_shuffle_epi32(LOAD(h), 0xB1), high = _mm_shuffle_epi32(LOAD(h + 4), 0x1B);
    l->abef = _mm_alignr_epi8(low, high, 8), l->cdgh = _mm_blend_epi16(high, low, 0xF0);
}

WITH_SHA static inline void close_lane(const Lane *l, uint32_t h[8]) {
    __m128i low = _mm_shuffle_epi32(l->abef, 0x1B), high = _mm_shuffle_epi32(l->cdgh, 0xB1);
    STORE(h, _mm_blend_epi16(low, high, 0xF0)), STORE(h + 4, _mm_alignr_epi8(high, low, 8));
}

WITH_SHA static inline void open_block(Lane *l, const uint8_t *data) {
    l->abef_before = l->abef, l->cdgh_before = l->cdgh;
    l->m0 = load_words(data), l->m1 = load_words(data + 16);
    l->m2 = load_words(data + 32), l->m3 = load_words(data + 48);
}

WITH_SHA static inline void close_block(Lane *l) {
    l->abef = _mm_add_epi32(l->abef, l->abef_before), l->cdgh = _mm_add_epi32(l->cdgh, l->cdgh_before);
}

/* Four rounds; the words of four rounds later take the place of those used. */
#define ROUNDS(l, i, a, b, c, d)                                                                             \
    do {                                                                                                     \
        __m128i wk = _mm_add_epi32((l)->a, LOAD(K + 4 * (i)));                                               \
        (l)->cdgh = _mm_sha256rnds2_epu32((l)->cdgh, (l)->abef, wk);                                         \
        if ((i) < 12)                                                                                        \
            (l)->a = _mm_sha256msg2_epu32(                                                                   \
                _mm_add_epi32(_mm_sha256msg1_epu32((l)->a, (l)->b), _mm_alignr_epi8((l)->d, (l)->c, 4)),     \
                (l)->d);                                                                                     \
        (l)->abef = _mm_sha256rnds2_epu32((l)->abef, (l)->cdgh, _mm_shuffle_epi32(wk, 0x0E));                \
    } while (0)
#define ONE(i, a, b, c, d) ROUNDS(&x, i, a, b, c, d)
#define TWO(i, a, b, c, d) ROUNDS(&x, i, a, b, c, d); ROUNDS(&y, i, a, b, c, d)
#define BLOCK(R)                                                                                             \
    do {                                                                                                     \
        R(0, m0, m1, m2, m3); R(1, m1, m2, m3, m0); R(2, m2, m3, m0, m1); R(3, m3, m0, m1, m2);              \
        R(4, m0, m1, m2, m3); R(5, m1, m2, m3, m0); R(6, m2, m3, m0, m1); R(7, m3, m0, m1, m2);              \
        R(8, m0, m1, m2, m3); R(9, m1, m2, m3, m0); R(10, m2, m3, m0, m1); R(11, m3, m0, m1, m2);            \
        R(12, m0, m1, m2, m3); R(13, m1, m2, m3, m0); R(14, m2, m3, m0, m1); R(15, m3, m0, m1, m2);          \
    } while (0)

WITH_SHA static void compress_ni(uint32_t h[8], const uint8_t *data, size_t blocks) {
    Lane x;
    open_lane(&x, h);
    for (; blocks > 0; blocks--, data += 64) {
        open_block(&x, data);
        BLOCK(ONE);
        close_block(&x);
    }
    close_lane(&x, h);
}

/* Two messages at once: the instruction's latency is twice its cost, so the second is nearly free. */
WITH_SHA static void compress_two_ni(uint32_t hx[8], const uint8_t *dx, uint32_t hy[8], const uint8_t *dy,
                                     size_t blocks) {
    Lane x, y;
    open_lane(&x, hx), open_lane(&y, hy);
    for (; blocks > 0; blocks--, dx += 64, dy += 64) {
        open_block(&x, dx), open_block(&y, dy);
        BLOCK(TWO);
        close_block(&x), close_block(&y);
    }
    close_lane(&x, hx), close_lane(&y, hy);
}
#endif

static void compress(uint32_t h[8], const uint8_t *data, size_t blocks, int accelerated) {
#ifdef WITH_SHA_NI
    if (accelerated) {
        compress_ni(h, data, blocks);
        return;
    }
#endif
    (void)accelerated;
    compress_plain(h, data, blocks);
}

/* ---- A message on its way into a hash --------------------------------------------------------------- */

#define ROOM 2048

typedef struct {
    uint32_t h[8];
    uint64_t hashed;
    size_t fill;
    int accelerated;
    uint8_t pending[ROOM + 128]; /* kept back until the end where it fits, so that two can be hashed at once */
} Message;

static void begin(Message *m, int accelerated) {
    memcpy(m->h, START, sizeof START);
    m->hashed = 0, m->fill = 0, m->accelerated = accelerated;
}

static void flush(Message *m) {
    size_t whole = m->fill & ~(size_t)63;
    compress(m->h, m->pending, whole / 64, m->accelerated);
    m->hashed += whole, m->fill -= whole;
    memmove(m->pending, m->pending + whole, m->fill);
}

static void put_beyond(Message *m, const uint8_t *p, size_t size) {
    while (size > ROOM - m->fill) {
        size_t part = ROOM - m->fill;
        memcpy(m->pending + m->fill, p, part);
        m->fill = ROOM, p += part, size -= part;
        flush(m);
    }
    memcpy(m->pending + m->fill, p, size);
    m->fill += size;
}

static inline void put(Message *m, const void *bytes, size_t size) {
    if (size > ROOM - m->fill) {
        put_beyond(m, bytes, size);
        return;
    }
    memcpy(m->pending + m->fill, bytes, size);
    m->fill += size;
}

#define PUT(m, literal) put(m, literal, sizeof literal - 1)

static void pad(Message *m) {
    uint64_t bits = (m->hashed + m->fill) * 8;
    m->pending[m->fill++] = 0x80;
    size_t zeros = (120 - m->fill % 64) % 64;
    memset(m->pending + m->fill, 0, zeros);
    m->fill += zeros;
    write32(m->pending + m->fill, (uint32_t)(bits >> 32)), write32(m->pending + m->fill + 4, (uint32_t)bits);
    m->fill += 8;
}

static void end_both(Message *x, Message *y) {
    size_t both = 0;
    pad(x), pad(y);
#ifdef WITH_SHA_NI
    if (x->accelerated && y->accelerated) {
        both = x->fill < y->fill ? x->fill : y->fill;
        compress_two_ni(x->h, x->pending, y->h, y->pending, both / 64);
    }
#endif
    compress(x->h, x->pending + both, (x->fill - both) / 64, x->accelerated);
    compress(y->h, y->pending + both, (y->fill - both) / 64, y->accelerated);
}

static void end(Message *m) {
    pad(m);
    compress(m->h, m->pending, m->fill / 64, m->accelerated);
}

/* Eight digits at once: one in each byte, of which those above nine need the letters. */
static void digest_hex(const Message *m, uint8_t hex[64]) {
    for (int i = 0; i < 8; i++) {
        uint64_t x = m->h[i];
        x = (x << 16 | x) & 0x0000ffff0000ffff, x = (x << 8 | x) & 0x00ff00ff00ff00ff;
        x = (x << 4 | x) & 0x0f0f0f0f0f0f0f0f;
        x += 0x3030303030303030 + (((x + 0x0606060606060606) >> 4) & 0x0101010101010101) * ('a' - '0' - 10);
        write32(hex + 8 * i, (uint32_t)(x >> 32)), write32(hex + 8 * i + 4, (uint32_t)x);
    }
}

/* Whether the processor has the instructions: only then may `accelerated` be set. */
static int has_sha(void) {
#ifdef WITH_SHA_NI
    unsigned a, b, c, d;
    if (!__get_cpuid(1, &a, &b, &c, &d) || !(c & bit_SSSE3) || !(c & bit_SSE4_1)) return 0;
    return __get_cpuid_count(7, 0, &a, &b, &c, &d) && (b & (1u << 29)) != 0;
#else
    return 0;
#endif
}

#endif
