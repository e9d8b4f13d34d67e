/* What both processes of the floor share; see floor.c. */
#ifndef FLOOR_H
#define FLOOR_H

#include <stddef.h>
#include <stdint.h>

#define PAGE 4096ul
#define RUN_PAGES 16ul
#define MIN_FAULT_NS 10000ul
#define END UINT64_MAX

/* Before the pages of a run; first = END and no pages when all was sent. */
struct run {
    uint64_t first, pages;
};

/* Of the memory, in both processes; each has its own memory and its ends of the connections. */
extern uint64_t pages;
extern char *memory;
extern int urgent, bulk;

/* Fills memory, and answers until the destination closes. */
void source(int with_bulk);

/* Measures, and prints the result. */
void destination(const char *mode, int touches, int with_bulk, int keep);

/* Ends the process with a message and errno. */
void die(const char *what);

/* CLOCK_MONOTONIC, in nanoseconds. */
uint64_t now(void);

/* Xorshift; the state must not be 0. */
uint64_t next_random(uint64_t *state);

/* All of length, or 0 at the end of the stream. */
int receive(int fd, void *to, size_t length);

void transmit(int fd, const void *from, size_t length, int flags);

/* Memory of 4 KiB pages for the VM. */
char *map(void);

#endif
