package io.faultline.snapshot.file;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Where each page is, and the checksums of the data, in words of 8 bytes:
 *
 * <pre>
 *  for each region: number of runs, then the runs: first page, pages, offset (or ZERO or IN_BASE)
 *  number of chunks, then a CRC32C of 4 bytes for each 64 KiB of data, padded to 8 bytes
 *  if the data is compressed: the stored size of each chunk, 4 bytes each, padded to 8 bytes
 * </pre>
 *
 * @param storedSizes of each chunk; empty if the data is not compressed
 */
@SuppressWarnings("ArrayRecordComponent") // large, never compared, and only read
record IndexSection(List<PageRuns> regions, int[] checksums, int[] storedSizes) {
  private static final ValueLayout.OfLong WORD =
      ValueLayout.JAVA_LONG.withOrder(ByteOrder.LITTLE_ENDIAN);
  private static final ValueLayout.OfInt HALF =
      ValueLayout.JAVA_INT.withOrder(ByteOrder.LITTLE_ENDIAN);
  private static final int RUN_WORDS = 3;

  MemorySegment encode(Arena arena) {
    MemorySegment to = arena.allocate(sizeBytes(), Long.BYTES);
    long word = 0;
    for (PageRuns runs : regions) {
      to.setAtIndex(WORD, word++, runs.count());
      for (int i = 0; i < runs.count(); i++) {
        to.setAtIndex(WORD, word++, runs.firstPage(i));
        to.setAtIndex(WORD, word++, runs.endPage(i) - runs.firstPage(i));
        to.setAtIndex(WORD, word++, runs.fileOffset(i));
      }
    }
    to.setAtIndex(WORD, word++, checksums.length);
    put(to, word, checksums);
    put(to, word + words(checksums.length), storedSizes);
    return to;
  }

  private static void put(MemorySegment to, long word, int[] values) {
    for (int i = 0; i < values.length; i++) {
      to.setAtIndex(HALF, 2 * word + i, values[i]);
    }
  }

  private static int[] get(MemorySegment from, long word, long count) {
    int[] values = new int[(int) count];
    MemorySegment.copy(from, HALF, word * Long.BYTES, values, 0, values.length);
    return values;
  }

  private static long words(long halves) {
    return (halves + 1) / 2;
  }

  private long sizeBytes() {
    long words = 1 + words(checksums.length) + words(storedSizes.length);
    for (PageRuns runs : regions) {
      words += 1 + (long) RUN_WORDS * runs.count();
    }
    return words * Long.BYTES;
  }

  /**
   * @param from the section of a file, with a correct checksum
   * @throws SnapshotException if it does not fit the VM and the trailer
   */
  static IndexSection decode(
      Path file,
      MemorySegment from,
      SnapshotVm vm,
      SnapshotHeader header,
      SnapshotTrailer trailer) {
    Words words = new Words(file, from);
    List<PageRuns> regions = new ArrayList<>();
    for (SnapshotRegion region : vm.regions()) {
      regions.add(runs(words, region, header, trailer));
    }
    long chunks = words.next();
    long expected =
        (trailer.dataBytes() + DataChecksums.CHUNK_BYTES - 1) / DataChecksums.CHUNK_BYTES;
    long arrays = trailer.isCompressed() ? 2 : 1;
    if (chunks != expected || words.left() != arrays * words(chunks)) {
      throw SnapshotException.damaged(
          file, "its index has " + chunks + " checksums, its data " + expected + " chunks");
    }
    int[] checksums = get(from, words.at, chunks);
    long sizesAt = words.at + words(chunks);
    int[] sizes = trailer.isCompressed() ? get(from, sizesAt, chunks) : new int[0];
    requireSizes(file, sizes, trailer);
    return new IndexSection(List.copyOf(regions), checksums, sizes);
  }

  private static void requireSizes(Path file, int[] sizes, SnapshotTrailer trailer) {
    long sum = 0;
    for (int size : sizes) {
      if (size < 1 || size > DataChecksums.CHUNK_BYTES) {
        throw SnapshotException.damaged(file, "its index has a chunk of " + size + " bytes");
      }
      sum += size;
    }
    if (trailer.isCompressed() && sum != trailer.storedBytes()) {
      throw SnapshotException.damaged(
          file, "its chunks have " + sum + " bytes, its data " + trailer.storedBytes());
    }
  }

  /** Where each chunk begins in the data, and where the last one ends; null if as it is. */
  long @Nullable [] chunkStarts() {
    if (storedSizes.length == 0) {
      return null;
    }
    long[] starts = new long[storedSizes.length + 1];
    for (int i = 0; i < storedSizes.length; i++) {
      starts[i + 1] = starts[i] + storedSizes[i];
    }
    return starts;
  }

  private static PageRuns runs(
      Words words, SnapshotRegion region, SnapshotHeader header, SnapshotTrailer trailer) {
    long count = words.next();
    if (count < 1 || count > words.left() / RUN_WORDS) {
      throw words.wrong(region, "number of runs", count);
    }
    long[] found = words.next((int) count * RUN_WORDS);
    long[] ends = new long[(int) count];
    long[] offsets = new long[(int) count];
    long next = 0;
    long pageCount = region.sizeBytes() / header.pageBytes();
    for (int i = 0; i < count; i++) {
      long first = found[i * RUN_WORDS];
      long pages = found[i * RUN_WORDS + 1];
      if (first != next || pages <= 0 || pages > pageCount - next) {
        throw words.wrong(region, "run of " + pages + " pages at page", first);
      }
      offsets[i] = found[i * RUN_WORDS + 2];
      if (!isInside(offsets[i], pages * header.pageBytes(), header, trailer)) {
        throw words.wrong(region, "run at page " + first + " at offset", offsets[i]);
      }
      next = first + pages;
      ends[i] = next;
    }
    if (next != pageCount) {
      throw words.wrong(region, "end of runs", next);
    }
    return new PageRuns(ends, offsets);
  }

  private static boolean isInside(
      long offset, long bytes, SnapshotHeader header, SnapshotTrailer trailer) {
    if (offset == PageRuns.ZERO) {
      return true;
    }
    if (offset == PageRuns.IN_BASE) {
      return header.base() != null;
    }
    return offset >= trailer.dataOffset()
        && offset % SnapshotHeader.SIZE_BYTES == 0
        && bytes <= trailer.dataEnd() - offset;
  }

  /** Reads one word after the other. */
  private static final class Words {
    private final Path file;
    private final MemorySegment from;
    private long at;

    Words(Path file, MemorySegment from) {
      this.file = file;
      this.from = from;
    }

    long left() {
      return from.byteSize() / Long.BYTES - at;
    }

    long next() {
      if (left() < 1) {
        throw SnapshotException.damaged(file, "its index ends after " + at + " words");
      }
      return from.getAtIndex(WORD, at++);
    }

    /** Several, of which there are as many: all at once, since element by element is slow. */
    long[] next(int count) {
      long[] found = new long[count];
      MemorySegment.copy(from, WORD, at * Long.BYTES, found, 0, count);
      at += count;
      return found;
    }

    SnapshotException wrong(SnapshotRegion region, String what, long value) {
      return SnapshotException.damaged(
          file, "its index has a wrong " + what + " " + value + " for region " + region.name());
    }
  }
}
