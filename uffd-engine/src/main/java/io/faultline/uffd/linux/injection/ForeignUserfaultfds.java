package io.faultline.uffd.linux.injection;

import io.faultline.uffd.Errno;
import io.faultline.uffd.FaultScope;
import io.faultline.uffd.OpenOptions;
import io.faultline.uffd.SystemCallException;
import io.faultline.uffd.Userfaultfd;
import io.faultline.uffd.linux.LinuxKernel;
import io.faultline.uffd.linux.process.PidFd;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.OptionalLong;
import java.util.function.Consumer;
import java.util.function.IntFunction;

/**
 * Opens userfaultfds for the memory of another process, which need not cooperate: one of its
 * threads makes the call, and this process duplicates the descriptor (pidfd_getfd(2), Linux 5.6).
 * The mappings are then registered and filled from here. Needs the permission to trace the process
 * (ptrace(2)): its user or CAP_SYS_PTRACE.
 *
 * <p>Thread-safe. The process must stay open as long as one of its userfaultfds.
 */
public final class ForeignUserfaultfds {
  /** O_CLOEXEC and O_NONBLOCK, the same on x86-64 and aarch64. */
  private static final int CLOSE_ON_EXEC = 0x80000;

  private static final int NON_BLOCKING = 0x800;
  private static final int USER_MODE_ONLY = 1;
  private static final long USERFAULTFD_IOC_NEW = 0xAA00L;

  private final LinuxKernel kernel;
  private final PidFd process;
  private final SystemCallInjector injector;
  private final Consumer<String> onLeftOpen;
  private final boolean onlyHere;

  /**
   * @param onLeftOpen called with the reason if a userfaultfd that is closed here cannot be closed
   *     in the process
   */
  public ForeignUserfaultfds(LinuxKernel kernel, PidFd process, Consumer<String> onLeftOpen) {
    this(kernel, process, new SystemCallInjector(process), onLeftOpen, false);
  }

  private ForeignUserfaultfds(
      LinuxKernel kernel,
      PidFd process,
      SystemCallInjector injector,
      Consumer<String> onLeftOpen,
      boolean onlyHere) {
    this.kernel = kernel;
    this.process = process;
    this.injector = injector;
    this.onLeftOpen = onLeftOpen;
    this.onlyHere = onlyHere;
    // Loaded now: when the second implementation of an interface is loaded, the JVM drops the
    // compiled code that assumed one, which would be the fault path when the first fault comes.
    var _ = ForeignUserfaultfd.class;
  }

  /**
   * Opens a userfaultfd with the system call, which the kernel permits by the privileges of that
   * process. The path of the options is ignored.
   *
   * @return empty if the process has exited
   * @throws SystemCallException EPERM, if this process may not trace it, or if it may not catch
   *     faults of the kernel: then use {@link #openThroughDevice}; EINVAL (features)
   */
  public Optional<Userfaultfd> open(OpenOptions options) {
    return open(options, SystemCall::userfaultfd);
  }

  /**
   * Opens a userfaultfd with a descriptor of {@code /dev/userfaultfd}, which the process has got
   * from somewhere. It needs no privileges then, since the file's permissions were checked when it
   * was opened.
   *
   * @param device the descriptor's number in that process; it stays open
   * @return empty if the process has exited
   */
  public Optional<Userfaultfd> openThroughDevice(int device, OpenOptions options) {
    return open(options, flags -> SystemCall.ioctl(device, USERFAULTFD_IOC_NEW, flags));
  }

  /**
   * The same, with userfaultfds of which this process alone has a descriptor: when it ends, however
   * that is, nothing is watched any more, and threads that wait continue. For write protection;
   * missing pages would become zeros.
   */
  public ForeignUserfaultfds ofThisProcess() {
    return new ForeignUserfaultfds(kernel, process, injector, onLeftOpen, true);
  }

  private Optional<Userfaultfd> open(OpenOptions options, IntFunction<SystemCall> call) {
    FaultScope scope =
        options.scope() == FaultScope.USER_ONLY ? FaultScope.USER_ONLY : FaultScope.USER_AND_KERNEL;
    OptionalLong result = injector.call(call.apply(flags(options, scope)));
    if (options.scope() == FaultScope.WIDEST && result.orElse(0) == -Errno.EPERM) {
      scope = FaultScope.USER_ONLY;
      result = injector.call(call.apply(flags(options, scope)));
    }
    if (result.isEmpty()) {
      return Optional.empty();
    }
    if (result.getAsLong() < 0) {
      throw refused(scope, (int) -result.getAsLong());
    }
    return duplicate((int) result.getAsLong(), scope, options);
  }

  private Optional<Userfaultfd> duplicate(int descriptor, FaultScope scope, OpenOptions options) {
    boolean kept = false;
    try {
      OptionalInt duplicate = process.duplicate(descriptor);
      if (duplicate.isEmpty()) {
        return Optional.empty();
      }
      Userfaultfd here =
          kernel.initializeUserfaultfd(duplicate.getAsInt(), scope, options.features());
      kept = !onlyHere;
      OptionalInt there = kept ? OptionalInt.of(descriptor) : OptionalInt.empty();
      return Optional.of(new ForeignUserfaultfd(here, process, injector, there, onLeftOpen));
    } finally {
      if (!kept) {
        injector.call(SystemCall.close(descriptor));
      }
    }
  }

  private static int flags(OpenOptions options, FaultScope scope) {
    return CLOSE_ON_EXEC
        | (options.nonBlocking() ? NON_BLOCKING : 0)
        | (scope == FaultScope.USER_ONLY ? USER_MODE_ONLY : 0);
  }

  private SystemCallException refused(FaultScope scope, int errno) {
    return new SystemCallException(
        "userfaultfd in " + process + " (scope=" + scope + ")",
        errno,
        errno == Errno.EPERM
            ? "that process may not catch faults of the kernel: start it with CAP_SYS_PTRACE, give"
                + " it a descriptor of /dev/userfaultfd, or sysctl -w"
                + " vm.unprivileged_userfaultfd=1"
            : "");
  }
}
