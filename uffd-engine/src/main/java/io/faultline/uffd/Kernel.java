package io.faultline.uffd;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.file.Path;
import java.util.Optional;
import java.util.Set;

/**
 * The system calls of one process around userfaultfd. An implementation is called an engine: the
 * Linux kernel, or a simulated kernel with the same behaviour.
 *
 * <p><b>Addresses.</b> Addresses in this API are those that the guest and userfaultfd use. Plain
 * loads and stores (and sockets) use {@link #dataAddress}, which on Linux is the same address. Java
 * code must never load from or store to a page that may fault into userfaultfd: the thread would
 * sleep in the kernel while in Java state, and the next garbage collection would wait for it
 * forever. Use {@link #guestLoad} and {@link #guestStore}, during which the thread is in native
 * state.
 *
 * <p>Thread-safe.
 */
public interface Kernel {
  /** The engine's name: {@code kernel} or {@code simulated}. */
  String name();

  /** The size of a page in bytes: a power of two, at least 4096. */
  long pageSizeBytes(PageSize pageSize);

  /** The features of this kernel; empty if it refuses userfaultfd. */
  Set<Feature> supportedFeatures();

  /**
   * Opens a userfaultfd.
   *
   * @throws SystemCallException EPERM, with the commands that would permit it; ENOSYS; or EINVAL,
   *     with the features that the kernel lacks
   */
  Userfaultfd openUserfaultfd(OpenOptions options);

  /** Creates an unnamed memory file (memfd_create) of zeros. */
  MemoryFile createFile(String name, long sizeBytes, PageSize pageSize);

  /**
   * Opens or creates a named file in tmpfs or hugetlbfs, and sets its size. The page size is that
   * of the file system.
   */
  MemoryFile openFile(Path path, long sizeBytes);

  /**
   * Opens a named file that exists, such as the memory of another process, and leaves its size as
   * it is. Otherwise as {@link #openFile}.
   *
   * @param sizeBytes to use of it, from its beginning on
   * @throws SystemCallException ENOENT; EINVAL if the file is shorter
   */
  MemoryFile openExistingFile(Path path, long sizeBytes);

  /**
   * The pages of a named file that were never written; empty if they cannot be known, or there are
   * none now.
   *
   * @param sizeBytes of the file, a multiple of its page size
   */
  default Optional<UnwrittenPages> openUnwrittenPages(
      Path path, long sizeBytes, PageSize pageSize) {
    return Optional.empty();
  }

  /**
   * Creates a mapping. Huge pages are reserved now, so that touching them later cannot fail.
   *
   * @return the address of the mapping
   * @throws SystemCallException ENOMEM; if huge pages are missing, with the command that enlarges
   *     the pool
   */
  long map(MapRequest request);

  /**
   * Creates a private mapping of base pages that may be larger than the memory of the machine: none
   * is set aside for it.
   */
  default long mapUnreserved(long lengthBytes) {
    return map(MapRequest.anonymous(lengthBytes, PageSize.BASE));
  }

  /** Removes mappings. */
  void unmap(long address, long lengthBytes);

  /**
   * Replaces mappings by private memory of zeros, in base pages. Their contents, registrations and
   * {@link #dataAddress} are gone. Threads that sleep in a fault there are not woken, and find
   * zeros once they are. The new memory needs no page of a huge page pool or of a file system, so
   * no access fails with SIGBUS for lack of one.
   */
  void replaceByZeros(long address, long lengthBytes);

  /**
   * Moves a mapping to an address of the kernel's choice (mremap).
   *
   * @return the new address
   */
  long remap(long address, long lengthBytes);

  /** Advises the kernel about a range (madvise). */
  void advise(long address, long lengthBytes, Advice advice);

  /**
   * Gives the same advice for many ranges in order; if one is refused, the advice for those before
   * it has taken effect. Linux takes up to 1,024 ranges per call if the kernel accepts any advice
   * from a process for itself (process_madvise(2); 6.18 does, and is several times faster that
   * way), else one range per call.
   *
   * @param addresses the start of each range
   * @param lengthsBytes the length of each range
   * @param count the number of ranges, from the start of both arrays
   */
  default void adviseAll(long[] addresses, long[] lengthsBytes, int count, Advice advice) {
    for (int i = 0; i < count; i++) {
      advise(addresses[i], lengthsBytes[i], advice);
    }
  }

  /**
   * The native address at which Java code and sockets access the contents of a mapped address. The
   * difference between both is the same within one mapping.
   */
  long dataAddress(long address);

  /**
   * Loads eight bytes as the guest does, in native byte order. The thread may sleep in userfaultfd
   * until the page is present.
   *
   * @param address a multiple of 8
   * @throws MemoryErrorException if the page is poisoned, in the simulated engine only; on Linux
   *     the process gets SIGBUS
   */
  long guestLoad(long address);

  /** Stores eight bytes as the guest does; otherwise as {@link #guestLoad}. */
  void guestStore(long address, long value);

  /**
   * Copies guest memory as the guest does, to native memory that cannot fault. The thread may sleep
   * in userfaultfd, as in {@link #guestLoad}.
   *
   * @param address a multiple of 8
   * @param lengthBytes a multiple of 8
   * @throws SystemCallException EFAULT if the memory is not mapped, or is unmapped meanwhile
   */
  default void guestRead(long address, MemorySegment to, long toOffset, long lengthBytes) {
    for (long done = 0; done < lengthBytes; done += Long.BYTES) {
      to.set(ValueLayout.JAVA_LONG_UNALIGNED, toOffset + done, guestLoad(address + done));
    }
  }

  /** Opens the page table of this process for reading. */
  Pagemap openPagemap();

  /**
   * Opens the page table of the process that {@link #map} maps in. It is that of {@link
   * #openPagemap}, except for a kernel as another process sees it, whose userfaultfds and guest
   * mappings are in that process.
   */
  default Pagemap openTransferPagemap() {
    return openPagemap();
  }

  /** The pool of a huge page size; empty if the machine has none. */
  Optional<HugePagePool> hugePagePool(PageSize pageSize);

  /** The bytes of memory in base pages that are available to a new mapping. */
  long availableMemoryBytes();
}
