package io.faultline.qemu.vm;

import java.io.IOException;
import java.io.UncheckedIOException;

/** Turns the checked exceptions of the monitor into those that a migration expects of a VM. */
final class MonitorCalls {
  /** A task that uses the monitor. */
  interface Task<T> {
    T run() throws IOException, InterruptedException;
  }

  private MonitorCalls() {}

  /**
   * Runs a task.
   *
   * @throws UncheckedIOException if QEMU refuses, or has ended
   * @throws IllegalStateException if this thread is interrupted
   */
  static <T> T call(Task<T> task) {
    try {
      return task.run();
    } catch (IOException e) {
      throw failed(e);
    } catch (InterruptedException e) {
      throw interrupted(e);
    }
  }

  /** QEMU refuses, or has ended. */
  static UncheckedIOException failed(IOException e) {
    return new UncheckedIOException(String.valueOf(e.getMessage()), e);
  }

  /** This thread was interrupted while it waited for QEMU. */
  static IllegalStateException interrupted(InterruptedException e) {
    Thread.currentThread().interrupt();
    return new IllegalStateException("interrupted while QEMU was asked", e);
  }
}
