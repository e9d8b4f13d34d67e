package io.faultline.uffd.conformance;

import io.faultline.uffd.Kernel;
import io.faultline.uffd.OpenPath;
import io.faultline.uffd.Pagemap;
import io.faultline.uffd.Userfaultfd;
import java.util.List;

/**
 * What cases need of an engine beyond {@link Kernel}: handshakes that are refused, accesses that
 * the kernel itself makes, other processes. What an engine cannot do throws {@link
 * UnsupportedOperationException} with the reason. Thread-safe.
 */
public interface Rig {
  /** poll(2): readable. */
  int POLLIN = 1;

  /** poll(2): an error. */
  int POLLERR = 8;

  /** The engine. */
  Kernel kernel();

  /** Two UFFDIO_API calls on one new userfaultfd, the second of them correct. */
  Handshake handshake(OpenPath path, long version, long features);

  /** What poll says of a userfaultfd at once: {@link #POLLIN}, {@link #POLLERR} or 0. */
  int poll(Userfaultfd uffd);

  /** Has the kernel load eight bytes, as a system call does; 0 or an errno. */
  int kernelLoad(long address);

  /** Has the kernel store eight zero bytes; 0 or an errno. */
  int kernelStore(long address);

  /**
   * Starts a process with a copy of this one's memory that runs the steps and exits. Sleeps while a
   * fork event is unread.
   */
  Child fork(List<Step> steps);

  /** Starts a process that shares this one's memory, so that a memory error ends only itself. */
  Child share(List<Step> steps);

  /**
   * What came of a handshake.
   *
   * @param first errno of the first call, 0 when it succeeded
   * @param features the field as it came back
   * @param ioctls the field as it came back
   * @param second errno of the second call
   */
  record Handshake(int first, long features, long ioctls, int second) {}

  /** What a child process does. */
  sealed interface Step {
    /** Loads eight bytes. */
    record Load(long address) implements Step {}

    /** Stores eight bytes. */
    record Store(long address, long value) implements Step {}

    /** madvise MADV_DONTNEED. */
    record Drop(long address, long lengthBytes) implements Step {}

    /** mremap to another place, which is the step's result. */
    record Move(long address, long lengthBytes) implements Step {}

    /** Sleeps until it is killed. */
    record Pause() implements Step {}
  }

  /** A process; killed when closed. */
  interface Child extends AutoCloseable {
    /** Whether it has ended. */
    boolean hasEnded();

    /** Whether it ended with a memory error (SIGBUS). False while it runs. */
    boolean hasMemoryError();

    /** What a step loaded, or its call returned. */
    long result(int step);

    /** Its page table. */
    Pagemap openPagemap();

    @Override
    void close();
  }
}
