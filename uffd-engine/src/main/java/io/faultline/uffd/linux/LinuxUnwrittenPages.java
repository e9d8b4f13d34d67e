package io.faultline.uffd.linux;

import io.faultline.uffd.PageSize;
import io.faultline.uffd.UnwrittenPages;
import java.lang.foreign.MemorySegment;
import java.nio.file.Path;
import java.util.concurrent.atomic.AtomicIntegerArray;
import org.jspecify.annotations.Nullable;

/**
 * Unwritten pages of a file in tmpfs or hugetlbfs. tmpfs knows its holes (lseek(2)); it is not
 * asked about pages of which it is known that they were written when the file was opened. hugetlbfs
 * does not tell, but read(2) of a hole gives zeros without taking a huge page, unlike a load
 * ({@code hugetlbfs_read_iter}): each huge page is read until some byte of it is not zero, and from
 * then on it is known to be there.
 */
final class LinuxUnwrittenPages implements UnwrittenPages {
  private static final int PIECE_BYTES = 64 << 10;

  /** The part of a page that usually tells. */
  private static final int FIRST_BYTES = 4096;

  private static final MemorySegment ZEROS =
      MemorySegment.ofArray(new byte[PIECE_BYTES]).asReadOnly();

  private final FileHoles holes;
  private final int pageShift;

  /** Whether a huge page is known to have data; null for tmpfs. */
  private final @Nullable AtomicIntegerArray written;

  /** What was written when a file in tmpfs was opened; null for hugetlbfs. */
  private final @Nullable WrittenStretches stretches;

  private LinuxUnwrittenPages(
      FileHoles holes,
      int pageShift,
      @Nullable AtomicIntegerArray written,
      @Nullable WrittenStretches stretches) {
    this.holes = holes;
    this.pageShift = pageShift;
    this.written = written;
    this.stretches = stretches;
  }

  /**
   * Opens a file.
   *
   * @return null if it has no holes now, so that there is nothing to save
   */
  static @Nullable LinuxUnwrittenPages open(Path path, long sizeBytes, PageSize pageSize) {
    FileHoles holes = FileHoles.open(path);
    if (pageSize.isHuge()) {
      long pages = sizeBytes >> pageSize.shift();
      int words = Math.toIntExact((pages + Integer.SIZE - 1) / Integer.SIZE);
      AtomicIntegerArray written = new AtomicIntegerArray(words);
      return new LinuxUnwrittenPages(holes, pageSize.shift(), written, null);
    }
    if (holes.nextHole(0) >= sizeBytes) {
      holes.close();
      return null;
    }
    return new LinuxUnwrittenPages(holes, 0, null, WrittenStretches.of(holes, sizeBytes));
  }

  @Override
  public boolean contain(long offsetBytes, long lengthBytes) {
    if (stretches != null && stretches.contain(offsetBytes)) {
      return false;
    }
    if (written == null) {
      return holes.nextData(offsetBytes) >= offsetBytes + lengthBytes;
    }
    int page = Math.toIntExact(offsetBytes >> pageShift);
    int bit = 1 << (page % Integer.SIZE);
    if ((written.get(page / Integer.SIZE) & bit) != 0) {
      return false;
    }
    boolean zero = readsAsZeros(offsetBytes, lengthBytes);
    if (!zero) {
      written.accumulateAndGet(page / Integer.SIZE, bit, (a, b) -> a | b);
    }
    return zero;
  }

  private boolean readsAsZeros(long offsetBytes, long lengthBytes) {
    MemorySegment buffer = CallScratch.ofThread().buffer(PIECE_BYTES);
    long end = offsetBytes + lengthBytes;
    for (long at = offsetBytes; at < end; ) {
      long most = at == offsetBytes ? FIRST_BYTES : PIECE_BYTES;
      long count = holes.read(buffer, Math.min(most, end - at), at);
      if (count <= 0 || MemorySegment.mismatch(buffer, 0, count, ZEROS, 0, count) >= 0) {
        return false;
      }
      at += count;
    }
    return true;
  }

  @Override
  public void close() {
    holes.close();
  }
}
