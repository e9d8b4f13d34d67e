package io.faultline.memory;

/**
 * Records which base pages of a VM's memory were written. All implementations (dirty bits of an
 * MMU, write protection, KVM's log) guarantee: the contents of a page, read after {@link #collect}
 * returned, include every write that no later {@code collect} reports. So a thread that collects
 * first and then reads the pages misses no write while the VM runs.
 *
 * <p>It may report pages that were not written, and a whole huge page for a write to a part of it.
 *
 * <p>Not thread-safe: one thread calls it at a time.
 */
public interface DirtyLog extends AutoCloseable {
  /** The name on the command line: {@code vm}, {@code write-protect}. */
  String name();

  /**
   * Starts logging: writes from now on are reported. Called once, while the VM runs or is paused.
   *
   * @throws io.faultline.uffd.SystemCallException if the kernel refuses; the message has the remedy
   */
  void start();

  /**
   * Adds the base pages written since the start or the last call to {@code into}, and removes them
   * from the log.
   *
   * @param into receives their bits, one per {@link MemoryRegion#basePageBytes}; other bits stay
   */
  void collect(MemoryRegion region, PageBitmap into);

  /**
   * Stops logging; writes are then as fast as before. May be called before {@link #start}, and
   * twice.
   */
  @Override
  void close();
}
