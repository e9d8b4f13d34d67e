package io.faultline.tests.process;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.LongBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/** Memory of another process, read through pagemap and mem in /proc/PID. */
record ForeignMemory(FileChannel pagemap, FileChannel contents, long address, long lengthBytes)
    implements AutoCloseable {
  private static final int PAGE = 4096;

  /** Documentation/admin-guide/mm/pagemap.rst: page present. */
  private static final long PRESENT = 1L << 63;

  /**
   * The same file: page swapped. Markers without a page, such as poison, are counted as swapped.
   */
  private static final long SWAPPED_OR_MARKED = 1L << 62;

  /**
   * Numbers of pages.
   *
   * @param readable those that can be read
   * @param poisoned those with a page-table entry that makes every access fail
   * @param missing those without a page-table entry
   */
  record PageCounts(long readable, long poisoned, long missing) {}

  /** The only mapping of a size that is registered with a userfaultfd for missing faults. */
  static ForeignMemory ofRegistered(long pid, long lengthBytes) throws IOException {
    Path process = Path.of("/proc", Long.toString(pid));
    assumeTrue(
        Files.isReadable(process.resolve("mem")),
        "this user may not read the memory of other processes");
    List<String> lines = Files.readAllLines(process.resolve("smaps"));
    long found = 0;
    long start = 0;
    long end = 0;
    for (String line : lines) {
      if (line.matches("[0-9a-f]+-[0-9a-f]+ .*")) {
        String[] range = line.substring(0, line.indexOf(' ')).split("-", 2);
        start = Long.parseUnsignedLong(range[0], 16);
        end = Long.parseUnsignedLong(range[1], 16);
      } else if (line.startsWith("VmFlags:") && line.contains(" um")) {
        if (end - start == lengthBytes) {
          assertThat(found).as("mappings of %d bytes under userfaultfd", lengthBytes).isZero();
          found = start;
        }
      }
    }
    assertThat(found).as("mapping of %d bytes under userfaultfd", lengthBytes).isNotZero();
    FileChannel pagemap = FileChannel.open(process.resolve("pagemap"));
    return new ForeignMemory(pagemap, FileChannel.open(process.resolve("mem")), found, lengthBytes);
  }

  /** Reads every page that has an entry; reading one without would block. */
  PageCounts count() throws IOException {
    long readable = 0;
    long poisoned = 0;
    long missing = 0;
    LongBuffer entries = entries(lengthBytes);
    for (int page = 0; page < entries.limit(); page++) {
      long entry = entries.get(page);
      if (isMissing(entry)) {
        missing++;
      } else if (isReadable(address + (long) page * PAGE)) {
        readable++;
      } else {
        assertThat(entry & PRESENT).as("a present page that cannot be read").isZero();
        poisoned++;
      }
    }
    return new PageCounts(readable, poisoned, missing);
  }

  /** How many pages of its first bytes have no page-table entry. */
  long missingBefore(long bytes) throws IOException {
    long missing = 0;
    LongBuffer entries = entries(bytes);
    while (entries.hasRemaining()) {
      missing += isMissing(entries.get()) ? 1 : 0;
    }
    return missing;
  }

  private static boolean isMissing(long entry) {
    return (entry & (PRESENT | SWAPPED_OR_MARKED)) == 0;
  }

  private LongBuffer entries(long bytes) throws IOException {
    int pages = Math.toIntExact(bytes / PAGE);
    ByteBuffer entries = ByteBuffer.allocate(pages * Long.BYTES).order(ByteOrder.nativeOrder());
    while (entries.hasRemaining()) {
      long at = address / PAGE * Long.BYTES + entries.position();
      assertThat(pagemap.read(entries, at)).as("bytes of pagemap").isPositive();
    }
    return entries.flip().asLongBuffer();
  }

  private boolean isReadable(long at) throws IOException {
    try {
      return contents.read(ByteBuffer.allocate(Long.BYTES), at) == Long.BYTES;
    } catch (IOException e) {
      assertThat(e).hasMessageContaining("Input/output error");
      return false;
    }
  }

  @Override
  public void close() throws IOException {
    pagemap.close();
    contents.close();
  }
}
