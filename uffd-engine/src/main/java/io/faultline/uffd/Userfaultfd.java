package io.faultline.uffd;

import java.util.Set;

/**
 * One userfaultfd: faults on registered memory become events, and the ioctls here resolve them
 * (userfaultfd(2), ioctl_userfaultfd(2), {@code Documentation/admin-guide/mm/userfaultfd.rst}).
 *
 * <p>Addresses are those of the process, lengths are in bytes; both are multiples of the page size
 * of the mapping.
 *
 * <p>Thread-safety: all fill calls, {@link #wake}, {@link #register} and {@link #unregister} may be
 * called from any number of threads at once; the kernel resolves their races, so that callers need
 * no state per page. {@link #read} may too, with a buffer for each thread.
 *
 * <p>Results of fill calls are packed: see {@link FillResult}.
 */
public interface Userfaultfd extends AutoCloseable {

  /** What it catches: {@link FaultScope#USER_AND_KERNEL} or {@link FaultScope#USER_ONLY}. */
  FaultScope scope();

  /** The features that are on. */
  Set<Feature> features();

  /**
   * The file descriptor, for an event loop to poll for readability; -1 for an engine that has none.
   */
  int fd();

  /**
   * For engines without a file descriptor: {@code listener} is called, by any thread, whenever an
   * event may have become readable. May be called for nothing.
   *
   * @throws UnsupportedOperationException where {@link #fd()} is there to be polled instead
   */
  void onReadable(Runnable listener);

  /**
   * Registers a range. Registering again adds modes; fewer modes change nothing.
   *
   * @return the ioctls that the kernel grants for this range
   * @throws SystemCallException EINVAL (range unaligned, unmapped, or of memory that lacks the
   *     mode), EBUSY (registered with another userfaultfd), EPERM (read-only shared file)
   */
  Set<UffdIoctl> register(long address, long lengthBytes, Set<RegisterMode> modes);

  /** Ends the registration of a range and wakes all who wait in it. */
  void unregister(long address, long lengthBytes);

  /**
   * Reads the events that are waiting into {@code buffer}, which is emptied first.
   *
   * @return the number of events; 0 where none is waiting (also after poll said that one was: the
   *     fault may have been resolved in between)
   */
  int read(EventBuffer buffer);

  /**
   * Fills missing pages with a copy of {@code source} (UFFDIO_COPY). {@code source} needs no
   * alignment; it is a native address of this process, and must not fault itself.
   */
  long copy(long destination, long source, long lengthBytes, FillMode mode);

  /** Fills missing pages with zeros (UFFDIO_ZEROPAGE). Not for hugetlb: EINVAL. */
  long zeroPage(long address, long lengthBytes, FillMode mode);

  /**
   * Maps pages that are in the page cache (UFFDIO_CONTINUE). The result carries EFAULT where the
   * first is not; a later hole ends the call as partial work does, with EAGAIN.
   */
  long continueFault(long address, long lengthBytes, FillMode mode);

  /** Moves anonymous pages within the process (UFFDIO_MOVE), without copying. */
  long move(long destination, long source, long lengthBytes, MoveMode mode);

  /** Makes missing pages raise SIGBUS when touched, as memory errors do (UFFDIO_POISON). */
  long poison(long address, long lengthBytes, FillMode mode);

  /**
   * Protects pages or lifts their protection (UFFDIO_WRITEPROTECT).
   *
   * @return {@link FillResult} with all bytes or none, since the kernel does not report how far it
   *     came
   */
  long writeProtect(long address, long lengthBytes, ProtectMode mode);

  /** Wakes the threads that wait in a range (UFFDIO_WAKE), whether their page is there or not. */
  void wake(long address, long lengthBytes);

  /**
   * Takes over the child's userfaultfd that a {@link EventType#FORK} event carries. It has the
   * features of this one.
   */
  Userfaultfd adoptForked(int forkedDescriptor);

  /**
   * Closes it. <b>Threads that wait in registered memory go on, with zero pages</b>, once nobody
   * else holds it: stop the guest first.
   */
  @Override
  void close();
}
