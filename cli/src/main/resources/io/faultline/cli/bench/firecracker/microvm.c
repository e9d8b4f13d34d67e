/*
 * Does with memory and userfaultfd what Firecracker does when it loads a snapshot with a mem_backend of
 * type Uffd, and touches the memory as a guest and its balloon do. Ends with 0 if every byte was right.
 *
 *   microvm SOCKET FILE BACKING HANDSHAKE WORK THREADS SECONDS SEED
 *
 *   BACKING    anonymous, memfd or hugetlb (2 MiB pages)
 *   HANDSHAKE  current, kib (before 1.12), plain (before 1.7), split, late (the descriptor comes after the
 *              text), short (a region less), cut (no end of the text), text (no JSON), overlap, none (no
 *              descriptor), two, three (descriptors), pipe (a descriptor of another kind)
 *   WORK       read: all pages, each by one thread
 *              race: one thread gives each page back while another one reads it
 *              storm: threads read, write and give back, for SECONDS
 *              brief: as storm, but SECONDS times 64 rounds of each thread
 *              time: all pages by one thread; prints how long it waited for each, as a line of JSON
 *              wait: as read, but page by page, with "next" on standard output after the first one
 */
#define _GNU_SOURCE
#include <fcntl.h>
#include <linux/userfaultfd.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/un.h>
#include <time.h>
#include <unistd.h>

enum { BLOCK = 16, MAX_THREADS = 16 };

static uint8_t *region[2];   /* where the guest's memory is: two regions, one if the file is small */
static size_t region_bytes[2];
static int regions;
static uint8_t *shadow; /* what it must contain */
static size_t bytes, page, pages;
static int threads, seconds, discard = MADV_DONTNEED;
static uint64_t seed, rounds;
static atomic_ulong checked, removed;
static atomic_long turn;

static void fail(const char *what) {
  perror(what);
  exit(3);
}

static uint8_t *at(size_t offset) {
  return offset < region_bytes[0] ? region[0] + offset : region[1] + (offset - region_bytes[0]);
}

static uint64_t next_random(uint64_t *state) {
  *state ^= *state << 13;
  *state ^= *state >> 7;
  *state ^= *state << 17;
  return *state;
}

static void check(size_t number) {
  if (memcmp(at(number * page), shadow + number * page, page) != 0) {
    const uint8_t *is = at(number * page), *must = shadow + number * page;
    size_t i = 0;
    while (is[i] == must[i]) i++;
    printf("page %zu, byte %zu: %d, and must be %d\n", number, i, is[i], must[i]);
    fflush(stdout);
    _exit(1);
  }
  atomic_fetch_add(&checked, 1);
}

static void give_back(size_t first, size_t count) {
  if (madvise(at(first * page), count * page, discard) != 0) fail("madvise");
  memset(shadow + first * page, 0, count * page);
  atomic_fetch_add(&removed, 1);
}

static void *read_all(void *argument) {
  for (size_t i = (size_t)argument; i < pages; i += threads) check((i * 7919) % pages);
  return NULL;
}

/* Thread 0 gives page after page back while thread 1 reads it: afterwards it must be zero. */
static void *race(void *argument) {
  for (size_t i = 0; i < pages; i++) {
    if (argument == NULL) {
      while (atomic_load(&turn) != (long)(2 * i)) {}
      atomic_store(&turn, 2 * i + 1);
      give_back(i, 1);
      while (atomic_load(&turn) != (long)(2 * i + 2)) {}
      check(i);
    } else {
      while (atomic_load(&turn) != (long)(2 * i + 1)) {}
      uint64_t spin = next_random(&seed) % 4096;
      while (spin-- > 0) __asm__ volatile("" ::: "memory");
      (void)*(volatile uint8_t *)at(i * page);
      atomic_store(&turn, 2 * i + 2);
      while (i + 1 < pages && atomic_load(&turn) < (long)(2 * i + 3)) {}
    }
  }
  return NULL;
}

/* Each thread owns every so manieth block of pages, and alone changes it; all read everything. */
static void *storm(void *argument) {
  size_t self = (size_t)argument;
  size_t block = page > 4096 ? 1 : BLOCK;
  size_t own = pages / block / threads;
  uint64_t state = seed + 1 + self * 0x9e3779b97f4a7c15u;
  time_t end = time(NULL) + seconds;
  for (uint64_t round = 0; round % 64 != 0 || (rounds > 0 ? round < rounds : time(NULL) < end); round++) {
    size_t first = (next_random(&state) % own * threads + self) * block;
    size_t one = first + next_random(&state) % block;
    (void)*(volatile uint8_t *)at(next_random(&state) % pages * page);
    switch (next_random(&state) % 4) {
      case 0:
        give_back(first, block);
        check(one);
        break;
      case 1: {
        size_t offset = one * page + next_random(&state) % page;
        *at(offset) = shadow[offset] = (uint8_t)state;
        break;
      }
      default:
        check(one);
    }
  }
  return NULL;
}

static int compare(const void *a, const void *b) {
  uint64_t x = *(const uint64_t *)a, y = *(const uint64_t *)b;
  return (x > y) - (x < y);
}

static uint64_t now(void) {
  struct timespec time;
  clock_gettime(CLOCK_MONOTONIC, &time);
  return time.tv_sec * 1000000000ull + time.tv_nsec;
}

/* Every page is a fault. */
static uint64_t *time_all(void) {
  uint64_t *times = malloc(pages * sizeof *times);
  for (size_t i = 0; i < pages; i++) {
    uint8_t *address = at((i * 7919) % pages * page);
    uint64_t start = now();
    (void)*(volatile uint8_t *)address;
    times[i] = now() - start;
  }
  qsort(times, pages, sizeof *times, compare);
  return times;
}

static double micros(const uint64_t *times, double part) { return times[(size_t)(part * (pages - 1))] / 1e3; }

static void run(void *(*work)(void *), int count) {
  pthread_t started[MAX_THREADS];
  for (size_t i = 0; i < (size_t)count; i++) {
    if (pthread_create(&started[i], NULL, work, (void *)i) != 0) fail("pthread_create");
  }
  for (int i = 0; i < count; i++) pthread_join(started[i], NULL);
}

static void load_shadow(const char *file) {
  int fd = open(file, O_RDONLY);
  struct stat status;
  if (fd < 0 || fstat(fd, &status) != 0) fail(file);
  bytes = status.st_size;
  pages = bytes / page;
  shadow = malloc(bytes);
  for (size_t done = 0; done < bytes;) {
    ssize_t got = pread(fd, shadow + done, bytes - done, done);
    if (got <= 0) fail("pread");
    done += got;
  }
  close(fd);
}

static uint8_t *map(const char *backing, size_t length) {
  int flags = MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, fd = -1;
  if (strcmp(backing, "hugetlb") == 0) flags |= MAP_HUGETLB | 21 << MAP_HUGE_SHIFT;
  if (strcmp(backing, "memfd") == 0) {
    flags = MAP_SHARED | MAP_NORESERVE;
    discard = MADV_REMOVE;
    fd = memfd_create("guest", MFD_CLOEXEC);
    if (fd < 0 || ftruncate(fd, length) != 0) fail("memfd");
  }
  uint8_t *memory = mmap(NULL, length, PROT_READ | PROT_WRITE, flags, fd, 0);
  if (memory == MAP_FAILED) fail("mmap");
  return memory;
}

static int open_userfaultfd(void) {
  int device = open("/dev/userfaultfd", O_RDWR | O_CLOEXEC);
  int fd = device >= 0 ? ioctl(device, USERFAULTFD_IOC_NEW, O_CLOEXEC | O_NONBLOCK)
                       : (int)syscall(SYS_userfaultfd, O_CLOEXEC | O_NONBLOCK);
  struct uffdio_api api = {.api = UFFD_API, .features = UFFD_FEATURE_EVENT_REMOVE};
  if (fd < 0 || ioctl(fd, UFFDIO_API, &api) != 0) fail("userfaultfd");
  for (int i = 0; i < regions; i++) {
    struct uffdio_register range = {.range = {(uintptr_t)region[i], region_bytes[i]},
                                    .mode = UFFDIO_REGISTER_MODE_MISSING};
    if (ioctl(fd, UFFDIO_REGISTER, &range) != 0) fail("UFFDIO_REGISTER");
  }
  return fd;
}

static size_t describe(char *text, size_t size, const char *kind) {
  size_t length = sprintf(text, "["), offset = 0;
  int shown = strcmp(kind, "short") == 0 ? regions - 1 : regions;
  for (int i = 0; i < shown; i++) {
    length += snprintf(text + length, size - length,
                       "%s{\"base_host_virt_addr\":%lu,\"size\":%lu,\"offset\":%lu", i > 0 ? "," : "",
                       (unsigned long)region[i], region_bytes[i],
                       strcmp(kind, "overlap") == 0 ? 0 : offset);
    if (strcmp(kind, "plain") != 0 && strcmp(kind, "kib") != 0)
      length += snprintf(text + length, size - length, ",\"page_size\":%lu", page);
    if (strcmp(kind, "plain") != 0)
      length += snprintf(text + length, size - length, ",\"page_size_kib\":%lu,\"later\":{}", page);
    length += snprintf(text + length, size - length, "}");
    offset += region_bytes[i];
  }
  return length + snprintf(text + length, size - length, "]");
}

static void send_part(int socket, const char *text, size_t length, const int *fds, int count) {
  char control[CMSG_SPACE(3 * sizeof(int))] = {0};
  struct iovec part = {(void *)text, length};
  struct msghdr message = {.msg_iov = &part, .msg_iovlen = 1};
  if (count > 0) {
    message.msg_control = control;
    message.msg_controllen = CMSG_SPACE(count * sizeof(int));
    struct cmsghdr *header = CMSG_FIRSTHDR(&message);
    header->cmsg_level = SOL_SOCKET;
    header->cmsg_type = SCM_RIGHTS;
    header->cmsg_len = CMSG_LEN(count * sizeof(int));
    memcpy(CMSG_DATA(header), fds, count * sizeof(int));
  }
  if (sendmsg(socket, &message, MSG_NOSIGNAL) != (ssize_t)length) fail("sendmsg");
}

/* The socket stays open until the process ends, as Firecracker's does. */
static void hand_over(const char *path, const char *kind) {
  int fd = open_userfaultfd(), pipes[2];
  struct sockaddr_un address = {.sun_family = AF_UNIX};
  snprintf(address.sun_path, sizeof address.sun_path, "%s", path);
  int connection = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
  if (connect(connection, (struct sockaddr *)&address, sizeof address) != 0) fail(path);
  if (pipe(pipes) != 0) fail("pipe");
  char text[1024];
  size_t length = describe(text, sizeof text, kind);
  int fds[] = {fd, fd, fd}, count = 1;
  if (strcmp(kind, "none") == 0) count = 0;
  if (strcmp(kind, "two") == 0) count = 2;
  if (strcmp(kind, "three") == 0) count = 3;
  if (strcmp(kind, "pipe") == 0) fds[0] = pipes[0];
  if (strcmp(kind, "text") == 0) length = sprintf(text, "hello");
  if (strcmp(kind, "cut") == 0) length -= 2;
  size_t first = strcmp(kind, "split") == 0 || strcmp(kind, "late") == 0 ? length / 2 : length;
  int isLate = strcmp(kind, "late") == 0;
  send_part(connection, text, first, fds, isLate ? 0 : count);
  if (first < length) {
    usleep(150 * 1000);
    send_part(connection, text + first, length - first, fds, isLate ? count : 0);
  }
  if (strcmp(kind, "cut") == 0) shutdown(connection, SHUT_WR);
}

int main(int count, char **arguments) {
  if (count != 9) return 2;
  const char *backing = arguments[3], *work = arguments[5];
  threads = atoi(arguments[6]);
  seconds = atoi(arguments[7]);
  seed = strtoull(arguments[8], NULL, 10) | 1;
  page = strcmp(backing, "hugetlb") == 0 ? 2 << 20 : 4096;
  load_shadow(arguments[2]);
  regions = pages >= 4 ? 2 : 1;
  region_bytes[0] = regions == 2 ? pages / 4 * page : bytes;
  region_bytes[1] = bytes - region_bytes[0];
  for (int i = 0; i < regions; i++) region[i] = map(backing, region_bytes[i]);
  hand_over(arguments[1], arguments[4]);
  if (strcmp(work, "wait") == 0) {
    check(0);
    puts("next");
    fflush(stdout);
    getchar();
    threads = 1;
  }
  if (strcmp(work, "race") == 0) run(race, 2);
  if (strcmp(work, "brief") == 0) rounds = 64 * (uint64_t)seconds;
  if (strcmp(work, "storm") == 0 || strcmp(work, "brief") == 0) run(storm, threads);
  if (strcmp(work, "read") == 0 || strcmp(work, "wait") == 0) run(read_all, threads);
  uint64_t *times = strcmp(work, "time") == 0 ? time_all() : NULL;
  for (size_t i = 0; i < pages; i++) check(i);
  printf("right %lu %lu\n", atomic_load(&checked), atomic_load(&removed));
  if (times != NULL)
    printf("{\"faults\":%zu,\"p50_us\":%.3f,\"p90_us\":%.3f,\"p99_us\":%.3f}\n", pages, micros(times, 0.5),
           micros(times, 0.9), micros(times, 0.99));
  return 0;
}
