package io.faultline.restore.outcome;

import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.faultline.restore.criu.RestoreSocket;
import io.faultline.restore.image.PageFlags;
import io.faultline.restore.image.PagemapWriter;
import io.faultline.restore.image.TestImages;
import io.faultline.restore.space.DumpLayout;
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
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
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
  private static final int CHANGES_AT = 10;
  private static final int FORKS_AT = 12;
  private static final int FREED_FIRST = 30;
  private static final int FREED = 4;
  private static final int MOVED_FIRST = 40;
  private static final int MOVED = 8;
  private static final int UNMAPPED = 50;
  private static final long MUNMAP = 11;
  private static final long MREMAP = 25;
  private static final long FORK = 57;
  private static final long MREMAP_MAYMOVE = 1;
  private static final long MREMAP_FIXED = 2;
  private static final int FINISHED = 0x52535446;
  private static final int OFFSET = 128;
  private static final Feature[] FEATURES = {
    Feature.EVENT_FORK, Feature.EVENT_REMAP, Feature.EVENT_REMOVE, Feature.EVENT_UNMAP
  };

  private final LinuxKernel kernel = new LinuxKernel();
  private final ChildProgram program = new ChildProgram();
  private final List<Load> loads = new ArrayList<>();
  private final long address;
  private final long target;
  private final Userfaultfd own;
  private final int descriptor;
  private final ChildProcess child;

  /** The number of a step that loads a word, and what it must see. */
  private record Load(int step, long wanted) {}

  /**
   * At page 10 it changes its memory: it frees pages 30 to 33, moves pages 40 to 47, and unmaps
   * page 50. At page 12 it forks, and both do the same from then on.
   */
  RestoredChild() {
    requireIt();
    own = kernel.openUserfaultfd(OpenOptions.of(FEATURES));
    address = kernel.map(MapRequest.anonymous(PAGES * PAGE, PageSize.BASE));
    kernel.advise(address, PAGES * PAGE, Advice.NO_HUGE_PAGE);
    own.register(address, PAGES * PAGE, Set.of(RegisterMode.MISSING));
    target = kernel.map(MapRequest.anonymous(MOVED * PAGE, PageSize.BASE));
    for (int page = 0; page < PAGES; page++) {
      if (page == CHANGES_AT) {
        change();
      } else if (page == FORKS_AT) {
        program.call(FORK);
      }
      if (page != UNMAPPED) {
        loads.add(new Load(program.load(addressOf(page) + OFFSET), wordOf(page)));
      }
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

  private void change() {
    program.advise(address + FREED_FIRST * PAGE, FREED * PAGE, Advice.DONT_NEED);
    long flags = MREMAP_MAYMOVE | MREMAP_FIXED;
    long from = address + MOVED_FIRST * PAGE;
    program.call(MREMAP, from, MOVED * PAGE, MOVED * PAGE, flags, target);
    program.call(MUNMAP, address + UNMAPPED * PAGE, PAGE);
  }

  private long addressOf(int page) {
    boolean moved = page >= MOVED_FIRST && page < MOVED_FIRST + MOVED;
    return moved ? target + (page - MOVED_FIRST) * PAGE : address + page * PAGE;
  }

  private static long wordOf(int page) {
    boolean freed = page >= FREED_FIRST && page < FREED_FIRST + FREED;
    return freed ? 0 : Long.reverseBytes(TestImages.word(SEED, page, OFFSET));
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

  /** Its lazy memory. */
  DumpLayout layout() {
    return new DumpLayout(pid(), new long[] {address}, new long[] {PAGES});
  }

  ChildProcess process() {
    return child;
  }

  /** How many pages were read before one that was not yet; all of them with right contents. */
  int rightPages() {
    long[] results = results();
    int right = 0;
    int notYet = 0;
    for (int i = 0; i < results.length; i++) {
      Load load = loads.get(i);
      long seen = results[i];
      if (seen == load.wanted() && notYet == 0) {
        right++;
      } else if (seen == 0) {
        notYet++;
      } else {
        throw new AssertionError("step " + load.step() + ": " + Long.toHexString(seen));
      }
    }
    return right;
  }

  /** Read from the last to the first: the process goes on meanwhile, the other way. */
  private long[] results() {
    long[] results = new long[loads.size()];
    for (int i = results.length - 1; i >= 0; i--) {
      results[i] = program.result(loads.get(i).step());
    }
    return results;
  }

  /** How many pages are read. */
  int readPages() {
    return loads.size();
  }

  /**
   * Compares the whole memory of the process, or of a child that it forked, with what it must be.
   */
  void checkMemory(int pid) throws IOException {
    for (int page = 0; page < PAGES; page++) {
      if (page != UNMAPPED) {
        checkPage(pid, page);
      }
    }
  }

  private void checkPage(int pid, int page) throws IOException {
    ByteBuffer bytes = ByteBuffer.allocate((int) PAGE);
    try (FileChannel memory = FileChannel.open(Path.of("/proc/" + pid + "/mem"))) {
      while (bytes.hasRemaining()) {
        int _ = memory.read(bytes, addressOf(page) + bytes.position());
      }
    }
    boolean freed = wordOf(page) == 0;
    for (int at = 0; at < PAGE; at += Long.BYTES) {
      long wanted = freed ? 0 : TestImages.word(SEED, page, at);
      if (bytes.getLong(at) != wanted) {
        throw new AssertionError("process " + pid + ": page " + page + " at " + at);
      }
    }
  }

  @Override
  public void close() {
    child.close();
    program.close();
    own.close();
    kernel.unmap(address, PAGES * PAGE);
    kernel.unmap(target, MOVED * PAGE);
  }
}
