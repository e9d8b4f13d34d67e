package io.faultline.memory;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.concurrent.atomic.LongAdder;

/**
 * A bit for each page of a region. Bits are claimed atomically: of all threads that claim a page,
 * one succeeds.
 *
 * <p>Thread-safe. Scans see each bit as it is at some time during the scan; what changes many bits
 * changes each word of 64 pages in one step, and loses nothing that others change meanwhile. Ranges
 * are from {@code first} to before {@code end}, within 0 to {@link #pageCount}, and may be empty.
 */
public final class PageBitmap {
  private static final VarHandle WORD = MethodHandles.arrayElementVarHandle(long[].class);
  private static final int BITS = Long.SIZE;

  private final long pageCount;
  private final long[] words;
  private final LongAdder count = new LongAdder();

  /**
   * All bits clear.
   *
   * @param pageCount pages, 0 to 2^36
   */
  public PageBitmap(long pageCount) {
    if (pageCount < 0 || pageCount > 1L << 36) {
      throw new IllegalArgumentException("page count " + pageCount + " is not within 0 to 2^36");
    }
    this.pageCount = pageCount;
    this.words = new long[Math.toIntExact((pageCount + BITS - 1) / BITS)];
  }

  /** Pages, set or not. */
  public long pageCount() {
    return pageCount;
  }

  /** Set bits; exact when no other thread is claiming or clearing. */
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
   * @return whether it was this call that set it
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
   * Sets the bits of a run of clear pages, up to the first that is set already.
   *
   * @param firstPage where the run starts
   * @param maxPages the most pages to claim, at least 1
   * @return pages claimed, from {@code firstPage} on; 0 where that one is set
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
   * @return whether it was this call that cleared it
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

  /** Sets the bits of a range, whichever were set before. */
  public void set(long first, long end) {
    checkRange(first, end);
    long added = 0;
    for (long page = first; page < end; page = nextWord(page)) {
      added += or(word(page), mask(page, Math.min(end, nextWord(page))));
    }
    count.add(added);
  }

  /** Clears the bits of a range, whichever were set before. */
  public void clear(long first, long end) {
    checkRange(first, end);
    long removed = 0;
    for (long page = first; page < end; page = nextWord(page)) {
      long mask = mask(page, Math.min(end, nextWord(page)));
      if (((long) WORD.getVolatile(words, word(page)) & mask) == 0) {
        continue; // which is most of a sparse one, and a look costs less
      }
      removed += Long.bitCount((long) WORD.getAndBitwiseAnd(words, word(page), ~mask) & mask);
    }
    count.add(-removed);
  }

  /**
   * Sets the bits that are set in {@code other}.
   *
   * @param other of as many pages
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
   * @param other another bitmap of as many pages
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
   * Moves all set bits to {@code into}, whose own stay. A bit that is set meanwhile is moved now or
   * by the next call: none is lost, and none is moved twice.
   *
   * @param into another bitmap of as many pages
   * @return bits moved
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

  /** Set bits in a range, each as it is at some time during the call. */
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

  /** The first clear page at or after {@code page}; {@link #pageCount} where there is none. */
  public long nextClear(long page) {
    return next(page, pageCount, -1L);
  }

  /**
   * The first clear page at or after {@code page}, and before {@code end}; {@code end} where there
   * is none. It looks no further: who asks for one run after the other must not scan all the pages
   * behind each.
   */
  public long nextClear(long page, long end) {
    checkRange(page, end);
    return next(page, end, -1L);
  }

  /** The first set page at or after {@code page}; {@link #pageCount} where there is none. */
  public long nextSet(long page) {
    return next(page, pageCount, 0L);
  }

  /** The first set page, as {@link #nextClear(long, long)}. */
  public long nextSet(long page, long end) {
    checkRange(page, end);
    return next(page, end, 0L);
  }

  /** Bytes that {@link #write} needs. */
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
   * Reads what {@link #write} wrote.
   *
   * @throws IllegalArgumentException where the length does not fit, or a bit behind the last page
   *     is set
   */
  public static PageBitmap read(long pageCount, ByteBuffer in) {
    PageBitmap bitmap = new PageBitmap(pageCount);
    if (in.remaining() != bitmap.serializedBytes()) {
      throw new IllegalArgumentException(
          "a bitmap of " + pageCount + " pages has not " + in.remaining() + " bytes");
    }
    ByteBuffer little = in.duplicate().order(ByteOrder.LITTLE_ENDIAN);
    for (int i = 0; i < bitmap.words.length; i++) {
      bitmap.words[i] = little.getLong();
      bitmap.count.add(Long.bitCount(bitmap.words[i]));
    }
    in.position(little.position());
    if (pageCount % BITS != 0 && bitmap.words[bitmap.words.length - 1] >>> pageCount != 0) {
      throw new IllegalArgumentException("a bit behind the last page " + pageCount + " is set");
    }
    return bitmap;
  }

  @Override
  public String toString() {
    return count() + " of " + pageCount + " pages";
  }

  /** The next page whose bit differs from those of {@code skipped} (all ones or all zeros). */
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

  /** Sets bits of a word; returns how many were clear before. The caller adds them to the count. */
  private int or(int index, long bits) {
    if ((bits & ~(long) WORD.getVolatile(words, index)) == 0) {
      return 0;
    }
    return Long.bitCount(bits & ~(long) WORD.getAndBitwiseOr(words, index, bits));
  }

  /** The bits of the pages from {@code first} to before {@code end}, all of one word. */
  private static long mask(long first, long end) {
    long upTo = end % BITS == 0 ? -1L : (1L << end) - 1;
    return upTo & -(1L << first);
  }

  /** The first page of the word behind that of {@code page}. */
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
