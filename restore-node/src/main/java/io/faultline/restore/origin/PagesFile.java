package io.faultline.restore.origin;

import static io.faultline.restore.space.DumpLayout.PAGE_BYTES;

import io.faultline.uffd.Advice;
import io.faultline.uffd.Kernel;
import io.faultline.uffd.SystemCallException;
import io.faultline.uffd.linux.FileHoles;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;

/**
 * A file with contents of pages, mapped so that the kernel copies from the page cache. Java never
 * loads from the mapping: if the file is truncated meanwhile, a system call that reads it fails
 * with EFAULT, while a load would be SIGBUS.
 *
 * <p>Reads ahead of the last page that was used, and unmaps now and then what was used: mapped
 * pages of a file count as memory of this process.
 *
 * <p>Confined to the session's event loop.
 */
final class PagesFile {
  /** Several requests of a disk, and some milliseconds of copying. */
  private static final long AHEAD_BYTES = 8L << 20;

  private static final long USED_BYTES = 32L << 20;

  private final Kernel kernel;
  private final MemorySegment mapping;
  private final FileHoles holes;

  /** A part without holes: what was found last. */
  private long dataStart;

  private long dataEnd;

  /** The end of what was read ahead last. */
  private long aheadEnd;

  private long usedBytes;

  private PagesFile(Kernel kernel, MemorySegment mapping, FileHoles holes) {
    this.kernel = kernel;
    this.mapping = mapping;
    this.holes = holes;
  }

  /**
   * @param arena closes the mapping
   */
  static PagesFile map(Path file, Arena arena, Kernel kernel) throws IOException {
    try (FileChannel channel = FileChannel.open(file, StandardOpenOption.READ)) {
      long bytes = channel.size();
      MemorySegment mapping = channel.map(FileChannel.MapMode.READ_ONLY, 0, bytes, arena);
      return new PagesFile(kernel, mapping, FileHoles.open(file));
    }
  }

  long lengthBytes() {
    return mapping.byteSize();
  }

  /**
   * How many bytes at an offset, in whole pages, are zeros for which the file has no blocks, as
   * after a copy by a program that makes files sparse. What is not in the file any more, since it
   * was truncated, is no hole: the kernel will refuse to read it.
   *
   * @param offset a multiple of 4096 before the end of the file
   * @return 0 if there are contents: {@link #contentBytes} says how many
   */
  long holeBytes(long offset) {
    if (offset >= dataStart && offset < dataEnd) {
      return 0;
    }
    long hole = holes.nextData(offset) / PAGE_BYTES * PAGE_BYTES - offset;
    if (hole > 0) {
      return hole;
    }
    long end = Math.min(holes.nextHole(offset), mapping.byteSize());
    dataStart = offset;
    dataEnd = Math.max(offset + PAGE_BYTES, -Math.floorDiv(-end, PAGE_BYTES) * PAGE_BYTES);
    return 0;
  }

  /** How many bytes from an offset on have contents, after {@link #holeBytes} has returned 0. */
  long contentBytes(long offset) {
    return dataEnd - offset;
  }

  void close() {
    holes.close();
  }

  /** The native address of an offset: valid until the next call. */
  long use(long offset, long lengthBytes) {
    usedBytes += lengthBytes;
    if (usedBytes > USED_BYTES) {
      usedBytes = 0;
      advise(0, mapping.byteSize(), Advice.DONT_NEED);
    }
    readAhead(offset, offset + lengthBytes);
    return mapping.address() + offset;
  }

  /** One call for half of what is to be ahead: several requests pass between two calls. */
  private void readAhead(long from, long to) {
    boolean follows = from <= aheadEnd && to + AHEAD_BYTES / 2 <= aheadEnd;
    boolean jumpsBack = from < aheadEnd - 2 * AHEAD_BYTES;
    if (follows && !jumpsBack) {
      return;
    }
    long start = jumpsBack || from > aheadEnd ? from : aheadEnd;
    long end = Math.min(mapping.byteSize(), to + AHEAD_BYTES);
    aheadEnd = to + AHEAD_BYTES;
    if (end > start) {
      advise(start, end - start, Advice.WILL_NEED);
    }
  }

  private void advise(long offset, long lengthBytes, Advice advice) {
    try {
      kernel.advise(mapping.address() + offset, lengthBytes, advice);
    } catch (SystemCallException e) {
      // advice only: a kernel that cannot follow it reads later, or keeps the pages mapped
    }
  }
}
