package io.faultline.uffd.linux;

import static java.lang.foreign.ValueLayout.JAVA_LONG;

import io.faultline.uffd.PageCategory;
import io.faultline.uffd.PageRegions;
import io.faultline.uffd.Pagemap;
import io.faultline.uffd.PagemapQuery;
import io.faultline.uffd.SystemCallException;
import java.lang.foreign.MemorySegment;
import java.util.concurrent.atomic.AtomicBoolean;

/** {@code /proc/PID/pagemap}: eight bytes per base page, and PAGEMAP_SCAN. */
final class LinuxPagemap implements Pagemap {
  private static final long ENTRY_BYTES = 8;
  private static final long PRESENT_OR_SWAPPED = 3L << 62;

  private final int fd;
  private final long pageBytes;
  private final AtomicBoolean closed = new AtomicBoolean();

  private LinuxPagemap(int fd, long pageBytes) {
    this.fd = fd;
    this.pageBytes = pageBytes;
  }

  static LinuxPagemap open(String path, long pageBytes) {
    int fd = Libc.open(path, Libc.O_RDONLY | Libc.O_CLOEXEC, 0);
    if (fd < 0) {
      throw new SystemCallException("open(" + path + ")", -fd);
    }
    return new LinuxPagemap(fd, pageBytes);
  }

  @Override
  public boolean isPresent(long address) {
    MemorySegment entry = CallScratch.ofThread().argument();
    long offset = address / pageBytes * ENTRY_BYTES;
    long read = Libc.pread(fd, entry.address(), ENTRY_BYTES, offset);
    if (read < 0) {
      throw new SystemCallException("pread(/proc/self/pagemap, " + offset + ")", (int) -read);
    }
    return read == ENTRY_BYTES && (entry.get(JAVA_LONG, 0) & PRESENT_OR_SWAPPED) != 0;
  }

  @Override
  public int scan(long startAddress, long endAddress, PagemapQuery query, PageRegions found) {
    CallScratch scratch = CallScratch.ofThread();
    long vectorBytes = found.capacity() * PmScanArg.REGION_BYTES;
    MemorySegment vector = scratch.buffer(vectorBytes);
    MemorySegment argument = scratch.argument();
    argument.set(JAVA_LONG, PmScanArg.SIZE, PmScanArg.LAYOUT.byteSize());
    argument.set(JAVA_LONG, PmScanArg.FLAGS, flags(query));
    argument.set(JAVA_LONG, PmScanArg.START, startAddress);
    argument.set(JAVA_LONG, PmScanArg.END, endAddress);
    argument.set(JAVA_LONG, PmScanArg.WALK_END, 0);
    argument.set(JAVA_LONG, PmScanArg.VECTOR, vector.address());
    argument.set(JAVA_LONG, PmScanArg.VECTOR_LENGTH, found.capacity());
    argument.set(JAVA_LONG, PmScanArg.MAX_PAGES, query.maxPages());
    argument.set(JAVA_LONG, PmScanArg.INVERTED, PageCategory.mask(query.inverted()));
    argument.set(JAVA_LONG, PmScanArg.MASK, PageCategory.mask(query.all()));
    argument.set(JAVA_LONG, PmScanArg.ANY_OF, PageCategory.mask(query.anyOf()));
    argument.set(JAVA_LONG, PmScanArg.RETURN, PageCategory.mask(query.returned()));
    int regions = Libc.ioctl(fd, PmScanArg.IOCTL, argument.address());
    if (regions < 0) {
      throw new SystemCallException(
          String.format("PAGEMAP_SCAN(0x%x to 0x%x, %s)", startAddress, endAddress, query),
          -regions);
    }
    collect(vector, regions, found);
    found.walkEnd(argument.get(JAVA_LONG, PmScanArg.WALK_END));
    return regions;
  }

  @Override
  public void close() {
    if (closed.compareAndSet(false, true)) {
      Libc.close(fd);
    }
  }

  private static long flags(PagemapQuery query) {
    return (query.writeProtectMatching() ? PmScanArg.WP_MATCHING : 0)
        | (query.checkWriteProtectAsync() ? PmScanArg.CHECK_WPASYNC : 0);
  }

  private static void collect(MemorySegment vector, int regions, PageRegions found) {
    found.clear();
    for (int i = 0; i < regions; i++) {
      long at = i * PmScanArg.REGION_BYTES;
      found.add(
          vector.get(JAVA_LONG, at + PmScanArg.REGION_START),
          vector.get(JAVA_LONG, at + PmScanArg.REGION_END),
          vector.get(JAVA_LONG, at + PmScanArg.REGION_CATEGORIES));
    }
  }
}
