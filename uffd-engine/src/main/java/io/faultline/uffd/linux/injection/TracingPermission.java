package io.faultline.uffd.linux.injection;

import io.faultline.uffd.Errno;
import io.faultline.uffd.SystemCallException;
import io.faultline.uffd.linux.process.PidFd;
import java.lang.foreign.Arena;

/** Whether this process may trace another one (ptrace(2)), so that calls can be made in it. */
public final class TracingPermission {
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
    TracerThread.call(
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
