package io.faultline.uffd.simulated;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;

/**
 * The page table of one mapping. Entries change under the lock of their page; {@link #peek} needs
 * none.
 *
 * <p>{@link #set} and {@link #peek} provide no memory ordering beyond the entry: {@link
 * FaultQueues} has the fences of the protocol between fills and faults.
 */
final class PageTable {
  private static final VarHandle ENTRY = MethodHandles.arrayElementVarHandle(int[].class);
  private static final int DIRECTORY_SHIFT = 9;

  private final int[] entries;

  /** Per 512 entries, whether the kernel ever allocated the table page that contains them. */
  private final boolean[] directories;

  PageTable(int pages) {
    entries = new int[pages];
    directories = new boolean[(pages >> DIRECTORY_SHIFT) + 1];
  }

  int size() {
    return entries.length;
  }

  /** The entry. Under the page's lock. */
  int get(int index) {
    return entries[index];
  }

  /** The entry, possibly stale. Without a lock. */
  int peek(int index) {
    return (int) ENTRY.getOpaque(entries, index);
  }

  /** Sets the entry. Under the page's lock. */
  void set(int index, int pte) {
    ENTRY.setOpaque(entries, index, pte);
    if (pte != Pte.NONE) {
      directories[index >> DIRECTORY_SHIFT] = true;
    }
  }

  /** Whether the table page that contains the entry was ever allocated. */
  boolean hasDirectory(int index) {
    return directories[index >> DIRECTORY_SHIFT];
  }
}
