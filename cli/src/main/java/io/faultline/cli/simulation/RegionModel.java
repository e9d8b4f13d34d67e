package io.faultline.cli.simulation;

import io.faultline.memory.MemoryRegion;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.BitSet;
import java.util.SplittableRandom;

/** What one region of the guest must hold, word by word, wherever the guest is. */
final class RegionModel {
  static final int WORDS_PER_PAGE = 4096 / Long.BYTES;

  private final long[] words;
  private long[] atPause = new long[0];

  /** Base pages that the guest has touched at the destination. */
  private final BitSet touched = new BitSet();

  RegionModel(int pages) {
    words = new long[pages * WORDS_PER_PAGE];
  }

  int pages() {
    return words.length / WORDS_PER_PAGE;
  }

  int wordCount() {
    return words.length;
  }

  /** Fills pages, some with zeros, some that compress, some that do not. */
  void fill(SplittableRandom random, boolean sparse) {
    for (int page = 0; page < pages(); page++) {
      int kind = random.nextInt(3);
      int words = sparse ? 4 : WORDS_PER_PAGE;
      long value = random.nextLong();
      for (int i = 0; i < words && kind > 0; i++) {
        value = kind == 1 ? value : value * 6364136223846793005L + 1442695040888963407L;
        this.words[page * WORDS_PER_PAGE + i] = value;
      }
    }
  }

  long get(int word) {
    return words[word];
  }

  void set(int word, long value) {
    words[word] = value;
  }

  void remember() {
    atPause = words.clone();
  }

  void touch(int word) {
    touched.set(word / WORDS_PER_PAGE);
  }

  boolean isTouched(int page) {
    return touched.get(page);
  }

  /** Writes all to memory that nobody watches. */
  void writeTo(MemoryRegion region) {
    MemorySegment.copy(words, 0, region.guest().data(), ValueLayout.JAVA_LONG, 0, words.length);
  }

  /** The first page of a region that is not as it must be; -1 for none. */
  int firstWrongPage(MemoryRegion region) {
    long at = MemorySegment.ofArray(words).mismatch(region.guest().data());
    return at < 0 ? -1 : (int) (at / 4096);
  }

  /** What memory holds where a word of the guest is. */
  static long read(MemoryRegion region, int word) {
    return region.guest().data().getAtIndex(ValueLayout.JAVA_LONG, word);
  }

  /** Whether contents are those of some pages when the VM was paused. */
  boolean isAsAtPause(int page, MemorySegment contents) {
    return mismatch(atPause, page, contents) < 0;
  }

  /** Whether contents are those that some pages must have now. */
  boolean isCurrent(int page, MemorySegment contents) {
    return mismatch(words, page, contents) < 0;
  }

  private static long mismatch(long[] of, int page, MemorySegment contents) {
    long from = page * 4096L;
    MemorySegment wanted = MemorySegment.ofArray(of).asSlice(from, contents.byteSize());
    return wanted.mismatch(contents);
  }
}
