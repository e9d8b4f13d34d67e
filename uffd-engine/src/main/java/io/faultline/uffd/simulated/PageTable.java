package io.faultline.uffd.simulated;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;

/**
 * The page table of one mapping. Entries change under the lock of their page; {@link #look} needs
 * none.
 *
 * <p>Neither {@link #set} nor {@link #look} orders anything but the entry itself: the fences of the
 * protocol between fills and faults are {@link FaultContext}'s.
 */
final class PageTable {
  private static final VarHandle ENTRY = MethodHandles.arrayElementVarHandle(int[].class);
  private static final int DIRECTORY_SHIFT = 9;

  private final int[] entries;

  /** For each 512 entries, whether the kernel ever made the page that holds them. */
  private final boolean[] directories;

  PageTable(int pages) {
    entries = new int[pages];
    directories = new boolean[(pages >> DIRECTORY_SHIFT) + 1];
  }

  int size() {
    return entries.length;
  }

  /** The entry as its owner sees it, under the lock of the page. */
  int get(int index) {
    return entries[index];
  }

  /** The entry as it may be, without a lock. */
  int look(int index) {
    return (int) ENTRY.getOpaque(entries, index);
  }

  /** Sets the entry, under the lock of the page. */
  void set(int index, int pte) {
    ENTRY.setOpaque(entries, index, pte);
    if (pte != Pte.NONE) {
      directories[index >> DIRECTORY_SHIFT] = true;
    }
  }

  /** Whether the page that holds the entry was ever needed. */
  boolean hasDirectory(int index) {
    return directories[index >> DIRECTORY_SHIFT];
  }
}
