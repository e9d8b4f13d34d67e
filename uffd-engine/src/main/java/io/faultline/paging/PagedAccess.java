package io.faultline.paging;

import static java.lang.foreign.ValueLayout.JAVA_BYTE;
import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;

import io.faultline.uffd.MemoryErrorException;
import java.lang.foreign.MemorySegment;
import java.util.Arrays;
import java.util.concurrent.locks.LockSupport;

/**
 * Loads and stores of Java code in a region, through a software TLB.
 *
 * <p>Java code must never touch memory that may fault into the pager: a thread that sleeps in a
 * fault in Java state stops the next garbage collection, and with it the pager's threads. So a page
 * is made resident and <i>pinned</i> first, by calls; while its entry is in the TLB, the evictor
 * leaves it alone, and accesses are plain. An access holds at most {@link #entries} pins. Once half
 * of the buffer is pinned, accesses go on without entries, which is slower.
 *
 * <p>Confined to one thread. Close it, so that its pages may be evicted.
 *
 * <p>Every method throws {@link IndexOutOfBoundsException} outside of the region, {@link
 * IllegalArgumentException} if the offset is not a multiple of the value's size, {@link
 * MemoryErrorException} on a poisoned page, {@link IllegalStateException} for a store to a
 * read-only region, and {@link PagingException} if the store fails now.
 */
public final class PagedAccess implements AutoCloseable {
  private static final MemorySegment ALL = MemorySegment.NULL.reinterpret(Long.MAX_VALUE);
  private static final int MAX_ENTRIES = 512;
  private static final long NONE = -1;
  private static final long FULL_NANOS = 20_000;

  private final Region region;
  private final FaultService service;
  private final LanePool lanes;
  private final PinBudget pins;
  private final long base;
  private final int shift;
  private final long lengthBytes;
  private final long[] pages;
  private final boolean[] writable;
  private final int mask;
  private boolean closed;

  PagedAccess(Region region, FaultService service, LanePool lanes, PinBudget pins) {
    this.region = region;
    this.service = service;
    this.lanes = lanes;
    this.pins = pins;
    this.base = region.dataAddress;
    this.shift = region.pageShift;
    this.lengthBytes = region.lengthBytes;
    int entries = Math.clamp(Long.highestOneBit(Math.max(1, pins.total() / 4)), 1, MAX_ENTRIES);
    this.mask = entries - 1;
    this.pages = new long[entries];
    this.writable = new boolean[entries];
    Arrays.fill(pages, NONE);
    region.accesses.incrementAndGet();
  }

  /** The number of entries of the TLB: the maximum number of pages that it pins. */
  public int entries() {
    return mask + 1;
  }

  /** Whether an access is plain, since it has pinned the page: it neither waits nor fails. */
  public boolean holds(long offset, boolean write) {
    long page = offset >>> shift;
    int entry = (int) page & mask;
    return pages[entry] == page && (writable[entry] || !write);
  }

  public byte getByte(long offset) {
    long page = check(offset, Byte.BYTES) >>> shift;
    boolean cached = hold(page, false);
    byte value = ALL.get(JAVA_BYTE, base + offset);
    drop(page, cached);
    return value;
  }

  public void putByte(long offset, byte value) {
    long page = check(offset, Byte.BYTES) >>> shift;
    boolean cached = hold(page, true);
    ALL.set(JAVA_BYTE, base + offset, value);
    drop(page, cached);
  }

  public int getInt(long offset) {
    long page = check(offset, Integer.BYTES) >>> shift;
    boolean cached = hold(page, false);
    int value = ALL.get(JAVA_INT, base + offset);
    drop(page, cached);
    return value;
  }

  public void putInt(long offset, int value) {
    long page = check(offset, Integer.BYTES) >>> shift;
    boolean cached = hold(page, true);
    ALL.set(JAVA_INT, base + offset, value);
    drop(page, cached);
  }

  public long getLong(long offset) {
    long page = check(offset, Long.BYTES) >>> shift;
    boolean cached = hold(page, false);
    long value = ALL.get(JAVA_LONG, base + offset);
    drop(page, cached);
    return value;
  }

  public void putLong(long offset, long value) {
    long page = check(offset, Long.BYTES) >>> shift;
    boolean cached = hold(page, true);
    ALL.set(JAVA_LONG, base + offset, value);
    drop(page, cached);
  }

  /** Copies bytes out of the region; no alignment is needed. */
  public void read(long offset, MemorySegment to, long toOffset, long bytes) {
    copy(offset, to, toOffset, bytes, false);
  }

  /** Copies bytes into the region; no alignment is needed. */
  public void write(long offset, MemorySegment from, long fromOffset, long bytes) {
    copy(offset, from, fromOffset, bytes, true);
  }

  private void copy(long offset, MemorySegment other, long otherOffset, long bytes, boolean write) {
    if (bytes < 0 || offset < 0 || offset > lengthBytes - bytes) {
      throw outside(offset, bytes);
    }
    long pageBytes = 1L << shift;
    for (long done = 0; done < bytes; ) {
      long at = offset + done;
      long part = Math.min(bytes - done, pageBytes - (at & (pageBytes - 1)));
      boolean cached = hold(at >>> shift, write);
      if (write) {
        MemorySegment.copy(other, otherOffset + done, ALL, base + at, part);
      } else {
        MemorySegment.copy(ALL, base + at, other, otherOffset + done, part);
      }
      drop(at >>> shift, cached);
      done += part;
    }
  }

  /** Gives up all pins; the next access to each page takes one again. */
  public void release() {
    for (int i = 0; i < pages.length; i++) {
      evict(i);
    }
  }

  /** Pins a page for one access. Returns whether an entry keeps the pin. */
  private boolean hold(long page, boolean write) {
    int entry = (int) page & mask;
    if (pages[entry] == page && (writable[entry] || !write)) {
      return true;
    }
    return miss(page, entry, write);
  }

  private boolean miss(long page, int entry, boolean write) {
    if (closed) {
      throw new IllegalStateException("this access to " + region + " is closed");
    }
    if (write && !region.writable) {
      throw new IllegalStateException(region + " is read-only");
    }
    evict(entry);
    boolean cached = pins.take();
    try {
      pin(page, write);
    } catch (RuntimeException e) {
      if (cached) {
        pins.give();
      }
      throw e;
    }
    if (cached) {
      pages[entry] = page;
      writable[entry] = write;
    }
    return cached;
  }

  private void pin(long page, boolean write) {
    for (int round = 0; !region.states.pin(page, write); round++) {
      if (round > 0 && region.states.isFull(page)) {
        LockSupport.parkNanos(FULL_NANOS); // as many threads access it as can pin it
      }
      Lane lane = lanes.take();
      try {
        service.ensure(region, page, write, lane);
      } finally {
        lanes.give(lane);
      }
    }
  }

  private void drop(long page, boolean cached) {
    if (!cached) {
      region.unpin(page);
    }
  }

  private void evict(int entry) {
    if (pages[entry] != NONE) {
      region.unpin(pages[entry]);
      pages[entry] = NONE;
      writable[entry] = false;
      pins.give();
    }
  }

  private long check(long offset, int bytes) {
    if (offset < 0 || offset > lengthBytes - bytes) {
      throw outside(offset, bytes);
    }
    if ((offset & (bytes - 1)) != 0) {
      throw new IllegalArgumentException("offset " + offset + " is not a multiple of " + bytes);
    }
    return offset;
  }

  private IndexOutOfBoundsException outside(long offset, long bytes) {
    return new IndexOutOfBoundsException(bytes + " bytes at offset " + offset + " of " + region);
  }

  @Override
  public void close() {
    if (!closed) {
      closed = true;
      release();
      region.accesses.decrementAndGet();
    }
  }
}
