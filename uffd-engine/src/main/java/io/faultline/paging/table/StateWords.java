package io.faultline.paging.table;

import static java.lang.foreign.ValueLayout.JAVA_BYTE;
import static java.lang.foreign.ValueLayout.JAVA_LONG;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;
import org.jspecify.annotations.Nullable;

/**
 * One byte per page, in words of eight, each of which changes by one compare-and-set: what a fill
 * or an eviction changes of hundreds of consecutive pages. Thread-safe. No method waits.
 */
final class StateWords {
  private static final VarHandle WORD = JAVA_LONG.withOrder(ByteOrder.LITTLE_ENDIAN).varHandle();
  private static final VarHandle BYTE = JAVA_BYTE.varHandle();

  /** Times the value of a byte: a word with that in each. */
  private static final long ONES = 0x0101010101010101L;

  private final MemorySegment bytes;
  private final @Nullable Runnable beforeChange;

  StateWords(Arena arena, long pages, @Nullable Runnable beforeChange) {
    this.bytes = arena.allocate((pages + 7) & -8L, Long.BYTES);
    this.beforeChange = beforeChange;
  }

  int get(long page) {
    return (byte) BYTE.getVolatile(bytes, page) & 0xff;
  }

  /** Replaces the byte of a page; false if it is not {@code from} any more. */
  boolean compareAndSet(long page, int from, int to) {
    noteChange();
    long at = page & -8L;
    int shift = shift(page);
    long mask = 0xffL << shift;
    while (true) {
      long word = word(at);
      if ((word & mask) >>> shift != from) {
        return false;
      }
      if (WORD.compareAndSet(bytes, at, word, (word & ~mask) | (long) to << shift)) {
        return true;
      }
    }
  }

  /** How many of these pages are in the word of the first one. */
  static int inWord(long first, int count, int direction) {
    int within = (int) (first & 7);
    return Math.min(direction > 0 ? 8 - within : within + 1, count);
  }

  /**
   * Changes pages one after the other in a direction, until one differs from what is expected.
   *
   * @param compared the bits that must be as expected
   * @param kept the bits that stay
   * @param set the bits that are set in place of the others
   * @return the number of pages that are changed
   */
  int change(long first, int count, int direction, int compared, int expected, int kept, int set) {
    int done = 0;
    while (done < count) {
      long page = first + (long) direction * done;
      int wanted = inWord(page, count - done, direction);
      int changed = changeInWord(page, wanted, direction, compared, expected, kept, set);
      done += changed;
      if (changed < wanted) {
        break;
      }
    }
    return done;
  }

  private int changeInWord(
      long page, int count, int direction, int compared, int expected, int kept, int set) {
    noteChange();
    long at = page & -8L;
    int shift = shift(page);
    while (true) {
      long word = word(at);
      long differing = (word ^ (expected * ONES)) & (compared * ONES);
      int equalBits =
          direction > 0
              ? Long.numberOfTrailingZeros(differing >>> shift)
              : Long.numberOfLeadingZeros(differing << (56 - shift));
      int pages = Math.min(equalBits >>> 3, count);
      if (pages == 0) {
        return 0;
      }
      int lowest = direction > 0 ? shift : shift + 8 - 8 * pages;
      if (WORD.compareAndSet(bytes, at, word, changed(word, mask(pages, lowest), kept, set))) {
        return pages;
      }
    }
  }

  /**
   * Changes pages of one word, whatever they are.
   *
   * @return their bytes before, the first in the lowest bits
   */
  long replace(long first, int count, int kept, int set) {
    noteChange();
    long at = first & -8L;
    long mask = mask(count, shift(first));
    long word;
    do {
      word = word(at);
    } while (!WORD.compareAndSet(bytes, at, word, changed(word, mask, kept, set)));
    return (word & mask) >>> shift(first);
  }

  private static long changed(long word, long mask, int kept, int set) {
    return (word & ~mask) | (mask & ((word & (kept * ONES)) | (set * ONES)));
  }

  private static long mask(int pages, int shift) {
    return -1L >>> (64 - 8 * pages) << shift;
  }

  private static int shift(long page) {
    return (int) (page & 7) << 3;
  }

  private long word(long at) {
    return (long) WORD.getVolatile(bytes, at);
  }

  private void noteChange() {
    if (beforeChange != null) {
      beforeChange.run();
    }
  }
}
