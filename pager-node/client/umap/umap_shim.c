/*
 * The C interface of umap (github.com/LLNL/umap) on a pager process: programs that were linked with
 * umap's libumap.so run on it unchanged, and without a page size to choose.
 *
 *     gcc -O2 -pthread -shared -fPIC -Wl,-soname,libumap.so -I.. \
 *         -o libumap.so umap_shim.c ../faultline_pager.c
 *     faultline pager --socket /run/pager.sock --store-root /data --buffer 512m &
 *     FAULTLINE_PAGER_SOCKET=/run/pager.sock LD_PRELOAD=$PWD/libumap.so PROGRAM
 *
 * The store is the file of the descriptor that the program passes to umap(), which the pager opens by
 * its path. Differences from umap: offsets count; uunmap() unmaps; lengths need not be a multiple of
 * UMAP_PAGESIZE; a failure is an errno and a line on standard error. Stores of the program's own
 * (Umap::Store) cannot be used, since another process cannot call them.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "faultline_pager.h"

#define EXPORTED __attribute__((visibility("default")))

struct umap_prefetch_item {
  void *page_base_addr;
};

struct mapped {
  faultline_region *region;
  struct mapped *next;
};

static struct mapped *all;
static pthread_rwlock_t lock = PTHREAD_RWLOCK_INITIALIZER; /* of the list; a reader may send requests */
static uint64_t buffer_bytes;                              /* of the pager; 0 before the first region */

/* Reports a failure, whose errno and text are those of the last call. */
static void *report(const char *call, const char *what, const char *text) {
  int code = errno;
  fprintf(stderr, "libumap on a pager: %s%s%s: %s\n", call, *what ? " of " : "", what, text);
  errno = code;
  return MAP_FAILED;
}

/* --- Mapping --------------------------------------------------------------------------------- */

/* The path of an open file; fails if it names another file by now, or none. */
static int path_of(int fd, char path[PATH_MAX]) {
  char link[32];
  struct stat open_file, named;
  snprintf(link, sizeof link, "/proc/self/fd/%d", fd);
  ssize_t length = readlink(link, path, PATH_MAX - 1);
  if (length < 0) return -1;
  path[length] = 0;
  if (fstat(fd, &open_file) < 0 || stat(path, &named) < 0) return -1;
  if (open_file.st_dev != named.st_dev || open_file.st_ino != named.st_ino) {
    errno = ESTALE;
    return -1;
  }
  return 0;
}

/* As mmap() checks it: the pager has rights of its own, which are not the program's. */
static int may_map(int fd, int prot) {
  int flags = fcntl(fd, F_GETFL);
  if (flags < 0) return -1;
  int access = flags & O_ACCMODE;
  if (access == O_RDWR || (access == O_RDONLY && !(prot & PROT_WRITE))) return 0;
  errno = EACCES;
  return -1;
}

static void *map(void *address, size_t length, int prot, int flags, int fd, off_t offset) {
  char path[PATH_MAX] = "";
  const char *socket = getenv("FAULTLINE_PAGER_SOCKET");
  if (socket == NULL) {
    errno = EDESTADDRREQ;
    return report("umap", "", "FAULTLINE_PAGER_SOCKET is not set: it names the socket of the pager");
  }
  if (!(flags & MAP_PRIVATE) || (flags & ~(MAP_PRIVATE | MAP_FIXED))) {
    errno = EINVAL;
    return report("umap", "", "flags must be UMAP_PRIVATE, with or without UMAP_FIXED");
  }
  if (path_of(fd, path) < 0 || may_map(fd, prot) < 0) return report("umap", path, strerror(errno));
  struct mapped *mapped = malloc(sizeof *mapped);
  if (mapped == NULL) return report("umap", path, strerror(errno));
  void *at = flags & MAP_FIXED ? address : NULL;
  mapped->region = faultline_map_at(at, socket, path, offset, length, prot);
  if (mapped->region == NULL) {
    free(mapped);
    return report("umap", path, faultline_error());
  }
  pthread_rwlock_wrlock(&lock);
  mapped->next = all;
  all = mapped;
  buffer_bytes = faultline_buffer(mapped->region);
  pthread_rwlock_unlock(&lock);
  return faultline_address(mapped->region);
}

EXPORTED void *umap(void *address, size_t length, int prot, int flags, int fd, off_t offset) {
  return map(address, length, prot, flags, fd, offset);
}

/* Umap::umap_ex(void*, unsigned long, int, int, int, long, Umap::Store*) in the ABI of C++. */
EXPORTED void *umap_ex(void *address, size_t length, int prot, int flags, int fd, off_t offset,
                       void *store) __asm__("_ZN4Umap7umap_exEPvmiiilPNS_5StoreE");

void *umap_ex(void *address, size_t length, int prot, int flags, int fd, off_t offset, void *store) {
  if (store == NULL) return map(address, length, prot, flags, fd, offset);
  errno = ENOTSUP;
  return report("umap_ex", "", "a store of the program's own: the pager needs a file");
}

/* Takes the region that begins at an address out of the list; NULL if there is none. */
static struct mapped *take(const void *address) {
  struct mapped *found = NULL;
  pthread_rwlock_wrlock(&lock);
  for (struct mapped **at = &all; *at != NULL && found == NULL;) {
    if (faultline_address((*at)->region) == address) {
      found = *at;
      *at = found->next;
    } else {
      at = &(*at)->next;
    }
  }
  pthread_rwlock_unlock(&lock);
  return found;
}

EXPORTED int uunmap(void *address, size_t length) {
  (void) length; /* umap ignores it too: there is no unmapping of a part */
  struct mapped *mapped = take(address);
  if (mapped == NULL) {
    errno = EINVAL;
    report("uunmap", "", "no region begins at this address");
    return -1;
  }
  int result = faultline_unmap(mapped->region);
  if (result < 0) report("uunmap", "", faultline_error());
  if (result < 0 && errno == EREMOTEIO) { /* still mapped */
    pthread_rwlock_wrlock(&lock);
    mapped->next = all;
    all = mapped;
    pthread_rwlock_unlock(&lock);
  } else {
    free(mapped);
  }
  return result;
}

/* --- Requests -------------------------------------------------------------------------------- */

EXPORTED int umap_flush(void) {
  int result = 0;
  pthread_rwlock_rdlock(&lock);
  for (struct mapped *each = all; each != NULL; each = each->next) {
    if (faultline_flush(each->region, 0, faultline_length(each->region)) < 0) {
      report("umap_flush", "", faultline_error());
      result = -1;
    }
  }
  pthread_rwlock_unlock(&lock);
  return result;
}

/* Asks for what of a range is in a region, as does a call of umap. */
static void fetch(const char *call, const char *from, size_t length,
                  int (*ask)(faultline_region *, uint64_t, uint64_t)) {
  pthread_rwlock_rdlock(&lock);
  for (struct mapped *each = all; each != NULL; each = each->next) {
    const char *start = faultline_address(each->region);
    size_t size = faultline_length(each->region);
    if (from < start || from >= start + size) continue;
    size_t offset = from - start;
    size_t within = length < size - offset ? length : size - offset;
    if (ask(each->region, offset, within) < 0) report(call, "", faultline_error());
  }
  pthread_rwlock_unlock(&lock);
}

EXPORTED uint64_t umapcfg_get_umap_page_size(void);

/* Pages that follow each other are one request. */
EXPORTED void umap_prefetch(int npages, struct umap_prefetch_item *pages) {
  size_t page = umapcfg_get_umap_page_size();
  for (int first = 0, end; first < npages; first = end) {
    const char *from = pages[first].page_base_addr;
    for (end = first + 1; end < npages; end++) {
      if ((const char *) pages[end].page_base_addr != from + (end - first) * page) break;
    }
    fetch("umap_prefetch", from, (end - first) * page, faultline_prefetch);
  }
}

/* Until uunmap(). Beyond half of the buffer it is refused, which is reported, and nothing is pinned. */
EXPORTED void umap_fetch_and_pin(char *address, uint64_t size) {
  fetch("umap_fetch_and_pin", address, size, faultline_pin);
}

EXPORTED int umap_has_write_support(void) { return 1; }

/* --- Settings -------------------------------------------------------------------------------- */

/*
 * Programs read these to lay out their data, or to print them. Only the buffer means something here,
 * and it is the pager's: it is known with the first region.
 */

static uint64_t setting(const char *name, uint64_t otherwise) {
  const char *text = getenv(name);
  uint64_t value = text == NULL ? 0 : strtoull(text, NULL, 10);
  return value == 0 ? otherwise : value;
}

static uint64_t cpus(void) { return sysconf(_SC_NPROCESSORS_ONLN); }

EXPORTED long umapcfg_get_system_page_size(void) { return sysconf(_SC_PAGESIZE); }

EXPORTED uint64_t umapcfg_get_umap_page_size(void) {
  uint64_t page = sysconf(_SC_PAGESIZE);
  uint64_t chosen = setting("UMAP_PAGESIZE", page);
  return chosen % page == 0 ? chosen : page;
}

EXPORTED uint64_t umapcfg_get_max_pages_in_buffer(void) {
  pthread_rwlock_rdlock(&lock);
  uint64_t bytes = buffer_bytes;
  pthread_rwlock_unlock(&lock);
  uint64_t page = umapcfg_get_umap_page_size();
  uint64_t free_bytes = (uint64_t) sysconf(_SC_AVPHYS_PAGES) * sysconf(_SC_PAGESIZE);
  return bytes != 0 ? bytes / page : setting("UMAP_BUFSIZE", free_bytes / 10 * 9 / page);
}

EXPORTED uint64_t umapcfg_get_num_fillers(void) { return setting("UMAP_PAGE_FILLERS", cpus()); }
EXPORTED uint64_t umapcfg_get_num_evictors(void) { return setting("UMAP_PAGE_EVICTORS", cpus()); }
EXPORTED uint64_t umapcfg_get_max_fault_events(void) { return setting("UMAP_MAX_FAULT_EVENTS", 256); }
EXPORTED uint64_t umapcfg_get_read_ahead(void) { return setting("UMAP_READ_AHEAD", 0); }

EXPORTED int umapcfg_get_evict_low_water_threshold(void) {
  return (int) setting("UMAP_EVICT_LOW_WATER_THRESHOLD", 70);
}

EXPORTED int umapcfg_get_evict_high_water_threshold(void) {
  return (int) setting("UMAP_EVICT_HIGH_WATER_THRESHOLD", 90);
}
