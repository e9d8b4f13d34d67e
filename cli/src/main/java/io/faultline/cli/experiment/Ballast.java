package io.faultline.cli.experiment;

import io.faultline.uffd.Advice;
import io.faultline.uffd.Kernel;
import io.faultline.uffd.MapRequest;
import io.faultline.uffd.PageSize;

/**
 * Memory that a destination holds until it maps guest memory, which then reuses the same pages. For
 * measurements in a VM that returns free memory to its hypervisor (free page reporting), where the
 * first touch of a page would dominate every other cost. The system property {@code
 * faultline.ballast} is the size in MiB; without it nothing is held.
 *
 * <p>Thread-safe.
 */
public final class Ballast implements AutoCloseable {
  private static final String PROPERTY = "faultline.ballast";

  private final Kernel kernel;
  private final long bytes = Math.max(0, Long.getLong(PROPERTY, 0)) << 20;
  private long address;

  private Ballast(Kernel kernel) {
    this.kernel = kernel;
  }

  /**
   * Allocates the memory if the property is set.
   *
   * @throws io.faultline.uffd.SystemCallException if there is not enough memory
   */
  public static Ballast allocate(Kernel kernel) {
    Ballast ballast = new Ballast(kernel);
    ballast.populate();
    return ballast;
  }

  private synchronized void populate() {
    if (bytes > 0) {
      address = kernel.map(MapRequest.anonymous(bytes, PageSize.BASE));
      kernel.advise(address, bytes, Advice.POPULATE_WRITE);
    }
  }

  /** Frees the memory. */
  @Override
  public synchronized void close() {
    if (address != 0) {
      kernel.unmap(address, bytes);
      address = 0;
    }
  }
}
