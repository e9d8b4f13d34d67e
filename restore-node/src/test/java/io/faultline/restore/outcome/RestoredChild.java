package io.faultline.restore.outcome;

import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.faultline.restore.criu.RestoreSocket;
import io.faultline.restore.image.PageFlags;
import io.faultline.restore.image.PagemapWriter;
import io.faultline.restore.image.TestImages;
import io.faultline.uffd.Advice;
import io.faultline.uffd.Errno;
import io.faultline.uffd.EventBuffer;
import io.faultline.uffd.Feature;
import io.faultline.uffd.MapRequest;
import io.faultline.uffd.OpenOptions;
import io.faultline.uffd.PageSize;
import io.faultline.uffd.RegisterMode;
import io.faultline.uffd.SystemCallException;
import io.faultline.uffd.Userfaultfd;
import io.faultline.uffd.linux.ChildProcess;
import io.faultline.uffd.linux.ChildProgram;
import io.faultline.uffd.linux.FileDescriptors;
import io.faultline.uffd.linux.LinuxKernel;
import io.faultline.uffd.linux.LinuxProbe;
import io.faultline.uffd.linux.process.DescriptorConnection;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CompletableFuture;

/**
 * A child process with missing pages, and its images: what CRIU restores. It reads its pages one
 * after the other, and notes what it sees in memory that this process shares.
 */
final class RestoredChild implements AutoCloseable {
  static final int PAGES = 64;
  static final long PAGE = 4096;

  private static final long SEED = 3;
  private static final long FORK = 57;
  private static final int FINISHED = 0x52535446;
  private static final int OFFSET = 128;
  private static final Feature[] FEATURES = {
    Feature.EVENT_FORK, Feature.EVENT_REMAP, Feature.EVENT_REMOVE, Feature.EVENT_UNMAP
  };

  private final LinuxKernel kernel = new LinuxKernel();
  private final ChildProgram program = new ChildProgram();
  private final List<Integer> loads = new ArrayList<>();
  private final long address;
  private final Userfaultfd own;
  private final int descriptor;
  private final ChildProcess child;

  /**
   * @param forkAt before which page the process forks; its child then does the same; -1: never
   */
  RestoredChild(int forkAt) {
    requireIt();
    own = kernel.openUserfaultfd(OpenOptions.of(FEATURES));
    address = kernel.map(MapRequest.anonymous(PAGES * PAGE, PageSize.BASE));
    kernel.advise(address, PAGES * PAGE, Advice.NO_HUGE_PAGE);
    own.register(address, PAGES * PAGE, Set.of(RegisterMode.MISSING));
    for (int page = 0; page < PAGES; page++) {
      if (page == forkAt) {
        program.call(FORK);
      }
      loads.add(program.load(address + page * PAGE + OFFSET));
    }
    program.pause();
    CompletableFuture<ChildProcess> forked =
        CompletableFuture.supplyAsync(() -> new LinuxProbe().fork(program));
    EventBuffer events = new EventBuffer(1);
    while (own.read(events) == 0) {
      Thread.onSpinWait();
    }
    descriptor = events.forkedDescriptor(0);
    child = forked.join();
  }

  private static void requireIt() {
    assumeTrue(System.getProperty("os.name").equals("Linux"), "not Linux");
    assumeTrue(System.getProperty("os.arch").equals("amd64"), "child processes need x86-64");
    LinuxKernel kernel = new LinuxKernel();
    assumeTrue(!kernel.supportedFeatures().isEmpty(), "the kernel refuses userfaultfd");
    try {
      kernel.openUserfaultfd(OpenOptions.of(FEATURES)).close();
    } catch (SystemCallException e) {
      assumeTrue(e.errno() != Errno.EPERM, "fork events need CAP_SYS_PTRACE");
      throw e;
    }
  }

  /** Writes the images of the process. */
  void writeImages(Path directory) throws IOException {
    TestImages.of(directory, pid()).area(address, PAGES).memory(pid());
    try (PagemapWriter writer = TestImages.of(directory, pid()).pagemap(pid(), 1)) {
      writer.add(address, PAGES, PageFlags.LAZY | PageFlags.PRESENT);
      TestImages.append(writer, SEED, PAGES);
    }
  }

  /** Passes the userfaultfd to a daemon, as CRIU does. Nobody here has it afterwards. */
  void restore(Path directory) {
    try (Arena arena = Arena.ofConfined();
        DescriptorConnection criu =
            DescriptorConnection.connect(directory.resolve(RestoreSocket.NAME))) {
      send(arena, criu, pid());
      criu.send(arena.allocate(1).address(), 1, descriptor);
      FileDescriptors.close(descriptor);
      send(arena, criu, FINISHED);
    }
  }

  private static void send(Arena arena, DescriptorConnection criu, int word) {
    MemorySegment bytes = arena.allocate(4, 4);
    bytes.set(ValueLayout.JAVA_INT.withOrder(ByteOrder.LITTLE_ENDIAN), 0, word);
    criu.send(bytes.address(), 4);
  }

  int pid() {
    return child.id();
  }

  long address() {
    return address;
  }

  ChildProcess process() {
    return child;
  }

  /** How many pages were read, all of them with the right contents. */
  int rightPages() {
    for (int page = 0; page < PAGES; page++) {
      long seen = program.result(loads.get(page));
      long wanted = Long.reverseBytes(TestImages.word(SEED, page, OFFSET));
      if (seen != wanted) {
        if (seen != 0 || page + 1 < PAGES && program.result(loads.get(page + 1)) != 0) {
          throw new AssertionError("page " + page + ": " + Long.toHexString(seen));
        }
        return page;
      }
    }
    return PAGES;
  }

  @Override
  public void close() {
    child.close();
    program.close();
    own.close();
    kernel.unmap(address, PAGES * PAGE);
  }
}
