package io.faultline.cli.experiment;

import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;

/**
 * A thread that allocates garbage in a node's JVM, to measure what garbage collections do to the
 * fault path, which allocates nothing. The system property {@code faultline.garbage} is the rate in
 * MiB/s; without it there is no thread.
 */
public final class GarbageGenerator implements AutoCloseable {
  private static final String PROPERTY = "faultline.garbage";
  private static final int PIECE_BYTES = 16 << 10;
  private static final int PIECES_PER_MIB = (1 << 20) / PIECE_BYTES;

  /** Keeps the last 16 MiB alive. */
  private final byte[][] young = new byte[1024][];

  private final Thread thread =
      Thread.ofPlatform().daemon().name("garbage").unstarted(this::allocate);
  private final int piecesPerSecond = Math.max(0, Integer.getInteger(PROPERTY, 0)) * PIECES_PER_MIB;

  /** Starts the thread if the property is set. */
  public void start() {
    if (piecesPerSecond > 0) {
      thread.start();
    }
  }

  private void allocate() {
    long start = System.nanoTime();
    for (long count = 0; !Thread.interrupted(); count++) {
      young[(int) (count % young.length)] = new byte[PIECE_BYTES];
      long due = start + count * TimeUnit.SECONDS.toNanos(1) / piecesPerSecond;
      long early = due - System.nanoTime();
      if (early > TimeUnit.MILLISECONDS.toNanos(1)) {
        LockSupport.parkNanos(early);
      }
    }
  }

  @Override
  public void close() {
    thread.interrupt();
  }
}
