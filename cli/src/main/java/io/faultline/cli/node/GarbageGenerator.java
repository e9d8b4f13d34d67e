package io.faultline.cli.node;

import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;

/**
 * Garbage that is made beside a node, so that the collector has to run: for measurements of what
 * that does to the path of a fault, which makes none. The system property {@code faultline.garbage}
 * tells how much, in MiB a second; there is none without.
 */
final class GarbageGenerator implements AutoCloseable {
  private static final String PROPERTY = "faultline.garbage";
  private static final int PIECE_BYTES = 16 << 10;
  private static final int PIECES_PER_MIB = (1 << 20) / PIECE_BYTES;

  /** Keeps some alive for a while, as programs do. */
  private final byte[][] young = new byte[1024][];

  private final Thread thread = Thread.ofPlatform().daemon().name("garbage").unstarted(this::make);
  private final int piecesPerSecond = Math.max(0, Integer.getInteger(PROPERTY, 0)) * PIECES_PER_MIB;

  /** Starts to make it, where that was asked for. */
  void start() {
    if (piecesPerSecond > 0) {
      thread.start();
    }
  }

  private void make() {
    long start = System.nanoTime();
    for (long made = 0; !Thread.interrupted(); made++) {
      young[(int) (made % young.length)] = new byte[PIECE_BYTES];
      long due = start + made * TimeUnit.SECONDS.toNanos(1) / piecesPerSecond;
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
