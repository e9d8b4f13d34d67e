package io.faultline.snapshot.file;

import io.faultline.memory.PageBitmap;
import java.nio.BufferUnderflowException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.List;

/**
 * The layout of a working set, little-endian:
 *
 * <pre>
 *  magic (8) | id (16) | page size (4) | number of regions (4) | pages of each region (8 each)
 *  number of recordings (4); each: runs of VMs (4), then for each region:
 *    number of ranges (4), then the ranges: pages since the end of the last (4), pages (4)
 *  CRC32C of everything before (4)
 * </pre>
 *
 * @param regionPages the number of pages of each region, each below 2^31
 */
record WorkingSetFormat(SnapshotId id, int pageBytes, List<Long> regionPages) {
  /** "FLTWSET" and the version, 1. */
  private static final long MAGIC = 0x01_54_45_53_57_54_4c_46L;

  private static final int HEADER_BYTES = 4 * Long.BYTES;

  WorkingSetFormat {
    for (long pages : regionPages) {
      if (pages < 0 || pages > Integer.MAX_VALUE) {
        throw new IllegalArgumentException("a region of " + pages + " pages");
      }
    }
  }

  WorkingSet empty() {
    return new WorkingSet(List.of(), regionPages);
  }

  ByteBuffer encode(WorkingSet set) {
    ByteBuffer to = ByteBuffer.allocate(sizeBytes(set)).order(ByteOrder.LITTLE_ENDIAN);
    to.putLong(MAGIC).putLong(id.high()).putLong(id.low());
    to.putInt(pageBytes).putInt(regionPages.size());
    regionPages.forEach(to::putLong);
    to.putInt(set.recordings().size());
    for (WorkingSet.Recording recording : set.recordings()) {
      to.putInt(recording.runs());
      recording.pages().forEach(pages -> put(to, pages));
    }
    to.putInt(Checksum.of(to.duplicate().flip()));
    return to.flip();
  }

  private int sizeBytes(WorkingSet set) {
    long size = HEADER_BYTES + (long) Long.BYTES * regionPages.size() + 2 * Integer.BYTES;
    for (WorkingSet.Recording recording : set.recordings()) {
      size += Integer.BYTES;
      for (PageBitmap pages : recording.pages()) {
        size += Integer.BYTES + 2L * Integer.BYTES * ranges(pages);
      }
    }
    return Math.toIntExact(size);
  }

  private static int ranges(PageBitmap pages) {
    int ranges = 0;
    for (long first = pages.nextSet(0); first < pages.pageCount(); ranges++) {
      first = pages.nextSet(pages.nextClear(first));
    }
    return ranges;
  }

  private static void put(ByteBuffer to, PageBitmap pages) {
    to.putInt(ranges(pages));
    long end = 0;
    for (long first = pages.nextSet(0); first < pages.pageCount(); first = pages.nextSet(end)) {
      to.putInt((int) (first - end));
      end = pages.nextClear(first);
      to.putInt((int) (end - first));
    }
  }

  /**
   * @throws SnapshotException that says what is wrong, if it is damaged or of something else
   */
  WorkingSet decode(byte[] file) {
    ByteBuffer from = ByteBuffer.wrap(file).order(ByteOrder.LITTLE_ENDIAN);
    int body = file.length - Integer.BYTES;
    if (body < HEADER_BYTES || from.getLong() != MAGIC) {
      throw new SnapshotException("it is not a working set");
    }
    if (from.getInt(body) != Checksum.of(from.duplicate().position(0).limit(body))) {
      throw new SnapshotException("its checksum is wrong");
    }
    try {
      WorkingSet set = decode(from.limit(body));
      if (from.hasRemaining()) {
        throw new SnapshotException("it has " + from.remaining() + " bytes too many");
      }
      return set;
    } catch (BufferUnderflowException e) {
      throw new SnapshotException("it is too short", e);
    }
  }

  private WorkingSet decode(ByteBuffer from) {
    SnapshotId of = new SnapshotId(from.getLong(), from.getLong());
    if (!of.equals(id)) {
      throw new SnapshotException("it is of snapshot " + of + ", not of " + id);
    }
    int page = from.getInt();
    int regions = from.getInt();
    boolean fits = page == pageBytes && regions == regionPages.size();
    for (int i = 0; fits && i < regions; i++) {
      fits = from.getLong() == regionPages.get(i);
    }
    if (!fits) {
      throw new SnapshotException("it is of other regions");
    }
    int recordings = from.getInt();
    if (recordings < 0 || recordings > WorkingSet.MAX_RECORDINGS) {
      throw new SnapshotException("it has " + recordings + " recordings");
    }
    List<WorkingSet.Recording> all = new ArrayList<>();
    for (int i = 0; i < recordings; i++) {
      int runs = from.getInt();
      List<PageBitmap> pages = new ArrayList<>();
      regionPages.forEach(count -> pages.add(pages(from, count)));
      all.add(new WorkingSet.Recording(runs, pages));
    }
    return new WorkingSet(all, regionPages);
  }

  private static PageBitmap pages(ByteBuffer from, long count) {
    PageBitmap pages = new PageBitmap(count);
    int ranges = from.getInt();
    long end = 0;
    for (int i = 0; i < ranges; i++) {
      long first = end + Integer.toUnsignedLong(from.getInt());
      end = first + Integer.toUnsignedLong(from.getInt());
      if (end > count) {
        throw new SnapshotException("it has page " + end + " of a region of " + count);
      }
      pages.set(first, end);
    }
    return pages;
  }
}
