package io.faultline.uffd.linux;

import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.faultline.uffd.Advice;
import io.faultline.uffd.Errno;
import io.faultline.uffd.EventBuffer;
import io.faultline.uffd.EventType;
import io.faultline.uffd.Feature;
import io.faultline.uffd.MapRequest;
import io.faultline.uffd.OpenOptions;
import io.faultline.uffd.PageSize;
import io.faultline.uffd.RegisterMode;
import io.faultline.uffd.SystemCallException;
import io.faultline.uffd.Userfaultfd;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.function.ObjLongConsumer;

/**
 * A forked process with missing pages, and the raw descriptor of a userfaultfd for its memory: what
 * a process that restores others would send.
 */
public final class ForeignProcess implements AutoCloseable {
  public static final long PAGE = 4096;

  private static final Feature[] FEATURES = {
    Feature.EVENT_FORK, Feature.EVENT_REMAP, Feature.EVENT_REMOVE, Feature.EVENT_UNMAP
  };

  private final LinuxKernel kernel = new LinuxKernel();
  private final ChildProgram program = new ChildProgram();
  private final long address;
  private final long bytes;
  private final Userfaultfd own;
  private final int descriptor;
  private final ChildProcess child;

  /**
   * @param steps adds the child's steps to a program, given the address of the memory
   */
  public ForeignProcess(int pages, ObjLongConsumer<ChildProgram> steps) {
    bytes = pages * PAGE;
    own = open(kernel);
    address = kernel.map(MapRequest.anonymous(bytes, PageSize.BASE));
    kernel.advise(address, bytes, Advice.NO_HUGE_PAGE);
    own.register(address, bytes, Set.of(RegisterMode.MISSING));
    steps.accept(program, address);
    CompletableFuture<ChildProcess> forked =
        CompletableFuture.supplyAsync(() -> new LinuxProbe().fork(program));
    descriptor = awaitFork(own);
    child = forked.join();
  }

  /** Skips the test unless this machine and this user can have such a process. */
  public static void requireIt() {
    assumeTrue(System.getProperty("os.name").equals("Linux"), "not Linux");
    assumeTrue(System.getProperty("os.arch").equals("amd64"), "child processes need x86-64");
    LinuxKernel kernel = new LinuxKernel();
    assumeTrue(!kernel.supportedFeatures().isEmpty(), "the kernel refuses userfaultfd");
    try {
      open(kernel).close();
    } catch (SystemCallException e) {
      assumeTrue(e.errno() != Errno.EPERM, "fork events need CAP_SYS_PTRACE");
      throw e;
    }
  }

  private static Userfaultfd open(LinuxKernel kernel) {
    return kernel.openUserfaultfd(OpenOptions.of(FEATURES));
  }

  private static int awaitFork(Userfaultfd uffd) {
    EventBuffer events = new EventBuffer(1);
    while (uffd.read(events) == 0) {
      Thread.onSpinWait();
    }
    if (events.type(0) != EventType.FORK) {
      throw new AssertionError("expected a fork, read " + events.type(0));
    }
    return events.forkedDescriptor(0);
  }

  public LinuxKernel kernel() {
    return kernel;
  }

  public int pid() {
    return child.id();
  }

  public ChildProcess process() {
    return child;
  }

  public ChildProgram program() {
    return program;
  }

  /** The userfaultfd of the process, as a descriptor that nothing wraps. */
  public int descriptor() {
    return descriptor;
  }

  public long page(int index) {
    return address + index * PAGE;
  }

  /** Kills the process, but does not close {@link #descriptor()}. */
  @Override
  public void close() {
    child.close();
    program.close();
    own.close();
    kernel.unmap(address, bytes);
  }
}
