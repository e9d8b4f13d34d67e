/*
 * A page-fault handler for Firecracker as it is usually written: it maps the memory file, polls, and copies
 * the page of each fault. One VM after the other; memory that a guest gives back is not dealt with.
 *
 *   handler-floor SOCKET FILE
 */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <linux/userfaultfd.h>
#include <poll.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

enum { MAX_REGIONS = 8, EVENTS = 64, PAGE = 4096 };

struct region {
  uint64_t address, bytes, offset;
};

static struct region regions[MAX_REGIONS];
static int region_count;
static uint8_t *file;

static void fail(const char *what) {
  perror(what);
  exit(1);
}

static void map_file(const char *path) {
  int fd = open(path, O_RDONLY);
  struct stat status;
  if (fd < 0 || fstat(fd, &status) != 0) fail(path);
  file = mmap(NULL, status.st_size, PROT_READ, MAP_PRIVATE, fd, 0);
  if (file == MAP_FAILED) fail("mmap");
  close(fd);
}

static int listen_on(const char *path) {
  struct sockaddr_un address = {.sun_family = AF_UNIX};
  snprintf(address.sun_path, sizeof address.sun_path, "%s", path);
  int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
  if (fd < 0 || bind(fd, (struct sockaddr *)&address, sizeof address) != 0 || listen(fd, 8) != 0) fail(path);
  return fd;
}

static uint64_t field(const char *text, const char *name) {
  const char *found = strstr(text, name);
  return found == NULL ? 0 : strtoull(found + strlen(name), NULL, 10);
}

static void parse(const char *text) {
  region_count = 0;
  for (const char *at = strchr(text, '{'); at != NULL && region_count < MAX_REGIONS; at = strchr(at + 1, '{')) {
    struct region *next = &regions[region_count];
    next->address = field(at, "\"base_host_virt_addr\":");
    next->bytes = field(at, "\"size\":");
    next->offset = field(at, "\"offset\":");
    if (next->address != 0) region_count++;
  }
}

/* Firecracker's message comes in one piece. */
static int receive(int connection) {
  char text[4096] = {0}, control[CMSG_SPACE(sizeof(int))];
  struct iovec part = {text, sizeof text - 1};
  struct msghdr message = {
      .msg_iov = &part, .msg_iovlen = 1, .msg_control = control, .msg_controllen = sizeof control};
  if (recvmsg(connection, &message, MSG_CMSG_CLOEXEC) <= 0) fail("recvmsg");
  struct cmsghdr *header = CMSG_FIRSTHDR(&message);
  if (header == NULL) fail("no descriptor");
  int fd;
  memcpy(&fd, CMSG_DATA(header), sizeof fd);
  parse(text);
  return fd;
}

static void copy(int fd, uint64_t address) {
  for (int i = 0; i < region_count; i++) {
    struct region *at = &regions[i];
    if (address - at->address >= at->bytes) continue;
    struct uffdio_copy request = {.dst = address & -(uint64_t)PAGE, .len = PAGE};
    request.src = (uintptr_t)file + (request.dst - at->address + at->offset);
    if (ioctl(fd, UFFDIO_COPY, &request) == 0) return;
    if (errno != EEXIST) fail("UFFDIO_COPY");
    struct uffdio_range range = {request.dst, PAGE};
    ioctl(fd, UFFDIO_WAKE, &range);
    return;
  }
}

static void serve(int connection) {
  int fd = receive(connection);
  struct pollfd entries[] = {{fd, POLLIN, 0}, {connection, POLLIN, 0}};
  struct uffd_msg events[EVENTS];
  while (poll(entries, 2, -1) > 0 && entries[1].revents == 0) {
    ssize_t got = read(fd, events, sizeof events);
    for (ssize_t i = 0; i < got / (ssize_t)sizeof events[0]; i++) {
      if (events[i].event == UFFD_EVENT_PAGEFAULT) copy(fd, events[i].arg.pagefault.address);
    }
  }
  close(fd);
  close(connection);
}

int main(int count, char **arguments) {
  if (count != 3) return 2;
  map_file(arguments[2]);
  int listener = listen_on(arguments[1]);
  for (;;) serve(accept4(listener, NULL, NULL, SOCK_CLOEXEC));
}
