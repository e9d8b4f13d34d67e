package io.faultline.uffd.linux;

/**
 * The stretches of a file in tmpfs that were written as a whole when it was opened, so that its
 * file system need not be asked about each of their pages: one bit for 2 MiB. Immutable.
 */
final class WrittenStretches {
  static final int SHIFT = 21;

  /**
   * The most holes to look for: a file with more is hardly written as a whole anywhere, and each
   * takes a system call.
   */
  static final int MAX_HOLES = 4096;

  private final long[] bits;

  private WrittenStretches(long sizeBytes) {
    long stretches = (sizeBytes >> SHIFT) + 1;
    bits = new long[Math.toIntExact(stretches / Long.SIZE + 1)];
  }

  /** Tells where holes and data begin. */
  interface Holes {
    /** As {@link FileHoles#nextData}. */
    long nextData(long offset);

    /** As {@link FileHoles#nextHole}. */
    long nextHole(long offset);
  }

  /** Asks for the holes of a whole file. */
  static WrittenStretches of(Holes holes, long sizeBytes) {
    WrittenStretches written = new WrittenStretches(sizeBytes);
    long data = holes.nextData(0);
    for (int i = 0; i < MAX_HOLES && data < sizeBytes; i++) {
      long hole = Math.min(sizeBytes, holes.nextHole(data));
      written.add(data, hole);
      data = hole < sizeBytes ? holes.nextData(hole) : sizeBytes;
    }
    return written;
  }

  private void add(long from, long to) {
    long end = to >> SHIFT;
    for (long stretch = ((from - 1) >> SHIFT) + 1; stretch < end; stretch++) {
      bits[(int) (stretch / Long.SIZE)] |= 1L << stretch;
    }
  }

  /** Whether the page at an offset was written, and so were all around it. */
  boolean contain(long offsetBytes) {
    long stretch = offsetBytes >> SHIFT;
    return (bits[(int) (stretch / Long.SIZE)] & 1L << stretch) != 0;
  }
}
