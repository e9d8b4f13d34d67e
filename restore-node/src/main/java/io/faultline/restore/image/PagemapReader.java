package io.faultline.restore.image;

import static io.faultline.restore.space.DumpLayout.PAGE_BYTES;

import io.faultline.restore.image.messages.PagemapEntry;
import io.faultline.restore.image.messages.PagemapHead;
import java.nio.file.Path;
import java.util.Arrays;

/**
 * Reads a pagemap file: every entry is checked, and must follow the one before. Used by one thread.
 */
final class PagemapReader {
  /** The end of the addresses that a process can have, with five levels of page tables. */
  private static final long ADDRESSES_END = 1L << 56;

  /** The longest entry known is 40 bytes; those of compressed images have lists. */
  private static final int MAX_RECORD_BYTES = 1 << 20;

  private final Path file;
  private final ImageReader reader;
  private int count;
  private long[] starts = new long[64];
  private long[] pages = new long[64];
  private byte[] flags = new byte[64];
  private boolean wide;

  private PagemapReader(Path file, ImageReader reader) {
    this.file = file;
    this.reader = reader;
  }

  static Pagemap read(Path file) throws ImageException {
    try (ImageReader reader = ImageReader.open(file, ImageType.PAGEMAP)) {
      return read(file, reader);
    }
  }

  static Pagemap read(Path file, ImageReader reader) throws ImageException {
    return new PagemapReader(file, reader).read();
  }

  private Pagemap read() throws ImageException {
    PagemapHead head = reader.next(PagemapHead.parser(), "the head", MAX_RECORD_BYTES);
    if (!head.getUnknownFields().asMap().isEmpty()) {
      throw compressed();
    }
    while (reader.hasNext()) {
      add(reader.next(PagemapEntry.parser(), "entry " + count, MAX_RECORD_BYTES));
    }
    return new Pagemap(
        file,
        head.getPagesId(),
        wide || count == 0,
        Arrays.copyOf(starts, count),
        Arrays.copyOf(pages, count),
        Arrays.copyOf(flags, count));
  }

  private void add(PagemapEntry entry) throws ImageException {
    if (!entry.getUnknownFields().asMap().isEmpty()) {
      throw compressed();
    }
    wide |= entry.hasNrPages();
    long start = entry.getVaddr();
    long length =
        entry.hasNrPages() ? entry.getNrPages() : Integer.toUnsignedLong(entry.getCompatNrPages());
    check(start, length);
    grow();
    starts[count] = start;
    pages[count] = length;
    flags[count] = flags(entry);
    count++;
  }

  private void check(long start, long length) throws ImageException {
    long previousEnd = count == 0 ? 0 : starts[count - 1] + pages[count - 1] * PAGE_BYTES;
    boolean fits =
        start >= 0
            && start < ADDRESSES_END
            && start % PAGE_BYTES == 0
            && length > 0
            && length <= (ADDRESSES_END - start) / PAGE_BYTES;
    if (!fits) {
      throw ImageException.damaged(
          file,
          String.format(
              "entry %d of %s pages at 0x%x", count, Long.toUnsignedString(length), start));
    }
    if (start < previousEnd) {
      throw ImageException.damaged(
          file,
          String.format(
              "entry %d at 0x%x overlaps the one before, which ends at 0x%x",
              count, start, previousEnd));
    }
  }

  /** The flags, as every version of CRIU reads them. */
  private byte flags(PagemapEntry entry) throws ImageException {
    int value = entry.hasFlags() ? entry.getFlags() : 0;
    if ((value & ~PageFlags.ALL) != 0) {
      throw new ImageException(
          file,
          String.format("entry %d has unknown flags 0x%x", count, value),
          "dump with a version of CRIU up to 4.2");
    }
    if (entry.getInParent()) {
      value |= PageFlags.PARENT;
    } else if (!entry.hasFlags()) {
      value = PageFlags.PRESENT;
    }
    return (byte) value;
  }

  private ImageException compressed() {
    return new ImageException(
        file,
        "has fields that are not known here: the images are compressed, or of a later CRIU",
        "dump without --compress");
  }

  private void grow() {
    if (count == starts.length) {
      starts = Arrays.copyOf(starts, count * 2);
      pages = Arrays.copyOf(pages, count * 2);
      flags = Arrays.copyOf(flags, count * 2);
    }
  }
}
