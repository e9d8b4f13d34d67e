package io.faultline.demo.simulated;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.faultline.memory.Backing;
import io.faultline.memory.DirtyLog;
import io.faultline.memory.MemoryRegion;
import io.faultline.memory.PageBitmap;
import io.faultline.uffd.Kernel;
import io.faultline.uffd.simulated.SimulatedKernel;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/** TLBs are flushed after pages are taken, and no page is lost if a flush fails. */
final class FlushedDirtyLogTest {
  private final List<String> steps = new ArrayList<>();
  private boolean vcpuHangs;
  private long nextPage;

  @Test
  void tlbsAreFlushedAfterTheLogHasStartedAndAfterPagesWereTaken() {
    try (MemoryRegion ram = ram();
        DirtyLog log = new FlushedDirtyLog(new OnePagePerCollect(), this::flush)) {
      log.start();
      log.collect(ram, new PageBitmap(ram.basePageCount()));
    }
    assertThat(steps).containsExactly("start", "flush", "take", "flush", "close");
  }

  /** A vCPU that hangs may still write to pages that were taken. */
  @Test
  void pagesTakenBeforeAFailedFlushAreReturnedByTheNextCollect() {
    try (MemoryRegion ram = ram();
        DirtyLog log = new FlushedDirtyLog(new OnePagePerCollect(), this::flush)) {
      log.start();
      PageBitmap dirty = new PageBitmap(ram.basePageCount());
      vcpuHangs = true;
      assertThatThrownBy(() -> log.collect(ram, dirty))
          .isInstanceOf(IllegalStateException.class)
          .hasMessage("vCPU hangs");
      assertThat(dirty.count()).isZero();
      vcpuHangs = false;
      log.collect(ram, dirty);
      assertThat(dirty.count()).isEqualTo(2);
      assertThat(dirty.isFull(0, 2)).isTrue();
      dirty.clear(0, 2);
      log.collect(ram, dirty);
      assertThat(dirty.count()).as("pages of the third collect").isEqualTo(1);
    }
  }

  @Test
  void startWhoseFlushFailsIsUndone() {
    vcpuHangs = true;
    try (DirtyLog log = new FlushedDirtyLog(new OnePagePerCollect(), this::flush)) {
      assertThatThrownBy(log::start).hasMessage("vCPU hangs");
      assertThat(steps).containsExactly("start", "flush", "close");
    }
  }

  private void flush() {
    steps.add("flush");
    if (vcpuHangs) {
      throw new IllegalStateException("vCPU hangs");
    }
  }

  private static MemoryRegion ram() {
    Kernel kernel = new SimulatedKernel();
    return MemoryRegion.map(kernel, 0, "ram", Backing.ANONYMOUS, 1 << 16);
  }

  /** Returns the next page at each collect. */
  private final class OnePagePerCollect implements DirtyLog {
    @Override
    public String name() {
      return "one page";
    }

    @Override
    public void start() {
      steps.add("start");
    }

    @Override
    public void collect(MemoryRegion region, PageBitmap into) {
      steps.add("take");
      into.claim(nextPage++);
    }

    @Override
    public void close() {
      steps.add("close");
    }
  }
}
