package io.faultline.uffd.linux;

import static java.lang.foreign.ValueLayout.JAVA_LONG;

import io.faultline.uffd.Errno;
import io.faultline.uffd.EventBuffer;
import io.faultline.uffd.FaultScope;
import io.faultline.uffd.Feature;
import io.faultline.uffd.FillMode;
import io.faultline.uffd.FillResult;
import io.faultline.uffd.MoveMode;
import io.faultline.uffd.ProtectMode;
import io.faultline.uffd.RegisterMode;
import io.faultline.uffd.SystemCallException;
import io.faultline.uffd.UffdIoctl;
import io.faultline.uffd.Userfaultfd;
import java.lang.foreign.MemorySegment;
import java.util.Set;
import java.util.concurrent.atomic.AtomicBoolean;
import org.jspecify.annotations.Nullable;

/** A userfaultfd of the Linux kernel. Thread-safe. */
final class LinuxUserfaultfd implements Userfaultfd {
  private static final String NO_MEMORY_MAP =
      "the process has exited, or has as many mappings as vm.max_map_count permits";

  private final int fd;
  private final FaultScope scope;
  private final Set<Feature> features;
  private final @Nullable MessageMemory memory;
  private final AtomicBoolean closed = new AtomicBoolean();

  LinuxUserfaultfd(int fd, FaultScope scope, Set<Feature> features) {
    this(fd, scope, features, null);
  }

  /**
   * @param memory for messages; null for memory of the reading thread
   */
  LinuxUserfaultfd(
      int fd, FaultScope scope, Set<Feature> features, @Nullable MessageMemory memory) {
    this.fd = fd;
    this.scope = scope;
    this.features = Set.copyOf(features);
    this.memory = memory;
  }

  @Override
  public FaultScope scope() {
    return scope;
  }

  @Override
  public Set<Feature> features() {
    return features;
  }

  @Override
  public int fd() {
    return fd;
  }

  @Override
  public void onReadable(Runnable listener) {
    throw new UnsupportedOperationException("poll the file descriptor " + fd + " instead");
  }

  @Override
  public void awaitReadable(int timeoutMillis) {
    Readiness.await(fd, timeoutMillis);
  }

  @Override
  public Set<UffdIoctl> register(long address, long lengthBytes, Set<RegisterMode> modes) {
    MemorySegment argument = CallScratch.ofThread().argument();
    argument.set(JAVA_LONG, UffdioRegister.START, address);
    argument.set(JAVA_LONG, UffdioRegister.LENGTH, lengthBytes);
    argument.set(JAVA_LONG, UffdioRegister.MODE, RegisterMode.mask(modes));
    argument.set(JAVA_LONG, UffdioRegister.IOCTLS, 0);
    int result = Libc.ioctl(fd, UffdioRegister.IOCTL, argument.address());
    if (result < 0) {
      throw new SystemCallException(
          "UFFDIO_REGISTER(" + range(address, lengthBytes) + ", mode=" + modes + ")", -result);
    }
    return UffdIoctl.ofMask(argument.get(JAVA_LONG, UffdioRegister.IOCTLS));
  }

  @Override
  public void unregister(long address, long lengthBytes) {
    rangeCall("UFFDIO_UNREGISTER", UffdioRange.UNREGISTER, address, lengthBytes);
  }

  @Override
  public void wake(long address, long lengthBytes) {
    rangeCall("UFFDIO_WAKE", UffdioRange.WAKE, address, lengthBytes);
  }

  @Override
  public int read(EventBuffer buffer) {
    buffer.clear();
    long bytes = buffer.capacity() * UffdMsg.SIZE;
    MemorySegment messages =
        memory == null ? CallScratch.ofThread().buffer(bytes) : memory.reserve(bytes);
    long read = Libc.plainRead(fd, messages.address(), bytes);
    if (read < 0) { // again, for the errno; by now an event may have arrived
      read = Libc.read(fd, messages.address(), bytes);
    }
    if (read == -Errno.EAGAIN || read == -Errno.EINTR) {
      return 0;
    }
    if (read < 0) {
      throw new SystemCallException("read(userfaultfd " + fd + ")", (int) -read);
    }
    for (long offset = 0; offset < read; offset += UffdMsg.SIZE) {
      UffdMsg.decode(messages, offset, buffer);
    }
    if (memory != null) {
      memory.added(buffer);
    }
    return buffer.size();
  }

  @Override
  public long copy(long destination, long source, long lengthBytes, FillMode mode) {
    return transfer(
        "UFFDIO_COPY", UffdioTransfer.COPY, destination, source, lengthBytes, mode.bits());
  }

  @Override
  public long move(long destination, long source, long lengthBytes, MoveMode mode) {
    return transfer(
        "UFFDIO_MOVE", UffdioTransfer.MOVE, destination, source, lengthBytes, mode.bits());
  }

  @Override
  public long zeroPage(long address, long lengthBytes, FillMode mode) {
    return fill("UFFDIO_ZEROPAGE", UffdioFill.ZEROPAGE, address, lengthBytes, mode.bits());
  }

  @Override
  public long continueFault(long address, long lengthBytes, FillMode mode) {
    return fill("UFFDIO_CONTINUE", UffdioFill.CONTINUE, address, lengthBytes, mode.bits());
  }

  @Override
  public long poison(long address, long lengthBytes, FillMode mode) {
    return fill("UFFDIO_POISON", UffdioFill.POISON, address, lengthBytes, mode.bits());
  }

  @Override
  public long writeProtect(long address, long lengthBytes, ProtectMode mode) {
    return fill("UFFDIO_WRITEPROTECT", UffdioFill.WRITEPROTECT, address, lengthBytes, mode.bits());
  }

  @Override
  public Userfaultfd adoptForked(int forkedDescriptor) {
    MessageMemory forked = memory == null ? null : memory.forked(forkedDescriptor);
    return new LinuxUserfaultfd(forkedDescriptor, scope, features, forked);
  }

  @Override
  public void close() {
    if (closed.compareAndSet(false, true)) {
      Libc.close(fd);
    }
  }

  @Override
  public String toString() {
    return "userfaultfd " + fd + " (" + scope + ", " + features + ")";
  }

  private long transfer(
      String name, long request, long destination, long source, long lengthBytes, long mode) {
    MemorySegment argument = CallScratch.ofThread().argument();
    argument.set(JAVA_LONG, UffdioTransfer.DESTINATION, destination);
    argument.set(JAVA_LONG, UffdioTransfer.SOURCE, source);
    argument.set(JAVA_LONG, UffdioTransfer.LENGTH, lengthBytes);
    argument.set(JAVA_LONG, UffdioTransfer.MODE, mode);
    argument.set(JAVA_LONG, UffdioTransfer.DONE, 0);
    int result = call(request, argument, UffdioTransfer.DONE);
    if (result == 0) {
      return FillResult.of(lengthBytes, 0);
    }
    if (!FillResult.isExpected(-result)) {
      String to = range(destination, lengthBytes);
      throw new SystemCallException(
          name + "(" + to + ", source=0x" + Long.toHexString(source) + ", mode=" + mode + ")",
          -result);
    }
    return partial(argument.get(JAVA_LONG, UffdioTransfer.DONE), -result);
  }

  private long fill(String name, long request, long address, long lengthBytes, long mode) {
    MemorySegment argument = CallScratch.ofThread().argument();
    argument.set(JAVA_LONG, UffdioFill.START, address);
    argument.set(JAVA_LONG, UffdioFill.LENGTH, lengthBytes);
    argument.set(JAVA_LONG, UffdioFill.MODE, mode);
    argument.set(JAVA_LONG, UffdioFill.DONE, 0);
    int result = call(request, argument, UffdioFill.DONE);
    if (result == 0) {
      return FillResult.of(lengthBytes, 0);
    }
    boolean isHole = request == UffdioFill.CONTINUE && result == -Errno.EFAULT;
    if (!FillResult.isExpected(-result) && !isHole) {
      throw new SystemCallException(
          name + "(" + range(address, lengthBytes) + ", mode=" + mode + ")", -result);
    }
    return partial(argument.get(JAVA_LONG, UffdioFill.DONE), -result);
  }

  /**
   * Calls an ioctl that fills pages; returns 0 or the negated errno. The kernel mostly reports a
   * failure in a field of the argument: either bytes done, which always means EAGAIN
   * (mm/userfaultfd.c), or a negated errno. If the kernel did not change it, nothing was done, and
   * the call is repeated for its errno. So only that repeated call allocates memory.
   *
   * @param doneOffset the offset of that field
   */
  private int call(long request, MemorySegment argument, long doneOffset) {
    if (Libc.plainIoctl(fd, request, argument.address()) == 0) {
      return 0;
    }
    long done = argument.get(JAVA_LONG, doneOffset);
    if (done != 0) {
      return done > 0 ? -Errno.EAGAIN : (int) done;
    }
    return ofAllGenerations(Libc.ioctl(fd, request, argument.address()));
  }

  /** The result as a current kernel returns it: before 4.14, ENOSPC meant ESRCH. */
  static int ofAllGenerations(int result) {
    return result == -Errno.ENOSPC ? -Errno.ESRCH : result;
  }

  /** The kernel stores bytes done or a negative errno, or (before 6.15) leaves the initial 0. */
  private static long partial(long done, int errno) {
    return FillResult.of(Math.max(0, done), errno);
  }

  private void rangeCall(String name, long request, long address, long lengthBytes) {
    MemorySegment argument = CallScratch.ofThread().argument();
    argument.set(JAVA_LONG, UffdioRange.START, address);
    argument.set(JAVA_LONG, UffdioRange.LENGTH, lengthBytes);
    if (Libc.plainIoctl(fd, request, argument.address()) == 0) {
      return; // WAKE is frequent, and must allocate nothing
    }
    int result = Libc.ioctl(fd, request, argument.address());
    if (result < 0) {
      String hint = result == -Errno.ENOMEM ? NO_MEMORY_MAP : "";
      throw new SystemCallException(name + "(" + range(address, lengthBytes) + ")", -result, hint);
    }
  }

  private static String range(long address, long lengthBytes) {
    return "address=0x" + Long.toHexString(address) + ", length=" + lengthBytes;
  }
}
