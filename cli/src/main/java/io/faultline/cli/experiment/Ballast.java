package io.faultline.cli.experiment;

import io.faultline.uffd.Advice;
import io.faultline.uffd.Kernel;
import io.faultline.uffd.MapRequest;
import io.faultline.uffd.PageSize;

/**
 * Memory that is held until a migration starts, so that the destination's guest memory reuses the
 * same pages. For measurements in a VM that returns free memory to its hypervisor (free page
 * reporting), where the first touch of a page would dominate every other cost. The system property
 * {@value #PROPERTY} is the size in MiB.
 *
 * <p>Thread-safe.
 */
public final class Ballast implements AutoCloseable {
  private static final String PROPERTY = "faultline.ballast";

  private final Kernel kernel;
  private final long bytes;
  private long address;

  private Ballast(Kernel kernel, long bytes) {
    this.kernel = kernel;
    this.bytes = bytes;
  }

  /** The option of a JVM that makes its command hold this much. */
  public static String option(long bytes) {
    return "-D" + PROPERTY + "=" + (bytes >> 20);
  }

  /**
   * Allocates what the property says; nothing without it.
   *
   * @throws io.faultline.uffd.SystemCallException if there is not enough memory
   */
  public static Ballast allocate(Kernel kernel) {
    return allocate(kernel, Math.max(0, Long.getLong(PROPERTY, 0)) << 20);
  }

  /**
   * Allocates memory.
   *
   * @throws io.faultline.uffd.SystemCallException if there is not enough memory
   */
  public static Ballast allocate(Kernel kernel, long bytes) {
    Ballast ballast = new Ballast(kernel, bytes);
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
