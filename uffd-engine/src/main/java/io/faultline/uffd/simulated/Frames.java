package io.faultline.uffd.simulated;

import io.faultline.uffd.Errno;
import io.faultline.uffd.SystemCallException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import org.jspecify.annotations.Nullable;

/**
 * The contents of pages, in one block of native memory, so that one base data address serves them
 * all; and a lock per page (striped).
 *
 * <p>Unused pages are zero.
 */
final class Frames {
  private static final int STRIPES = 64;

  private final long allocation;
  private final long base;
  private final int pages;
  private final long pageBytes;
  private final PageLock[] locks = new PageLock[STRIPES];

  private final @Nullable Arena arena;

  private boolean freed;

  private Frames(long allocation, long base, @Nullable Arena arena, int pages, long pageBytes) {
    this.allocation = allocation;
    this.base = base;
    this.arena = arena;
    this.pages = pages;
    this.pageBytes = pageBytes;
    for (int i = 0; i < STRIPES; i++) {
      locks[i] = new PageLock();
    }
  }

  static Frames allocate(int pages, long pageBytes) {
    long bytes = pages * pageBytes;
    long allocation = NativeBytes.allocate(bytes + NativeBytes.ALIGNMENT);
    if (allocation == 0) {
      throw new SystemCallException("calloc(" + bytes + ")", Errno.ENOMEM);
    }
    long base = (allocation + NativeBytes.ALIGNMENT - 1) & -NativeBytes.ALIGNMENT;
    return new Frames(allocation, base, null, pages, pageBytes);
  }

  /** Frames over the mapped contents of a file, which the arena owns. */
  static Frames over(MemorySegment contents, Arena arena, int pages, long pageBytes) {
    return new Frames(0, contents.address(), arena, pages, pageBytes);
  }

  int pages() {
    return pages;
  }

  long pageBytes() {
    return pageBytes;
  }

  PageLock lock(int index) {
    return locks[index & (STRIPES - 1)];
  }

  /** The native address of a page; {@link #pages} yields the end address. */
  long address(int index) {
    return base + index * pageBytes;
  }

  boolean isZero(int index) {
    return NativeBytes.isZero(address(index), pageBytes);
  }

  void clear(int index) {
    if (!isZero(index)) {
      NativeBytes.clear(address(index), pageBytes);
    }
  }

  void fill(int index, long sourceAddress) {
    NativeBytes.copy(address(index), sourceAddress, pageBytes);
  }

  /** Frees the memory. No address may be used afterwards. */
  synchronized void free() {
    if (freed) {
      return;
    }
    freed = true;
    if (arena != null) {
      arena.close();
    } else {
      NativeBytes.free(allocation);
    }
  }
}
