package io.faultline.dest;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.faultline.dest.received.ReceivedPages;
import io.faultline.dest.received.ReceivedSnapshot;
import io.faultline.memory.Backing;
import io.faultline.memory.MemoryRegion;
import io.faultline.memory.PageBitmap;
import io.faultline.uffd.Errno;
import io.faultline.uffd.SystemCallException;
import io.faultline.uffd.simulated.SimulatedKernel;
import java.util.List;
import java.util.function.Supplier;
import org.junit.jupiter.api.Test;

/** Zeros in place of huge pages that never arrived, on the simulated kernel. */
final class MissingHugePagesTest {
  private static final int HUGE_BYTES = 2 << 20;
  private static final int PARTS = HUGE_BYTES / 4096;
  private static final long CONTENTS = 0x0707_0707_0707_0707L;

  private final SimulatedKernel kernel = new SimulatedKernel();

  @Test
  void onlyMissingHugePagesBecomeZeros() throws Exception {
    try (MemoryRegion small = filled(0, Backing.ANONYMOUS, HUGE_BYTES);
        MemoryRegion huge = filled(1, Backing.HUGETLB_2M, 2L * HUGE_BYTES)) {
      PageBitmap none = new PageBitmap(PARTS);
      PageBitmap first = new PageBitmap(2L * PARTS);
      first.set(0, PARTS);
      ReceivedPages received = new ReceivedSnapshot(new PageBitmap[] {none, first});
      MissingHugePages.zero(kernel, List.of(small, huge), () -> received);
      assertThat(kernel.guestLoad(small.guest().address(0))).isEqualTo(CONTENTS);
      assertThat(kernel.guestLoad(huge.guest().address(HUGE_BYTES - Long.BYTES)))
          .isEqualTo(CONTENTS);
      assertThat(kernel.guestLoad(huge.guest().address(HUGE_BYTES))).isZero();
      assertThat(kernel.guestLoad(huge.guest().address(2L * HUGE_BYTES - Long.BYTES))).isZero();
    }
  }

  @Test
  void pageTableIsNotReadForSmallPages() throws Exception {
    try (MemoryRegion small = filled(0, Backing.ANONYMOUS, HUGE_BYTES)) {
      MissingHugePages.zero(
          kernel,
          List.of(small),
          () -> {
            throw new AssertionError("read");
          });
    }
  }

  /** Its memory has gone with it. */
  @Test
  void processThatHasEndedIsNoError() throws Exception {
    try (MemoryRegion huge = filled(0, Backing.HUGETLB_2M, HUGE_BYTES)) {
      MissingHugePages.zero(kernel, List.of(huge), failing(Errno.ESRCH));
      assertThatThrownBy(() -> MissingHugePages.zero(kernel, List.of(huge), failing(Errno.EPERM)))
          .isInstanceOf(SystemCallException.class);
    }
  }

  private static Supplier<ReceivedPages> failing(int errno) {
    return () -> {
      throw new SystemCallException("ioctl", errno);
    };
  }

  private MemoryRegion filled(int id, Backing backing, long bytes) {
    MemoryRegion region = MemoryRegion.map(kernel, id, "ram" + id, backing, bytes);
    region.guest().data().fill((byte) CONTENTS);
    return region;
  }
}
