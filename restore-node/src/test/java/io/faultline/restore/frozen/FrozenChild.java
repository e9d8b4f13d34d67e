package io.faultline.restore.frozen;

import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.faultline.uffd.MapRequest;
import io.faultline.uffd.PageSize;
import io.faultline.uffd.linux.ChildProcess;
import io.faultline.uffd.linux.ChildProgram;
import io.faultline.uffd.linux.LinuxKernel;
import io.faultline.uffd.linux.LinuxProbe;
import io.faultline.uffd.linux.process.PidFd;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.Objects;
import java.util.Random;

/**
 * A stopped child process with memory of known contents: a third of its pages zeros, a third
 * random, a third compressible. In this process the memory has other contents meanwhile.
 */
final class FrozenChild implements AutoCloseable {
  static final int PAGE = 4096;

  private final LinuxKernel kernel = new LinuxKernel();
  private final int pages;
  private final long address;
  private final byte[] contents;
  private final ChildProgram program = new ChildProgram();
  private final ChildProcess process;
  private final PidFd pidfd;

  FrozenChild(int pages, long seed) throws InterruptedException {
    assumeTrue(System.getProperty("os.name").equals("Linux"), "not Linux");
    assumeTrue(System.getProperty("os.arch").equals("amd64"), "child processes need x86-64");
    this.pages = pages;
    address = kernel.map(MapRequest.anonymous(bytes(), PageSize.BASE));
    contents = new byte[Math.toIntExact(bytes())];
    fill(new Random(seed));
    memory().copyFrom(MemorySegment.ofArray(contents));
    program.pause();
    process = new LinuxProbe().fork(program);
    pidfd = Objects.requireNonNull(PidFd.open(process.id()));
    memory().fill((byte) 0x5a); // a copy on write: the child keeps its own
    freeze();
  }

  private void fill(Random random) {
    byte[] page = new byte[PAGE];
    for (int i = 0; i < pages; i++) {
      switch (random.nextInt(3)) {
        case 0 -> {}
        case 1 -> {
          random.nextBytes(page);
          System.arraycopy(page, 0, contents, i * PAGE, PAGE);
        }
        default -> {
          for (int at = 0; at < PAGE; at += 64) {
            contents[i * PAGE + at] = (byte) (i + 1);
          }
        }
      }
    }
  }

  void freeze() throws InterruptedException {
    pidfd.sendSignal(PidFd.SIGSTOP);
    while (!TaskStates.areAllStopped(pid())) {
      Thread.sleep(1);
    }
  }

  void thaw() {
    pidfd.sendSignal(PidFd.SIGCONT);
  }

  int pid() {
    return process.id();
  }

  int pages() {
    return pages;
  }

  long address() {
    return address;
  }

  /** Whether memory of this process equals the child's pages. */
  boolean equalsPages(int firstPage, int count, long data) {
    MemorySegment got = MemorySegment.ofAddress(data).reinterpret((long) count * PAGE);
    MemorySegment wanted =
        MemorySegment.ofArray(contents).asSlice((long) firstPage * PAGE, (long) count * PAGE);
    return got.mismatch(wanted) < 0;
  }

  /** The first byte that this process has at a page meanwhile. */
  byte ownByte(int page) {
    return memory().get(ValueLayout.JAVA_BYTE, (long) page * PAGE);
  }

  private long bytes() {
    return (long) pages * PAGE;
  }

  private MemorySegment memory() {
    return MemorySegment.ofAddress(address).reinterpret(bytes());
  }

  @Override
  public void close() {
    pidfd.close();
    process.close();
    program.close();
    kernel.unmap(address, bytes());
  }
}
