package io.faultline.uffd.conformance;

import io.faultline.uffd.Kernel;
import io.faultline.uffd.OpenPath;
import io.faultline.uffd.Pagemap;
import io.faultline.uffd.Userfaultfd;
import java.util.List;

/**
 * An engine under test: a {@link Kernel}, and operations that only cases need: refused handshakes,
 * accesses in kernel mode, other processes. Operations that an engine lacks throw {@link
 * UnsupportedOperationException} with the reason. Thread-safe.
 */
public interface Engine {
  /** poll(2): readable. */
  int POLLIN = 1;

  /** poll(2): an error. */
  int POLLERR = 8;

  /** The API of the engine. */
  Kernel kernel();

  /** Makes two UFFDIO_API calls on one new userfaultfd; the second one is valid. */
  Handshake handshake(OpenPath path, long version, long features);

  /** Polls a userfaultfd without waiting; returns {@link #POLLIN}, {@link #POLLERR} or 0. */
  int poll(Userfaultfd uffd);

  /** Loads eight bytes in kernel mode, as a system call does; returns 0 or an errno. */
  int kernelLoad(long address);

  /** Stores eight zero bytes in kernel mode; returns 0 or an errno. */
  int kernelStore(long address);

  /** Holds the pages of a range as I/O in flight does (FOLL_PIN), until the result is closed. */
  AutoCloseable pin(long address, long lengthBytes);

  /** Forks a process that runs the steps and exits. Sleeps while a fork event is unread. */
  Child fork(List<Step> steps);

  /** Starts a process that shares this process's memory; a memory error ends only that process. */
  Child share(List<Step> steps);

  /**
   * The result of a handshake.
   *
   * @param first the errno of the first call, 0 for success
   * @param features the features after the first call
   * @param ioctls the ioctls after the first call
   * @param second the errno of the second call
   */
  record Handshake(int first, long features, long ioctls, int second) {}

  /** A step of a child process. */
  sealed interface Step {
    /** Loads eight bytes. */
    record Load(long address) implements Step {}

    /** Stores eight bytes. */
    record Store(long address, long value) implements Step {}

    /** madvise MADV_DONTNEED. */
    record Drop(long address, long lengthBytes) implements Step {}

    /** mremap to another address, which is the step's result. */
    record Move(long address, long lengthBytes) implements Step {}

    /** mremap to an address of the caller's choice, over what is mapped there. */
    record MoveOnto(long address, long lengthBytes, long target) implements Step {}

    /** Sleeps until the process is killed. */
    record Pause() implements Step {}
  }

  /** A child process; closing kills it. */
  interface Child extends AutoCloseable {
    /** Whether it has ended. */
    boolean hasEnded();

    /** Whether it ended with a memory error (SIGBUS). False while it runs. */
    boolean hasMemoryError();

    /** The value that a step loaded or its call returned. */
    long result(int step);

    /** Opens its page table. */
    Pagemap openPagemap();

    @Override
    void close();
  }
}
