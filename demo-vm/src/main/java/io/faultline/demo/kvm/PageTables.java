package io.faultline.demo.kvm;

import static java.lang.foreign.ValueLayout.JAVA_LONG;

import java.lang.foreign.MemorySegment;

/**
 * The guest's page tables: an identity mapping with pages of 2 MiB (Intel SDM volume 3, 4.5).
 *
 * <pre>
 *  63 62     52 51              12 11   8 7  6 5 4   3   2 1   0
 *  +-+---------+------------------+------+--+-+-+---+---+-+---+-+
 *  |X|         | address          |      |PS|D|A|PCD|PWT|U|R/W|P|
 *  +-+---------+------------------+------+--+-+-+---+---+-+---+-+
 * </pre>
 *
 * Accessed and dirty bits are set from the start, so that the processor never writes to the tables
 * and they can be compared with their initial contents.
 */
final class PageTables {
  private static final long PRESENT = 1;
  private static final long WRITABLE = 1 << 1;
  private static final long USER = 1 << 2;
  private static final long ACCESSED = 1 << 5;
  private static final long DIRTY = 1 << 6;
  private static final long LARGE = 1 << 7;
  private static final long TABLE = PRESENT | WRITABLE | USER | ACCESSED;
  private static final long PAGE = TABLE | DIRTY | LARGE;
  private static final long PAGE_BYTES = 2 << 20;
  private static final int ENTRIES = 512;

  private final MemorySegment low;
  private long nextDirectory = GuestLayout.PAGE_DIRECTORIES;

  private PageTables(MemorySegment low) {
    this.low = low;
  }

  /** Writes the tables into low memory. */
  static void write(MemorySegment low, GuestLayout layout) {
    PageTables tables = new PageTables(low);
    tables.set(GuestLayout.PML4, 0, GuestLayout.PDPT | TABLE);
    tables.mapGibibyte(0);
    tables.mapGibibyte(GuestLayout.ROM / GuestLayout.GIB);
    long ramStart = GuestLayout.RAM / GuestLayout.GIB;
    long ramEnd = ramStart + Math.ceilDiv(layout.ramBytes(), GuestLayout.GIB);
    for (long gibibyte = ramStart; gibibyte < ramEnd; gibibyte++) {
      tables.mapGibibyte(gibibyte);
    }
  }

  private void mapGibibyte(long number) {
    long directory = nextDirectory;
    nextDirectory += GuestLayout.TABLE_BYTES;
    set(GuestLayout.PDPT, number, directory | TABLE);
    for (long entry = 0; entry < ENTRIES; entry++) {
      set(directory, entry, (number * GuestLayout.GIB + entry * PAGE_BYTES) | PAGE);
    }
  }

  private void set(long table, long entry, long value) {
    low.set(JAVA_LONG, table + entry * Long.BYTES, value);
  }
}
