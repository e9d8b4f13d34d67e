package io.faultline.demo.node;

import io.faultline.source.MigrationSource;
import java.util.concurrent.Future;
import java.util.function.Consumer;

/**
 * Tells who started the source when RUN is sent, to some milliseconds: what is between the two ends
 * cannot read that where they speak TLS.
 */
final class RunAnnouncement {
  /** The line, which no guest writes. */
  static final String LINE = "\u0006 run sent";

  private static final long POLL_MILLIS = 2;

  private RunAnnouncement() {}

  /**
   * Watches on a thread of its own.
   *
   * @param result completes when there is nothing to wait for any more
   */
  static void start(MigrationSource source, Future<?> result, Consumer<String> out) {
    Thread.ofPlatform().daemon().name("run-announcement").start(() -> watch(source, result, out));
  }

  private static void watch(MigrationSource source, Future<?> result, Consumer<String> out) {
    try {
      while (!source.progress().state().isCommitted()) {
        if (result.isDone()) {
          return;
        }
        Thread.sleep(POLL_MILLIS);
      }
      out.accept(LINE);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
