package io.faultline.uffd.linux.injection;

import io.faultline.uffd.Errno;
import io.faultline.uffd.SystemCallException;
import io.faultline.uffd.linux.process.PidFd;
import java.lang.foreign.Arena;

/** Whether this process may trace another one (ptrace(2)), so that calls can be made in it. */
public final class TracingPermission {
  /** Far longer than it takes: nothing is waited for. */
  private static final long LIMIT_NANOS = 60_000_000_000L;

  private TracingPermission() {}

  /**
   * Asks the kernel, by tracing one thread for a moment. It is not stopped, and continues as if
   * nothing had been.
   *
   * @throws SystemCallException EPERM, with what forbids it and the remedy: another user, a tracer
   *     that is there already, or Yama
   */
  public static void require(PidFd process) {
    int thread = process.pid();
    var _ =
        TracerThread.call(
            LIMIT_NANOS,
            () -> {
              try (Arena arena = Arena.ofConfined()) {
                return TracedThread.seize(thread, arena); // the end of this thread ends the tracing
              } catch (SystemCallException e) {
                if (e.errno() == Errno.EPERM) {
                  throw TracingRefusal.of(thread, thread, e);
                }
                throw e;
              }
            });
  }
}
