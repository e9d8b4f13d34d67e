package io.faultline.tests.migration;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.ByteString;
import io.faultline.dest.AnnouncedRegion;
import io.faultline.dest.IncomingVm;
import io.faultline.memory.Backing;
import io.faultline.memory.MemoryRegion;
import io.faultline.uffd.Kernel;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.lang.foreign.MemorySegment;
import java.time.Duration;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * An incoming VM of 2 MiB pages that reads the first word of some base pages before it reports its
 * first instruction: after that report the background stream would send these pages too.
 */
final class VmTouchingAtStart implements IncomingVm, AutoCloseable {
  private final Kernel kernel;
  private final long[] pages;
  private final long[] seen;
  private @Nullable MemoryRegion ram;
  private @Nullable SimpleMeterRegistry registry;
  private @Nullable Thread vcpu;
  private volatile double bytesSent = -1;

  VmTouchingAtStart(Kernel kernel, long... pages) {
    this.kernel = kernel;
    this.pages = pages.clone();
    seen = new long[pages.length];
  }

  /** Makes {@link #bytesSent} available: the meter is read when the first read has returned. */
  void countBytes(SimpleMeterRegistry from) {
    registry = from;
  }

  /** The bytes sent when the first read returned. */
  long bytesSent() {
    return (long) bytesSent;
  }

  /** What the guest read from the page with this index in the list of pages. */
  long seen(int index) {
    return seen[index];
  }

  /** The guest memory, once the migration has ended. */
  MemorySegment memory() {
    return memoryRegion().guest().data();
  }

  @Override
  public List<MemoryRegion> prepare(
      String type, ByteString configuration, List<AnnouncedRegion> announced) {
    long bytes = announced.getFirst().sizeBytes();
    ram = MemoryRegion.map(kernel, 0, "ram", Backing.HUGETLB_2M, bytes);
    return List.of(ram);
  }

  @Override
  public void loadDeviceState(ByteString state, long clockOffsetNanos) {
    seen[0] = -1;
  }

  @Override
  public void start(FirstInstruction onFirstInstruction) {
    long now = System.nanoTime();
    vcpu =
        Thread.ofPlatform()
            .daemon()
            .start(
                () -> {
                  read(0);
                  if (registry != null) {
                    bytesSent = registry.get("faultline.bytes.sent").functionCounter().count();
                  }
                  for (int i = 1; i < pages.length; i++) {
                    read(i);
                  }
                  onFirstInstruction.ran(now);
                });
  }

  @Override
  public void abandon() {
    throw new IllegalStateException("the migration failed");
  }

  @Override
  public void close() {
    if (vcpu != null) {
      assertThat(joined(vcpu)).as("the vCPU thread ended").isTrue();
    }
    if (ram != null) {
      ram.close();
    }
  }

  /** Reads in native state, since the page may be missing. */
  private void read(int index) {
    MemoryRegion of = memoryRegion();
    seen[index] = kernel.guestLoad(of.guest().address(pages[index] * of.basePageBytes()));
  }

  /** Waits for the end of a thread; returns whether it ended in time. */
  private static boolean joined(Thread thread) {
    try {
      return thread.join(Duration.ofSeconds(60));
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return false;
    }
  }

  private MemoryRegion memoryRegion() {
    return Objects.requireNonNull(ram, "not prepared");
  }
}
