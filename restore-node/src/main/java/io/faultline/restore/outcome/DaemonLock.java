package io.faultline.restore.outcome;

import io.faultline.uffd.linux.process.PidFd;
import io.faultline.uffd.linux.process.ProcessEntry;
import io.faultline.uffd.linux.process.ProcessTable;
import java.io.IOException;
import java.util.concurrent.TimeUnit;

/**
 * Lets one daemon at a time use a {@link StateDirectory}: two that read events of the same
 * userfaultfds would each know half of them. Stateless.
 */
final class DaemonLock {
  /** A daemon that has failed may need this time to exit. */
  private static final long LIMIT_NANOS = TimeUnit.SECONDS.toNanos(2);

  private static final long WAIT_MILLIS = 2;

  private DaemonLock() {}

  /**
   * Waits until the daemons that have used the directory have exited.
   *
   * @throws IOException if one still runs; the message is for the user
   */
  static void await(StateDirectory state) throws IOException {
    for (PidFd daemon : state.daemons()) {
      try (daemon) {
        awaitExit(daemon);
      }
    }
  }

  private static void awaitExit(PidFd daemon) throws IOException {
    long start = System.nanoTime();
    try {
      while (!daemon.hasExited()) {
        if (daemon.pid() == ProcessHandle.current().pid()) {
          return;
        }
        if (System.nanoTime() - start > LIMIT_NANOS) {
          throw new IOException(
              "the earlier lazy-pages (process "
                  + daemon.pid()
                  + ") still runs and serves the restored processes: end it first");
        }
        Thread.sleep(WAIT_MILLIS);
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IOException("interrupted while the earlier lazy-pages ended", e);
    }
  }

  /** This process uses the directory from now on. */
  static void take(StateDirectory state) throws IOException {
    ProcessEntry self = new ProcessTable().find((int) ProcessHandle.current().pid());
    if (self != null) { // null without /proc
      state.addDaemon(self);
    }
  }
}
