package io.faultline.memory;

/**
 * Knows which base pages of a VM's memory were written. Whatever it is made of (dirty bits of an
 * MMU, write protection, KVM's log), the rule is one: the contents of a page, read after {@link
 * #collect} returned, hold every write that no later {@code collect} tells. So whoever collects
 * first and reads the pages then misses nothing, while the VM runs.
 *
 * <p>It may tell pages that were not written, and whole huge pages for a part of one.
 *
 * <p>All methods are called by one thread at a time.
 */
public interface DirtyLog extends AutoCloseable {
  /** As on the command line: {@code vm}, {@code write-protect}. */
  String name();

  /**
   * Starts to log: writes from here on are told. Called once, while the VM runs or is paused.
   *
   * @throws io.faultline.uffd.SystemCallException where the kernel refuses, with the remedy
   */
  void start();

  /**
   * Adds the base pages that were written since the log was started or this was called last, and
   * forgets them.
   *
   * @param into gets their bits, which count {@link MemoryRegion#basePageBytes}; others stay
   */
  void collect(MemoryRegion region, PageBitmap into);

  /**
   * Stops logging; writes are as fast as before. May be called before {@link #start}, and twice.
   */
  @Override
  void close();
}
