/* The process that has the memory: answers requests and, with_bulk, sends all pages. */
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>

#include "floor.h"

static atomic_uint *claimed;

static int claim(uint64_t page)
{
    return atomic_exchange(&claimed[page], 1) == 0;
}

static void *serve_requests(void *unused)
{
    uint64_t page;
    while (receive(urgent, &page, sizeof page)) {
        if (page >= pages) {
            fprintf(stderr, "floor: request for page %lu of %lu\n", page, pages);
            exit(1);
        }
        if (!claim(page))
            continue;
        struct run header = { page, 1 };
        transmit(urgent, &header, sizeof header, MSG_MORE);
        transmit(urgent, memory + page * PAGE, PAGE, 0);
    }
    return unused;
}

static void push_all(void)
{
    for (uint64_t page = 0; page < pages;) {
        struct run header = { page, 0 };
        while (page < pages && header.pages < RUN_PAGES && claim(page)) {
            header.pages++;
            page++;
        }
        if (header.pages == 0) {
            page++;
            continue;
        }
        transmit(bulk, &header, sizeof header, MSG_MORE);
        transmit(bulk, memory + header.first * PAGE, header.pages * PAGE, 0);
    }
    struct run end = { END, 0 };
    transmit(bulk, &end, sizeof end, 0);
}

void source(int with_bulk)
{
    memory = map();
    claimed = calloc(pages, sizeof *claimed);
    if (!claimed)
        die("calloc");
    uint64_t state = 88172645463325252ul;
    for (uint64_t page = 0; page < pages; page++) {
        uint64_t *words = (uint64_t *)(memory + page * PAGE);
        words[0] = page;
        for (size_t i = 1; i < PAGE / sizeof *words; i++)
            words[i] = next_random(&state);
    }
    pthread_t thread;
    char go = 'r';
    transmit(bulk, &go, 1, 0); /* ready: the time to fill memory does not count */
    if (!receive(bulk, &go, 1))
        die("the destination is gone");
    pthread_create(&thread, 0, serve_requests, 0);
    if (with_bulk)
        push_all();
    pthread_join(thread, 0);
}
