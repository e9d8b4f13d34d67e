package io.faultline.uffd.simulated;

/**
 * The process of the calling thread has ended while the thread slept in a fault or an event. In
 * Linux such a thread ends without returning from the kernel.
 */
public final class ProcessExitedException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  ProcessExitedException() {
    super("the process of this thread has ended");
  }
}
