package io.faultline.uffd;

import java.nio.file.Path;
import java.util.Optional;
import java.util.Set;

/**
 * The system calls of one process that memory externalization needs. An implementation is an
 * engine: the Linux kernel, or a simulated one with the same behaviour.
 *
 * <p><b>Addresses.</b> The addresses here are what the guest and userfaultfd know. Plain loads and
 * stores (and sockets) use {@link #dataAddress}, which on Linux is the same address. Java code must
 * never load from or store to a page that may fault into userfaultfd: the thread would sleep while
 * the JVM believes that it runs Java code, and the next garbage collection would wait for it for
 * ever. {@link #guestLoad} and {@link #guestStore} are made for that: the thread counts as native
 * while it waits.
 *
 * <p>Thread-safe.
 */
public interface Kernel {
  /** The engine's name: {@code kernel} or {@code simulated}. */
  String name();

  /** The size of a page in bytes: a power of two, at least 4096. */
  long pageSizeBytes(PageSize pageSize);

  /** The features that this kernel has; empty where it refuses userfaultfd. */
  Set<Feature> supportedFeatures();

  /**
   * Opens a userfaultfd.
   *
   * @throws SystemCallException EPERM with the commands that would allow it, ENOSYS, or EINVAL with
   *     the features that the kernel lacks
   */
  Userfaultfd openUserfaultfd(OpenOptions options);

  /** Creates a nameless file in memory (memfd_create), of zeros. */
  MemoryFile createFile(String name, long sizeBytes, PageSize pageSize);

  /**
   * Opens or creates a named file in tmpfs or hugetlbfs, and gives it its size. The page size is
   * that of its file system.
   */
  MemoryFile openFile(Path path, long sizeBytes);

  /**
   * Makes a mapping. Huge pages are reserved here, so that touching them later cannot fail.
   *
   * @return its address
   * @throws SystemCallException ENOMEM, with the command that enlarges the pool where huge pages
   *     are missing
   */
  long map(MapRequest request);

  /** Removes mappings. */
  void unmap(long address, long lengthBytes);

  /**
   * Puts private memory of zeros, in base pages, in the place of mappings: what they showed, their
   * registrations and their {@link #dataAddress} are gone. Whoever sleeps in a fault there is not
   * woken by this, and finds zeros once somebody does it. It needs no page of the pools of huge
   * pages, nor of a file system, so that no access fails for want of one with SIGBUS.
   */
  void replaceByZeros(long address, long lengthBytes);

  /**
   * Moves a mapping to another place of the kernel's choice (mremap).
   *
   * @return the new address
   */
  long remap(long address, long lengthBytes);

  /** Gives advice (madvise). */
  void advise(long address, long lengthBytes, Advice advice);

  /**
   * Gives the same advice for many ranges, one after another; those before a range that is refused
   * have it then. On Linux up to 1,024 go with one call where the kernel takes any advice from a
   * process for itself (process_madvise(2); 6.18 does, and is several times faster so), else one by
   * one.
   *
   * @param addresses where each begins
   * @param lengthsBytes of each
   * @param count of the ranges, which are the first of both arrays
   */
  default void adviseAll(long[] addresses, long[] lengthsBytes, int count, Advice advice) {
    for (int i = 0; i < count; i++) {
      advise(addresses[i], lengthsBytes[i], advice);
    }
  }

  /**
   * The native address at which Java code and sockets find the contents of a mapped address. Valid
   * for the whole mapping that contains it, as an offset.
   */
  long dataAddress(long address);

  /**
   * Loads eight bytes as the guest does, in native order: the thread may sleep in userfaultfd until
   * the page is there.
   *
   * @param address a multiple of 8
   * @throws MemoryErrorException where the page is poisoned and the engine can tell; the Linux
   *     engine cannot, and the process gets SIGBUS
   */
  long guestLoad(long address);

  /** Stores eight bytes as the guest does; else as {@link #guestLoad}. */
  void guestStore(long address, long value);

  /** Opens the page table of this process for reading. */
  Pagemap openPagemap();

  /** The pool of a huge page size; empty where the machine has none. */
  Optional<HugePagePool> hugePagePool(PageSize pageSize);

  /** Bytes of base-page memory that a new mapping may count on. */
  long availableMemoryBytes();
}
