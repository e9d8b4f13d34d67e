package io.faultline.restore.space;

import static io.faultline.restore.space.DumpLayout.PAGE_BYTES;
import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.faultline.memory.PageBitmap;
import io.faultline.uffd.Advice;
import io.faultline.uffd.Errno;
import io.faultline.uffd.Feature;
import io.faultline.uffd.FillMode;
import io.faultline.uffd.FillResult;
import io.faultline.uffd.MapRequest;
import io.faultline.uffd.OpenOptions;
import io.faultline.uffd.PageSize;
import io.faultline.uffd.Pagemap;
import io.faultline.uffd.RegisterMode;
import io.faultline.uffd.Userfaultfd;
import io.faultline.uffd.linux.LinuxKernel;
import java.lang.foreign.Arena;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** On the kernel: a program that takes over asks the page table what is there. */
@Timeout(120)
class PresentPagesTest implements Space.Listener {
  private static final int PAGES = 64;

  private final LinuxKernel kernel = new LinuxKernel();
  private long address;

  @SuppressWarnings("NullAway.Init") // set before each test
  private Userfaultfd userfaultfd;

  @SuppressWarnings("NullAway.Init") // set before each test
  private Space space;

  @BeforeEach
  void restore() {
    assumeTrue(System.getProperty("os.name").equals("Linux"), "not Linux");
    assumeTrue(
        kernel.supportedFeatures().contains(Feature.EVENT_REMOVE), "no events of userfaultfd");
    userfaultfd = kernel.openUserfaultfd(OpenOptions.of(Feature.EVENT_REMOVE));
    address = kernel.map(MapRequest.anonymous(PAGES * PAGE_BYTES, PageSize.BASE));
    kernel.advise(address, PAGES * PAGE_BYTES, Advice.NO_HUGE_PAGE);
    userfaultfd.register(address, PAGES * PAGE_BYTES, Set.of(RegisterMode.MISSING));
    DumpLayout layout = new DumpLayout(1, new long[] {address}, new long[] {PAGES});
    SpaceCounters counters = new SpaceCounters(System::nanoTime);
    space = Space.resumed(userfaultfd, layout, this, counters, List.of());
  }

  @AfterEach
  void end() {
    space.close();
    kernel.unmap(address, PAGES * PAGE_BYTES);
  }

  private void place(int... pages) {
    try (Arena arena = Arena.ofConfined()) {
      long data = arena.allocate(PAGE_BYTES, PAGE_BYTES).address();
      for (int page : pages) {
        userfaultfd.copy(address + page * (long) PAGE_BYTES, data, PAGE_BYTES, FillMode.WAKE);
      }
    }
  }

  private boolean find() {
    try (Pagemap pagemap = kernel.openPagemap()) {
      return space.findPresent(pagemap);
    }
  }

  @Test
  void pagesThatAreThereAreNotMissing() {
    place(0, 7, 8, PAGES - 1);
    assumeTrue(find(), "the kernel does not tell");
    PageBitmap missing = space.missing();
    assertThat(missing.count()).isEqualTo(PAGES - 4);
    assertThat(List.of(missing.get(0), missing.get(7), missing.get(8), missing.get(PAGES - 1)))
        .containsOnly(false);
  }

  /** The event of the change is read first, and pages that the process drops are not missing. */
  @Test
  void changesThatAreUnderWayAreKnownBefore() throws Exception {
    place(3);
    Thread dropping =
        Thread.ofPlatform()
            .daemon()
            .start(() -> kernel.advise(address, 10L * PAGE_BYTES, Advice.DONT_NEED));
    while (!space.readEvents()) {
      Thread.onSpinWait();
    }
    assumeTrue(find(), "the kernel does not tell");
    dropping.join();
    assertThat(space.missing().nextSet(0)).isEqualTo(10);
    assertThat(space.missing().count()).isEqualTo(PAGES - 10);
  }

  /** Until the event of a change was read, nothing is known, whatever the page table says. */
  @Test
  void aChangeWhoseEventIsNotReadIsNoticed() throws Exception {
    place(20);
    Thread dropping =
        Thread.ofPlatform()
            .daemon()
            .start(() -> kernel.advise(address, 10L * PAGE_BYTES, Advice.DONT_NEED));
    long result = 0;
    try (Arena arena = Arena.ofConfined()) {
      long data = arena.allocate(PAGE_BYTES, PAGE_BYTES).address();
      do { // until the change is under way: then the kernel refuses this, which is there
        result = userfaultfd.copy(address + 20L * PAGE_BYTES, data, PAGE_BYTES, FillMode.WAKE);
      } while (FillResult.errno(result) != Errno.EAGAIN);
    }
    assumeTrue(find(), "the kernel does not tell");
    dropping.join();
    assertThat(space.missing().nextSet(0)).isEqualTo(10);
    assertThat(space.missing().get(20)).isFalse();
  }

  @Override
  public void waits(Space of, long page) {}

  @Override
  public void forked(Space parent, Space child) {
    throw new AssertionError("no process forks");
  }
}
