package io.faultline.uffd;

import java.util.Set;

/**
 * One userfaultfd: faults on registered memory become events, and the ioctls here resolve them
 * (userfaultfd(2), ioctl_userfaultfd(2), {@code Documentation/admin-guide/mm/userfaultfd.rst}).
 *
 * <p>Addresses are process addresses, lengths are in bytes; both are multiples of the mapping's
 * page size.
 *
 * <p>Thread-safe: any number of threads may call the fill calls, {@link #wake}, {@link #register}
 * and {@link #unregister} concurrently. The kernel resolves their races, so callers need no state
 * per page. {@link #read} is thread-safe too, with one buffer per thread.
 *
 * <p>Results of fill calls are packed: see {@link FillResult}.
 */
public interface Userfaultfd extends AutoCloseable {

  /** The scope: {@link FaultScope#USER_AND_KERNEL} or {@link FaultScope#USER_ONLY}. */
  FaultScope scope();

  /** The enabled features. */
  Set<Feature> features();

  /**
   * The file descriptor, for an event loop to poll for readability; -1 for an engine without file
   * descriptors.
   */
  int fd();

  /**
   * For engines without file descriptors: sets a listener that is called, on any thread, when an
   * event may have become readable. Spurious calls are possible.
   *
   * @throws UnsupportedOperationException if there is an {@link #fd()} to poll
   */
  void onReadable(Runnable listener);

  /**
   * Waits until an event is readable, in native state or parked, so that a garbage collection does
   * not wait for the caller. All threads that wait return for each event; a read may still find
   * none. A signal or an unpark ends the wait early.
   *
   * @param timeoutMillis the maximum, positive
   */
  default void awaitReadable(int timeoutMillis) {
    throw new UnsupportedOperationException(this + " cannot be waited for here");
  }

  /**
   * Registers a range. Registering it again adds modes, and never removes any.
   *
   * @return the ioctls that the kernel allows on this range
   * @throws SystemCallException EINVAL (range unaligned, unmapped, or of memory that lacks the
   *     mode), EBUSY (registered with another userfaultfd), EPERM (read-only shared file)
   */
  Set<UffdIoctl> register(long address, long lengthBytes, Set<RegisterMode> modes);

  /**
   * Unregisters a range and wakes all threads that wait in it.
   *
   * @throws SystemCallException ENOMEM (the process has exited, or cannot have more mappings),
   *     EINVAL (no mapping in the range, or of memory without userfaultfd)
   */
  void unregister(long address, long lengthBytes);

  /**
   * Empties {@code buffer}, then reads the waiting events into it.
   *
   * @return the number of events; 0 if none is waiting. This may happen after poll too, since the
   *     fault may have been resolved in between
   */
  int read(EventBuffer buffer);

  /**
   * Fills missing pages with a copy of {@code source} (UFFDIO_COPY), a native address of this
   * process that must not fault itself. It needs no alignment.
   */
  long copy(long destination, long source, long lengthBytes, FillMode mode);

  /** Fills missing pages with zeros (UFFDIO_ZEROPAGE). Not for hugetlb: EINVAL. */
  long zeroPage(long address, long lengthBytes, FillMode mode);

  /**
   * Maps pages that are in the page cache (UFFDIO_CONTINUE). If the first page is not, the result
   * is EFAULT; a later hole ends the call part-way, with EAGAIN.
   */
  long continueFault(long address, long lengthBytes, FillMode mode);

  /**
   * Moves anonymous pages within the process (UFFDIO_MOVE), without copying. The destination must
   * be registered with this userfaultfd. The source may be write-protected; the destination is not.
   */
  long move(long destination, long source, long lengthBytes, MoveMode mode);

  /** Makes missing pages raise SIGBUS when touched, like memory errors (UFFDIO_POISON). */
  long poison(long address, long lengthBytes, FillMode mode);

  /**
   * Protects pages or removes their protection (UFFDIO_WRITEPROTECT).
   *
   * @return a {@link FillResult} with all bytes or none, since the kernel does not report partial
   *     progress
   */
  long writeProtect(long address, long lengthBytes, ProtectMode mode);

  /**
   * Wakes the threads that wait in a range (UFFDIO_WAKE), even if their page is missing. Does
   * nothing if the range is not mapped or the process has exited.
   */
  void wake(long address, long lengthBytes);

  /**
   * Wraps the child's userfaultfd from a {@link EventType#FORK} event. It has the features of this
   * one.
   */
  Userfaultfd adoptForked(int forkedDescriptor);

  /**
   * Closes it. <b>Once no other descriptor is open, threads that wait in registered memory continue
   * with zero pages</b>: stop the guest first.
   */
  @Override
  void close();

  /**
   * Closes the descriptor of this process only, and leaves everything registered: another process
   * whose memory this is, and which has the userfaultfd too, keeps it open, and its threads wait
   * for their pages. The same as {@link #close} for a userfaultfd that this process alone has.
   */
  default void detach() {
    close();
  }
}
