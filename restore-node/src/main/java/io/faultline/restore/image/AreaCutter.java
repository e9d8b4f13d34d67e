package io.faultline.restore.image;

import static io.faultline.restore.space.DumpLayout.PAGE_BYTES;

import io.faultline.restore.image.messages.Memory;
import io.faultline.restore.image.messages.Vma;
import java.nio.file.Path;
import java.util.Arrays;

/**
 * Cuts extents at the borders of memory areas: the kernel fills one area per call. Used by one
 * thread.
 */
final class AreaCutter {
  /** The bit of a guard area in {@code Vma.status}; these come last and have no pages. */
  private static final int GUARD = 1 << 16;

  private final Path file;
  private final long[] starts;
  private final long[] ends;

  /**
   * @param file of the areas
   * @throws ImageException if areas overlap or are not ascending
   */
  AreaCutter(Path file, Memory memory) throws ImageException {
    this.file = file;
    int count = 0;
    long[] from = new long[memory.getVmasCount()];
    long[] to = new long[memory.getVmasCount()];
    for (Vma vma : memory.getVmasList()) {
      if ((vma.getStatus() & GUARD) == 0) {
        long previous = count == 0 ? 0 : to[count - 1];
        check(vma, previous);
        from[count] = vma.getStart();
        to[count] = vma.getEnd();
        count++;
      }
    }
    starts = Arrays.copyOf(from, count);
    ends = Arrays.copyOf(to, count);
  }

  /** Addresses of the vsyscall page are negative numbers, so all are compared unsigned. */
  private void check(Vma vma, long previousEnd) throws ImageException {
    if ((vma.getStart() | vma.getEnd()) % PAGE_BYTES != 0
        || Long.compareUnsigned(vma.getStart(), vma.getEnd()) >= 0
        || (vma.getStart() >= 0 && vma.getEnd() < 0)
        || Long.compareUnsigned(vma.getStart(), previousEnd) < 0) {
      throw ImageException.damaged(
          file,
          String.format(
              "a memory area from 0x%x to 0x%x after 0x%x",
              vma.getStart(), vma.getEnd(), previousEnd));
    }
  }

  /**
   * @throws ImageException if a page lies in no area
   */
  PageExtents cut(PageExtents whole) throws ImageException {
    PageExtents.Builder parts = new PageExtents.Builder();
    int area = 0;
    for (int extent = 0; extent < whole.count(); extent++) {
      int file =
          whole.fileOf(extent) < 0 ? -1 : parts.file(whole.files().get(whole.fileOf(extent)));
      long at = whole.startOf(extent);
      while (at < whole.endOf(extent)) {
        area = areaOf(at, area);
        long end = Math.min(whole.endOf(extent), ends[area]);
        long offset = whole.offsetOf(extent) + (at - whole.startOf(extent));
        parts.add(at, (end - at) / PAGE_BYTES, file, file < 0 ? 0 : offset);
        at = end;
      }
    }
    return parts.build();
  }

  /** The area of an address, from the given one on. */
  private int areaOf(long address, int from) throws ImageException {
    for (int area = from; area < starts.length && starts[area] >= 0; area++) {
      if (ends[area] > address) {
        if (starts[area] <= address) {
          return area;
        }
        break;
      }
    }
    throw ImageException.damaged(
        file, String.format("has no memory area at 0x%x, where there is a lazy page", address));
  }
}
