/* A process whose memory has known contents, to be moved while it runs and to be checked wherever it is.
 *
 *   memory-server PORT MIB [threads=N] [fragmented] [huge] [sparse=GIB] [shared=MIB] [children=N] [zombie]
 *
 * Fills MIB MiB of anonymous memory, prints READY, then serves one client after the other on 127.0.0.1:PORT: a
 * line with a command, a line with the answer, which begins with OK or BAD.
 *
 *   PING                 nothing but the answer
 *   CHECK                reads all pages
 *   RAND n seed          reads n random pages; the answer has latencies in microseconds
 *   FORK                 forks; the child checks all pages while the parent does
 *   MREMAP               moves the last quarter to another address with one call, then checks
 *   MSPLIT n             moves every second slice of 64 pages, n in all, then checks
 *   MSWEEP step n us     moves n pages of every "step", with a pause after each move, then checks
 *   DONTNEED             discards the second quarter, then checks: discarded pages read as zeros
 *   DNHEAD n             discards the first 8 pages of each of n slices of 256, then checks
 *   SWEEP step us        discards every "step"th page, with a pause after each, then checks
 *   UNMAP                unmaps the third quarter, maps zeros there, then checks
 *   BIGDN, BIGUN         discards, unmaps the sparse memory, which is larger than 32 bits can count
 *   WRITE                gives every 7th page new contents, then checks
 *   STAT                 pages that the threads have checked
 *
 * With port 0 it has no socket: at each SIGUSR1 it does FORK, and prints the answer.
 *
 * threads=N     N threads read random pages all the time; a wrong one is reported with every further answer
 * fragmented    only every second page exists: the dump gets one range for each page
 * huge          madvise(MADV_HUGEPAGE)
 * sparse=GIB    a second mapping, with one page for every 16 MiB
 * shared=MIB    memory that the children share, which CHECK reads as well
 * children=N    forks N children after filling, which serve PORT+1 to PORT+N
 * zombie        a further child that has exited, and is never waited for */
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <pthread.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

enum { PAGE = 4096, WORDS = PAGE / 8, SLICE = 64, HEAD_SLICE = 256, HEAD = 8, WRITE_STEP = 7, ANSWER = 256 };
enum content { ZEROS, FIRST, REWRITTEN };
#define SPARSE_STEP (16ul << 20)

struct page { char *at; enum content content; };

static struct page *pages;
static uint64_t count;
static char *memory, *sparse;
static uint64_t sparse_bytes;
static uint64_t *shared;
static uint64_t shared_words;
static uint64_t checked, wrong; /* by the threads */

/* Threads hold it while they check a page, and the server while it changes one. */
static pthread_rwlock_t layout = PTHREAD_RWLOCK_WRITER_NONRECURSIVE_INITIALIZER_NP;

static void die(const char *what) { perror(what); exit(1); }

static uint64_t scramble(uint64_t x) /* the finalizer of SplitMix64 */
{
    x = (x ^ x >> 30) * 0xbf58476d1ce4e5b9;
    x = (x ^ x >> 27) * 0x94d049bb133111eb;
    return x ^ x >> 31;
}

static uint64_t micros(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return t.tv_sec * 1000000ul + t.tv_nsec / 1000;
}

static void rest(long us) { if (us > 0) usleep(us); }

static uint64_t word(uint64_t page, enum content content, int index)
{
    return content == ZEROS ? 0 : scramble(page << 16 | (uint64_t)content << 12 | index);
}

static void fill(uint64_t page, enum content content)
{
    uint64_t *words = (uint64_t *)pages[page].at;
    for (int i = 0; i < WORDS; i++) words[i] = word(page, content, i);
    pages[page].content = content;
}

static int is_right(uint64_t page)
{
    volatile uint64_t *words = (uint64_t *)pages[page].at;
    for (int i = 0; i < WORDS; i++)
        if (words[i] != word(page, pages[page].content, i)) return 0;
    return 1;
}

static void check(char *answer)
{
    uint64_t bad = 0, first = 0;
    for (uint64_t page = 0; page < count; page++)
        if (!is_right(page) && !bad++) first = page;
    for (uint64_t i = 0; i < shared_words; i++)
        if (shared[i] != scramble(~i)) {
            snprintf(answer, ANSWER, "BAD shared word %lu", i);
            return;
        }
    if (bad) snprintf(answer, ANSWER, "BAD pages=%lu of %lu first=%lu at %p", bad, count, first, pages[first].at);
    else snprintf(answer, ANSWER, "OK pages=%lu", count);
}

/* --- Changes of the address space ------------------------------------------------------------------- */

static char *reserve(uint64_t n)
{
    char *at = mmap(0, n * PAGE, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
    if (at == MAP_FAILED) die("mmap");
    return at;
}

/* The number of pages, at most n, that lie next to each other. */
static uint64_t run_of(uint64_t page, uint64_t n)
{
    uint64_t run = 1;
    while (run < n && pages[page + run].at == pages[page].at + run * PAGE) run++;
    return run;
}

static void move_run(uint64_t page, uint64_t n, char *to)
{
    if (mremap(pages[page].at, n * PAGE, n * PAGE, MREMAP_MAYMOVE | MREMAP_FIXED, to) != to) die("mremap");
    for (uint64_t i = 0; i < n; i++) pages[page + i].at = to + i * PAGE;
}

static void discard_run(uint64_t page, uint64_t n, char *unused)
{
    (void)unused;
    if (madvise(pages[page].at, n * PAGE, MADV_DONTNEED)) die("madvise");
    for (uint64_t i = 0; i < n; i++) pages[page + i].content = ZEROS;
}

static void replace_run(uint64_t page, uint64_t n, char *unused)
{
    char *at = pages[page].at;
    (void)unused;
    if (munmap(at, n * PAGE)) die("munmap");
    if (mmap(at, n * PAGE, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED, -1, 0) != at) die("mmap");
    for (uint64_t i = 0; i < n; i++) pages[page + i].content = ZEROS;
}

static void change(uint64_t page, uint64_t n, char *to, void (*each)(uint64_t page, uint64_t n, char *to))
{
    pthread_rwlock_wrlock(&layout);
    for (uint64_t done = 0; done < n;) {
        uint64_t run = run_of(page + done, n - done);
        each(page + done, run, to + done * PAGE);
        done += run;
    }
    pthread_rwlock_unlock(&layout);
}

static void move(uint64_t page, uint64_t n, char *to) { change(page, n, to, move_run); }

static void discard(uint64_t page, uint64_t n) { change(page, n, memory, discard_run); }

static void replace(uint64_t page, uint64_t n) { change(page, n, memory, replace_run); }

/* --- Commands: each gets up to three numbers, 0 where the client sent none --------------------------- */

static void ping(const long *n, char *answer) { (void)n; snprintf(answer, ANSWER, "OK pid=%d", getpid()); }

static void check_all(const long *n, char *answer) { (void)n; check(answer); }

static int by_value(const void *a, const void *b)
{
    uint64_t x = *(const uint64_t *)a, y = *(const uint64_t *)b;
    return (x > y) - (x < y);
}

static void read_random(const long *n, char *answer)
{
    uint64_t reads = n[0] > 0 ? n[0] : 1, bad = 0, start = micros();
    uint64_t *latency = malloc(reads * sizeof *latency);
    for (uint64_t i = 0; i < reads; i++) {
        uint64_t before = micros();
        bad += !is_right(scramble(n[1] * 1000003ul + i) % count);
        latency[i] = micros() - before;
    }
    uint64_t total = micros() - start;
    qsort(latency, reads, sizeof *latency, by_value);
    snprintf(answer, ANSWER, "%s reads=%lu wrong=%lu us=%lu p50=%lu p99=%lu max=%lu", bad ? "BAD" : "OK", reads,
        bad, total, latency[reads / 2], latency[reads * 99 / 100], latency[reads - 1]);
    free(latency);
}

static void fork_and_check(const long *n, char *answer)
{
    char child_answer[ANSWER] = "BAD no answer of the child", parent_answer[ANSWER];
    int ends[2];
    (void)n;
    if (pipe(ends)) die("pipe");
    pid_t child = fork();
    if (child < 0) die("fork");
    if (!child) {
        check(child_answer);
        _exit(write(ends[1], child_answer, sizeof child_answer) != sizeof child_answer);
    }
    close(ends[1]);
    check(parent_answer);
    if (read(ends[0], child_answer, sizeof child_answer) < 0) die("read");
    close(ends[0]);
    waitpid(child, 0, 0);
    int good = child_answer[0] == 'O' && parent_answer[0] == 'O';
    snprintf(answer, ANSWER, "%s child: %.100s, parent: %.100s", good ? "OK" : "BAD", child_answer, parent_answer);
}

static void move_quarter(const long *n, char *answer)
{
    (void)n;
    move(count / 4 * 3, count / 4, reserve(count / 4));
    check(answer);
}

static void move_slices(const long *n, char *answer)
{
    for (uint64_t slice = 0; slice < (uint64_t)n[0] && (2 * slice + 1) * SLICE <= count; slice++)
        move(2 * slice * SLICE, SLICE, reserve(SLICE));
    check(answer);
}

static void move_sweep(const long *n, char *answer)
{
    uint64_t step = n[0] > 0 ? n[0] : SLICE, moved = n[1] > 0 ? n[1] : 1;
    char *to = reserve(count);
    for (uint64_t page = 0; page + moved <= count; page += step) {
        move(page, moved, to + page * PAGE);
        rest(n[2]);
    }
    check(answer);
}

static void discard_quarter(const long *n, char *answer)
{
    (void)n;
    discard(count / 4, count / 4);
    check(answer);
}

static void discard_heads(const long *n, char *answer)
{
    for (uint64_t slice = 0; slice < (uint64_t)n[0] && (slice + 1) * HEAD_SLICE <= count; slice++)
        discard(slice * HEAD_SLICE, HEAD);
    check(answer);
}

static void discard_sweep(const long *n, char *answer)
{
    for (uint64_t page = 0; page < count; page += n[0] > 0 ? n[0] : 1) {
        discard(page, 1);
        rest(n[1]);
    }
    check(answer);
}

static void unmap_quarter(const long *n, char *answer)
{
    (void)n;
    replace(count / 2, count / 4);
    check(answer);
}

static void discard_sparse(const long *n, char *answer)
{
    uint64_t bad = 0;
    (void)n;
    if (madvise(sparse, sparse_bytes, MADV_DONTNEED)) die("madvise");
    for (uint64_t at = 0; at < sparse_bytes; at += SPARSE_STEP) bad += *(uint64_t *)(sparse + at) != 0;
    snprintf(answer, ANSWER, "%s wrong=%lu", bad ? "BAD" : "OK", bad);
}

static void unmap_sparse(const long *n, char *answer)
{
    (void)n;
    if (munmap(sparse, sparse_bytes)) die("munmap");
    snprintf(answer, ANSWER, "OK");
}

static void rewrite(const long *n, char *answer)
{
    (void)n;
    for (uint64_t page = 0; page < count; page += WRITE_STEP) {
        pthread_rwlock_wrlock(&layout);
        fill(page, REWRITTEN);
        pthread_rwlock_unlock(&layout);
    }
    check(answer);
}

static void statistics(const long *n, char *answer)
{
    (void)n;
    snprintf(answer, ANSWER, "OK checked=%lu", __atomic_load_n(&checked, __ATOMIC_RELAXED));
}

static const struct { const char *name; void (*run)(const long *numbers, char *answer); } commands[] = {
    {"PING", ping}, {"CHECK", check_all}, {"RAND", read_random}, {"FORK", fork_and_check},
    {"MREMAP", move_quarter}, {"MSPLIT", move_slices}, {"MSWEEP", move_sweep}, {"DONTNEED", discard_quarter},
    {"DNHEAD", discard_heads}, {"SWEEP", discard_sweep}, {"UNMAP", unmap_quarter}, {"BIGDN", discard_sparse},
    {"BIGUN", unmap_sparse}, {"WRITE", rewrite}, {"STAT", statistics},
};

static void answer_line(const char *line, char *answer)
{
    char name[16] = "";
    long numbers[3] = {0};
    sscanf(line, "%15s %ld %ld %ld", name, &numbers[0], &numbers[1], &numbers[2]);
    snprintf(answer, ANSWER, "BAD command %s", name);
    for (size_t i = 0; i < sizeof commands / sizeof *commands; i++)
        if (!strcmp(name, commands[i].name)) commands[i].run(numbers, answer);
    uint64_t bad = __atomic_load_n(&wrong, __ATOMIC_RELAXED);
    if (bad) snprintf(answer, ANSWER, "BAD the threads found %lu wrong pages", bad);
}

/* --- Set-up ----------------------------------------------------------------------------------------- */

static void *check_randomly(void *number)
{
    uint64_t state = (uintptr_t)number;
    for (;;) {
        state = scramble(state + 0x9e3779b97f4a7c15);
        pthread_rwlock_rdlock(&layout);
        int right = is_right(state % count);
        pthread_rwlock_unlock(&layout);
        __atomic_add_fetch(right ? &checked : &wrong, 1, __ATOMIC_RELAXED);
        usleep(300);
    }
    return 0;
}

static void map_shared(long mib)
{
    shared_words = mib * (1ul << 20) / sizeof *shared;
    if (!mib) return;
    shared = mmap(0, shared_words * sizeof *shared, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    if (shared == MAP_FAILED) die("shared memory");
    for (uint64_t i = 0; i < shared_words; i++) shared[i] = scramble(~i);
}

static void map(long mib, int fragmented, int huge, long gib)
{
    count = mib * (1ul << 20) / PAGE;
    pages = calloc(count, sizeof *pages);
    memory = mmap(0, count * PAGE, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    if (!pages || memory == MAP_FAILED) die("memory");
    madvise(memory, count * PAGE, huge ? MADV_HUGEPAGE : MADV_NOHUGEPAGE);
    for (uint64_t page = 0; page < count; page++) {
        pages[page].at = memory + page * PAGE;
        if (!fragmented || page % 2 == 0) fill(page, FIRST);
    }
    sparse_bytes = (uint64_t)gib << 30;
    if (!gib) return;
    sparse = mmap(0, sparse_bytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
    if (sparse == MAP_FAILED) die("sparse memory");
    madvise(sparse, sparse_bytes, MADV_NOHUGEPAGE);
    for (uint64_t at = 0; at < sparse_bytes; at += SPARSE_STEP) *(uint64_t *)(sparse + at) = at + 1;
}

/* Returns the port of this process. */
static int fork_children(int port, int children, int zombie)
{
    for (int i = 1; i <= children; i++) {
        pid_t child = fork();
        if (child < 0) die("fork");
        if (!child) return port + i;
    }
    if (zombie) {
        pid_t child = fork();
        if (child < 0) die("fork");
        if (!child) _exit(3);
        siginfo_t info;
        if (waitid(P_PID, child, &info, WEXITED | WNOWAIT)) die("waitid");
    }
    return port;
}

static void serve(int listening)
{
    for (;;) {
        int connection = accept(listening, 0, 0);
        if (connection < 0) die("accept");
        FILE *client = fdopen(connection, "r");
        char line[ANSWER], answer[ANSWER];
        while (fgets(line, sizeof line, client)) {
            answer_line(line, answer);
            dprintf(connection, "%s\n", answer);
        }
        fclose(client);
    }
}

static void serve_signals(void)
{
    char answer[ANSWER];
    sigset_t set;
    int number;
    sigemptyset(&set);
    sigaddset(&set, SIGUSR1);
    sigprocmask(SIG_BLOCK, &set, 0);
    puts("READY 0");
    for (;;) {
        fflush(stdout);
        if (sigwait(&set, &number)) die("sigwait");
        fork_and_check(0, answer);
        puts(answer);
    }
}

int main(int argc, char **argv)
{
    long threads = 0, gib = 0, shared_mib = 0, children = 0;
    int fragmented = 0, huge = 0, zombie = 0, on = 1;
    if (argc < 3) return fprintf(stderr, "usage: memory-server PORT MIB [OPTION...]\n"), 2;
    for (int i = 3; i < argc; i++) {
        if (sscanf(argv[i], "threads=%ld", &threads) || sscanf(argv[i], "sparse=%ld", &gib)) continue;
        if (sscanf(argv[i], "shared=%ld", &shared_mib) || sscanf(argv[i], "children=%ld", &children)) continue;
        if (!strcmp(argv[i], "fragmented")) fragmented = 1;
        else if (!strcmp(argv[i], "huge")) huge = 1;
        else if (!strcmp(argv[i], "zombie")) zombie = 1;
        else return fprintf(stderr, "memory-server: option %s\n", argv[i]), 2;
    }
    signal(SIGPIPE, SIG_IGN);
    map(atol(argv[2]), fragmented, huge, gib);
    map_shared(shared_mib);
    int port = atoi(argv[1]), mine = fork_children(port, children, zombie);
    if (!port) serve_signals();
    struct sockaddr_in address = {AF_INET, htons(mine), {htonl(INADDR_LOOPBACK)}, {0}};
    int listening = socket(AF_INET, SOCK_STREAM, 0);
    setsockopt(listening, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
    if (bind(listening, (struct sockaddr *)&address, sizeof address) || listen(listening, 8)) die("listen");
    for (long i = 1; i <= threads; i++) {
        pthread_t thread;
        if (pthread_create(&thread, 0, check_randomly, (void *)(i + mine * 1000l))) die("pthread_create");
    }
    printf("READY %d\n", mine);
    fflush(stdout);
    serve(listening);
}
