#define _GNU_SOURCE

#include "work.h"

#include "sockets.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { ASK = 0x10, ANSWERS = 0x11, ASK_HEAD_BYTES = 11, ENTRY_HEAD_BYTES = 4, ANSWER_FIXED_BYTES = 16 };
enum { FLAG_CACHED = 2 };

static uint16_t u16(const uint8_t *bytes) {
    return (uint16_t)(bytes[0] << 8 | bytes[1]);
}

static uint32_t u32(const uint8_t *bytes) {
    return (uint32_t)u16(bytes) << 16 | u16(bytes + 2);
}

static void put_u16(uint8_t *bytes, uint32_t value) {
    bytes[0] = (uint8_t)(value >> 8);
    bytes[1] = (uint8_t)value;
}

static void put_u32(uint8_t *bytes, uint32_t value) {
    put_u16(bytes, value >> 16);
    put_u16(bytes + 2, value);
}

size_t frame_length(const uint8_t *frame) {
    return (size_t)4 + u32(frame);
}

uint32_t frame_request(const uint8_t *frame) {
    return u32(frame + 5);
}

static void *allocate(size_t bytes) {
    void *memory = malloc(bytes);
    if (memory == NULL) fail_call("malloc");
    return memory;
}

static uint8_t *read_file(const char *path, size_t *length) {
    FILE *file = fopen(path, "rb");
    if (file == NULL) fail_call(path);
    if (fseek(file, 0, SEEK_END) != 0) fail_call(path);
    *length = (size_t)ftell(file);
    rewind(file);
    uint8_t *bytes = allocate(*length);
    if (fread(bytes, 1, *length, file) != *length) fail_call(path);
    fclose(file);
    return bytes;
}

/* Takes one request of the file to the end of the frame at `frame`, which has `*length` bytes so far. */
static const uint8_t *take_entry(
    const uint8_t *entry, const uint8_t *end, struct work *work, uint32_t question, uint8_t *frame, size_t *length) {
    if (end - entry < ENTRY_HEAD_BYTES) fail("the work file is cut short");
    size_t bytes = u16(entry + 2);
    const uint8_t *body = entry + ENTRY_HEAD_BYTES;
    if ((size_t)(end - body) < bytes) fail("the work file is cut short");
    work->decisions[question] = entry[0];
    work->reasons[question] = entry[1];
    memcpy(frame + *length, body, bytes);
    *length += bytes;
    return body + bytes;
}

static void finish_frame(uint8_t *frame, size_t length, uint32_t request, uint32_t questions) {
    put_u32(frame, (uint32_t)length - 4);
    frame[4] = ASK;
    put_u32(frame + 5, request);
    put_u16(frame + FRAME_HEAD_BYTES, questions);
}

struct work load_work(const char *path, uint32_t batch) {
    size_t file_length;
    uint8_t *file = read_file(path, &file_length);
    if (file_length < 8 || memcmp(file, "AZBW", 4) != 0) fail("this is no work file");
    struct work work = {.batch = batch, .frames = u32(file + 4) / batch};
    if (work.frames == 0) fail("the work file has too few requests for one frame");
    uint32_t questions = work.frames * batch;
    work.bytes = allocate(file_length + (size_t)work.frames * ASK_HEAD_BYTES);
    work.offsets = allocate(((size_t)work.frames + 1) * sizeof *work.offsets);
    work.decisions = allocate(questions);
    work.reasons = allocate(questions);

    const uint8_t *entry = file + 8;
    work.offsets[0] = 0;
    for (uint32_t f = 0; f < work.frames; f++) {
        uint8_t *frame = work.bytes + work.offsets[f];
        size_t length = ASK_HEAD_BYTES;
        for (uint32_t q = f * batch; q < (f + 1) * batch; q++) {
            entry = take_entry(entry, file + file_length, &work, q, frame, &length);
        }
        finish_frame(frame, length, f, batch);
        work.offsets[f + 1] = work.offsets[f] + length;
    }
    free(file);
    return work;
}

static int complain(uint32_t frame, const char *what) {
    fprintf(stderr, "wrong answer to frame %u: %s\n", frame, what);
    return 0;
}

static int complain_of(uint32_t question, const struct work *work, const uint8_t *answer) {
    fprintf(
        stderr, "wrong answer to question %u: decision %u, reason %u instead of decision %u, reason %u\n", question,
        answer[0], answer[1], work->decisions[question], work->reasons[question]);
    return 0;
}

/* Bytes of the answer at `answer`; 0 if it runs past `end`. */
static size_t answer_bytes(const uint8_t *answer, const uint8_t *end) {
    size_t left = (size_t)(end - answer);
    if (left < ANSWER_FIXED_BYTES + 2) return 0;
    size_t bytes = ANSWER_FIXED_BYTES + 2 + u16(answer + ANSWER_FIXED_BYTES);
    if (left < bytes + 2) return 0;
    bytes += 2 + u16(answer + bytes);
    return left < bytes ? 0 : bytes;
}

int is_right_answer(
    const struct work *work, uint32_t frame, const uint8_t *answer, size_t length, struct tally *tally) {
    if (length < FRAME_HEAD_BYTES + 2 || answer[4] != ANSWERS) return complain(frame, "not a frame of answers");
    if (u16(answer + FRAME_HEAD_BYTES) != work->batch) return complain(frame, "not as many answers as questions");
    const uint8_t *end = answer + length;
    const uint8_t *next = answer + FRAME_HEAD_BYTES + 2;
    for (uint32_t q = frame * work->batch; q < (frame + 1) * work->batch; q++) {
        size_t bytes = answer_bytes(next, end);
        if (bytes == 0) return complain(frame, "an answer is cut short");
        if (next[0] != work->decisions[q] || next[1] != work->reasons[q]) return complain_of(q, work, next);
        tally->decisions[next[0]]++;
        tally->cached += (next[2] & FLAG_CACHED) != 0;
        next += bytes;
    }
    return next == end ? 1 : complain(frame, "bytes are left over");
}

int is_echo(const struct work *work, uint32_t frame, const uint8_t *answer, size_t length) {
    size_t sent = work->offsets[frame + 1] - work->offsets[frame];
    if (length != sent || memcmp(answer, work->bytes + work->offsets[frame], sent) != 0) {
        return complain(frame, "not the bytes that were sent");
    }
    return 1;
}
