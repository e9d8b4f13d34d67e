package io.faultline.cli.node;

import io.faultline.uffd.Advice;
import io.faultline.uffd.Kernel;
import io.faultline.uffd.MapRequest;
import io.faultline.uffd.PageSize;

/**
 * Memory that a destination holds until it maps the guest's, which then gets the same pages: for
 * measurements on a virtual machine that gives free memory back to its hypervisor (free page
 * reporting), where the first touch of a page would cost more than all the rest. The system
 * property {@code faultline.ballast} tells how much, in MiB; there is none without.
 *
 * <p>Thread-safe.
 */
final class Ballast implements AutoCloseable {
  private static final String PROPERTY = "faultline.ballast";

  private final Kernel kernel;
  private final long bytes = Math.max(0, Long.getLong(PROPERTY, 0)) << 20;
  private long address;

  private Ballast(Kernel kernel) {
    this.kernel = kernel;
  }

  /**
   * Takes it in, where that was asked for.
   *
   * @throws io.faultline.uffd.SystemCallException where it cannot be had
   */
  static Ballast take(Kernel kernel) {
    Ballast ballast = new Ballast(kernel);
    ballast.fill();
    return ballast;
  }

  private synchronized void fill() {
    if (bytes > 0) {
      address = kernel.map(MapRequest.anonymous(bytes, PageSize.BASE));
      kernel.advise(address, bytes, Advice.POPULATE_WRITE);
    }
  }

  /** Throws it off. */
  @Override
  public synchronized void close() {
    if (address != 0) {
      kernel.unmap(address, bytes);
      address = 0;
    }
  }
}
