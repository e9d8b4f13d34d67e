package io.faultline.paging.store;

import static java.lang.foreign.ValueLayout.JAVA_INT;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * Native memory in blocks of up to a page, within a limit. It is divided into slabs, each of which
 * has blocks of one size, a multiple of {@link #GRAIN}; a slab without used blocks may get another
 * size. Slabs are allocated when they are needed first, and kept.
 *
 * <p>A block is named by its offset: the number of its slab times the size of a slab, and its place
 * there. A free block has the number of the next one in its first bytes.
 *
 * <p>Thread-safe: one lock, held for a few instructions. Allocates objects only for new slabs.
 */
final class SlabMemory {
  static final int GRAIN = 128;
  static final int MAX_BLOCK = 4096;
  static final int SLAB_BYTES = 64 << 10;

  /** What {@link #allocate} returns if the memory is full. */
  static final long FULL = -1;

  private static final int NONE = -1;

  private final Arena arena;
  private final @Nullable MemorySegment[] slabs;
  private final int[] grains;
  private final int[] used;

  /** The first free block that was used before. */
  private final int[] freed;

  /** The number of blocks from the start of the slab that were ever used. */
  private final int[] touched;

  // Slabs with free blocks, a list for each size
  private final int[] next;
  private final int[] previous;
  private final int[] firstOfSize = new int[MAX_BLOCK / GRAIN + 1];

  /** Slabs without used blocks: a stack. */
  private final int[] empty;

  private int emptyCount;
  private int made;

  SlabMemory(Arena arena, int maxSlabs) {
    this.arena = arena;
    slabs = new MemorySegment[maxSlabs];
    grains = new int[maxSlabs];
    used = new int[maxSlabs];
    freed = new int[maxSlabs];
    touched = new int[maxSlabs];
    next = new int[maxSlabs];
    previous = new int[maxSlabs];
    empty = new int[maxSlabs];
    Arrays.fill(firstOfSize, NONE);
  }

  private static int grains(int bytes) {
    return (bytes + GRAIN - 1) / GRAIN;
  }

  /**
   * Allocates a block. If there is none of its size, it may be larger.
   *
   * @param bytes 1 to {@link #MAX_BLOCK}
   * @return its offset, or {@link #FULL}
   */
  synchronized long allocate(int bytes) {
    int slab = find(grains(bytes));
    if (slab == NONE) {
      return FULL;
    }
    int block = freed[slab];
    if (block == NONE) {
      block = touched[slab]++;
    } else {
      freed[slab] = segment(slab).get(JAVA_INT, place(slab, block));
    }
    used[slab]++;
    if (isFull(slab)) {
      unlink(slab);
    }
    return (long) slab * SLAB_BYTES + place(slab, block);
  }

  /** A slab with a free block. */
  private int find(int size) {
    int slab = firstOfSize[size];
    if (slab == NONE) {
      slab = takeEmpty();
      if (slab != NONE) {
        grains[slab] = size;
        used[slab] = 0;
        touched[slab] = 0;
        freed[slab] = NONE;
        link(slab);
      }
    }
    for (int larger = size + 1; slab == NONE && larger < firstOfSize.length; larger++) {
      slab = firstOfSize[larger];
    }
    return slab;
  }

  private int takeEmpty() {
    if (emptyCount > 0) {
      return empty[--emptyCount];
    }
    if (made == slabs.length) {
      return NONE;
    }
    slabs[made] = arena.allocate(SLAB_BYTES, MAX_BLOCK);
    return made++;
  }

  synchronized void free(long offset) {
    int slab = (int) (offset / SLAB_BYTES);
    int place = (int) (offset % SLAB_BYTES);
    if (used[slab] == 0) {
      throw new IllegalStateException("no block at " + offset);
    }
    boolean wasFull = isFull(slab);
    segment(slab).set(JAVA_INT, place, freed[slab]);
    freed[slab] = place / (grains[slab] * GRAIN);
    used[slab]--;
    if (wasFull) {
      link(slab);
    }
    if (used[slab] == 0) {
      unlink(slab);
      empty[emptyCount++] = slab;
    }
  }

  private boolean isFull(int slab) {
    return used[slab] == SLAB_BYTES / (grains[slab] * GRAIN);
  }

  private int place(int slab, int block) {
    return block * grains[slab] * GRAIN;
  }

  private void link(int slab) {
    int first = firstOfSize[grains[slab]];
    next[slab] = first;
    previous[slab] = NONE;
    if (first != NONE) {
      previous[first] = slab;
    }
    firstOfSize[grains[slab]] = slab;
  }

  private void unlink(int slab) {
    if (previous[slab] == NONE) {
      firstOfSize[grains[slab]] = next[slab];
    } else {
      next[previous[slab]] = next[slab];
    }
    if (next[slab] != NONE) {
      previous[next[slab]] = previous[slab];
    }
  }

  private MemorySegment segment(int slab) {
    MemorySegment segment = slabs[slab];
    if (segment == null) {
      throw new IllegalStateException("slab " + slab + " does not exist");
    }
    return segment;
  }

  /** The slab of a block that the caller has. */
  MemorySegment slab(long offset) {
    return segment((int) (offset / SLAB_BYTES));
  }

  /** The place of a block in its slab. */
  static long place(long offset) {
    return offset % SLAB_BYTES;
  }

  /** Whether a block that the caller has is the best for a length. */
  boolean suits(long offset, int bytes) {
    return grains[(int) (offset / SLAB_BYTES)] == grains(bytes);
  }

  /** The bytes of slabs that have used blocks. */
  synchronized long usedBytes() {
    return (long) (made - emptyCount) * SLAB_BYTES;
  }
}
