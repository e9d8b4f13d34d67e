package io.faultline.memory;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.concurrent.atomic.LongAdder;

/**
 * A bit per page of a region. Claims are atomic: of all threads that claim a page, exactly one
 * succeeds.
 *
 * <p>Thread-safe. A scan sees each bit as it is at some time during the scan. Bulk changes are
 * atomic per word of 64 pages, and lose no concurrent change. A range includes {@code first} and
 * excludes {@code end}; it lies within 0 to {@link #pageCount} and may be empty.
 */
public final class PageBitmap {
  private static final VarHandle WORD = MethodHandles.arrayElementVarHandle(long[].class);
  private static final int BITS = Long.SIZE;

  private final long pageCount;
  private final long[] words;
  private final LongAdder count = new LongAdder();

  /**
   * Creates a bitmap with all bits clear.
   *
   * @param pageCount the number of pages, 0 to 2^36
   */
  public PageBitmap(long pageCount) {
    if (pageCount < 0 || pageCount > 1L << 36) {
      throw new IllegalArgumentException("page count " + pageCount + " is not within 0 to 2^36");
    }
    this.pageCount = pageCount;
    this.words = new long[Math.toIntExact((pageCount + BITS - 1) / BITS)];
  }

  /** The number of pages. */
  public long pageCount() {
    return pageCount;
  }

  /** The number of set bits; exact while no other thread changes bits. */
  public long count() {
    return count.sum();
  }

  public boolean get(long page) {
    int index = word(page);
    return ((long) WORD.getVolatile(words, index) & bit(page)) != 0;
  }

  /**
   * Sets a page's bit.
   *
   * @return whether this call set it
   */
  public boolean claim(long page) {
    int index = word(page);
    long bit = bit(page);
    if (((long) WORD.getVolatile(words, index) & bit) != 0) {
      return false;
    }
    boolean claimed = ((long) WORD.getAndBitwiseOr(words, index, bit) & bit) == 0;
    if (claimed) {
      count.increment();
    }
    return claimed;
  }

  /**
   * Claims a run of clear pages, up to the first page that is already set.
   *
   * @param firstPage the start of the run
   * @param maxPages the maximum number of pages to claim, at least 1
   * @return pages claimed, from {@code firstPage} on; 0 if that one is already set
   */
  public long claimRun(long firstPage, long maxPages) {
    long end = Math.min(pageCount, firstPage + maxPages);
    long page = firstPage;
    while (page < end) {
      int index = word(page);
      long last = Math.min(end, (index + 1L) * BITS);
      long wanted = mask(page, last);
      long before = (long) WORD.getVolatile(words, index);
      long taken = before & wanted;
      if (taken != 0) {
        wanted &= Long.lowestOneBit(taken) - 1;
        last = (long) index * BITS + Long.numberOfTrailingZeros(taken);
      }
      if (wanted == 0) {
        break;
      }
      if (!WORD.compareAndSet(words, index, before, before | wanted)) {
        continue;
      }
      page = last;
      if (taken != 0) {
        break;
      }
    }
    long claimed = Math.max(0, page - firstPage);
    count.add(claimed);
    return claimed;
  }

  /**
   * Clears a page's bit.
   *
   * @return whether this call cleared it
   */
  public boolean clear(long page) {
    int index = word(page);
    long bit = bit(page);
    boolean cleared = ((long) WORD.getAndBitwiseAnd(words, index, ~bit) & bit) != 0;
    if (cleared) {
      count.decrement();
    }
    return cleared;
  }

  /** Sets all bits. */
  public void setAll() {
    set(0, pageCount);
  }

  /** Sets the bits of a range. */
  public void set(long first, long end) {
    checkRange(first, end);
    long added = 0;
    for (long page = first; page < end; page = nextWord(page)) {
      added += or(word(page), mask(page, Math.min(end, nextWord(page))));
    }
    count.add(added);
  }

  /** Clears the bits of a range. */
  public void clear(long first, long end) {
    checkRange(first, end);
    long removed = 0;
    for (long page = first; page < end; page = nextWord(page)) {
      long mask = mask(page, Math.min(end, nextWord(page)));
      if (((long) WORD.getVolatile(words, word(page)) & mask) == 0) {
        continue; // common in a sparse bitmap, and cheaper than the atomic operation
      }
      removed += Long.bitCount((long) WORD.getAndBitwiseAnd(words, word(page), ~mask) & mask);
    }
    count.add(-removed);
  }

  /**
   * Sets the bits that are set in {@code other}.
   *
   * @param other a bitmap of the same number of pages
   */
  public void or(PageBitmap other) {
    requireSameLength(other);
    long added = 0;
    for (int i = 0; i < words.length; i++) {
      added += or(i, (long) WORD.getVolatile(other.words, i));
    }
    count.add(added);
  }

  /**
   * Clears the bits that are set in {@code other}.
   *
   * @param other another bitmap of the same number of pages
   */
  public void clear(PageBitmap other) {
    requireSameLength(other);
    long removed = 0;
    for (int i = 0; i < words.length; i++) {
      long mask = (long) WORD.getVolatile(other.words, i);
      if (mask != 0) {
        removed += Long.bitCount((long) WORD.getAndBitwiseAnd(words, i, ~mask) & mask);
      }
    }
    count.add(-removed);
  }

  /**
   * Moves all set bits to {@code into}, whose other bits stay. A bit that is set concurrently is
   * moved by this call or by the next: none is lost, and none is moved twice.
   *
   * @param into another bitmap of the same number of pages
   * @return the number of bits moved
   */
  public long takeInto(PageBitmap into) {
    requireSameLength(into);
    long taken = 0;
    long added = 0;
    for (int i = 0; i < words.length; i++) {
      if ((long) WORD.getVolatile(words, i) != 0) {
        long word = (long) WORD.getAndSet(words, i, 0L);
        taken += Long.bitCount(word);
        added += into.or(i, word);
      }
    }
    count.add(-taken);
    into.count.add(added);
    return taken;
  }

  /** The number of set bits in a range, each as it is at some time during the call. */
  public long count(long first, long end) {
    checkRange(first, end);
    long set = 0;
    for (long page = first; page < end; page = nextWord(page)) {
      long mask = mask(page, Math.min(end, nextWord(page)));
      set += Long.bitCount((long) WORD.getVolatile(words, word(page)) & mask);
    }
    return set;
  }

  /** Whether all bits of a range are set; true of an empty one. */
  public boolean isFull(long first, long end) {
    checkRange(first, end);
    return nextClear(first, end) == end;
  }

  /** The first clear page at or after {@code page}; {@link #pageCount} if there is none. */
  public long nextClear(long page) {
    return next(page, pageCount, -1L);
  }

  /**
   * The first clear page at or after {@code page} and before {@code end}; {@code end} if there is
   * none. The scan stops at {@code end}, so that finding run after run does not scan the rest of
   * the bitmap each time.
   */
  public long nextClear(long page, long end) {
    checkRange(page, end);
    return next(page, end, -1L);
  }

  /** The first set page at or after {@code page}; {@link #pageCount} if there is none. */
  public long nextSet(long page) {
    return next(page, pageCount, 0L);
  }

  /** The first set page in a range, as {@link #nextClear(long, long)}. */
  public long nextSet(long page, long end) {
    checkRange(page, end);
    return next(page, end, 0L);
  }

  /** The size of the output of {@link #write} in bytes. */
  public int serializedBytes() {
    return Math.multiplyExact(words.length, Long.BYTES);
  }

  /** Writes the bits: page 0 is the lowest bit of the first byte. */
  public void write(ByteBuffer out) {
    ByteBuffer little = out.duplicate().order(ByteOrder.LITTLE_ENDIAN);
    for (int i = 0; i < words.length; i++) {
      little.putLong((long) WORD.getVolatile(words, i));
    }
    out.position(little.position());
  }

  /**
   * Reads the output of {@link #write}.
   *
   * @throws IllegalArgumentException if the length is wrong, or a bit after the last page is set
   */
  public static PageBitmap read(long pageCount, ByteBuffer in) {
    PageBitmap bitmap = new PageBitmap(pageCount);
    if (in.remaining() != bitmap.serializedBytes()) {
      throw new IllegalArgumentException(
          "a bitmap of " + pageCount + " pages cannot have " + in.remaining() + " bytes");
    }
    ByteBuffer little = in.duplicate().order(ByteOrder.LITTLE_ENDIAN);
    for (int i = 0; i < bitmap.words.length; i++) {
      bitmap.words[i] = little.getLong();
      bitmap.count.add(Long.bitCount(bitmap.words[i]));
    }
    in.position(little.position());
    if (pageCount % BITS != 0 && bitmap.words[bitmap.words.length - 1] >>> pageCount != 0) {
      throw new IllegalArgumentException("a bit after the last of " + pageCount + " pages is set");
    }
    return bitmap;
  }

  @Override
  public String toString() {
    return count() + " of " + pageCount + " pages";
  }

  /** The next page whose bit differs from {@code skipped} (all ones or all zeros). */
  private long next(long page, long end, long skipped) {
    if (page >= end) {
      return end;
    }
    int index = word(page);
    int last = word(end - 1);
    long candidates = ((long) WORD.getVolatile(words, index) ^ skipped) & -bit(page);
    while (candidates == 0) {
      if (++index > last) {
        return end;
      }
      candidates = (long) WORD.getVolatile(words, index) ^ skipped;
    }
    return Math.min(end, (long) index * BITS + Long.numberOfTrailingZeros(candidates));
  }

  /** Sets bits of a word; returns how many were clear. The caller updates the count. */
  private int or(int index, long bits) {
    if ((bits & ~(long) WORD.getVolatile(words, index)) == 0) {
      return 0;
    }
    return Long.bitCount(bits & ~(long) WORD.getAndBitwiseOr(words, index, bits));
  }

  /** The bits of the range of pages, which must be of one word. */
  private static long mask(long first, long end) {
    long upTo = end % BITS == 0 ? -1L : (1L << end) - 1;
    return upTo & -(1L << first);
  }

  /** The first page of the word that follows that of {@code page}. */
  private static long nextWord(long page) {
    return (page | (BITS - 1)) + 1;
  }

  private void checkRange(long first, long end) {
    if (first < 0 || first > end || end > pageCount) {
      throw new IndexOutOfBoundsException("pages " + first + " to " + end + " of " + pageCount);
    }
  }

  private void requireSameLength(PageBitmap other) {
    if (other.pageCount != pageCount || other == this) {
      throw new IllegalArgumentException(
          "another bitmap of " + pageCount + " pages is needed, not one of " + other.pageCount);
    }
  }

  private static long bit(long page) {
    return 1L << page;
  }

  private int word(long page) {
    if (page < 0 || page >= pageCount) {
      throw new IndexOutOfBoundsException("page " + page + " of " + pageCount);
    }
    return (int) (page / BITS);
  }
}
