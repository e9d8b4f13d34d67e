package io.faultline.demo.simulated;

import static org.assertj.core.api.Assertions.assertThat;

import io.faultline.memory.Backing;
import io.faultline.memory.MemoryRegion;
import io.faultline.memory.PageBitmap;
import io.faultline.uffd.simulated.SimulatedKernel;
import java.lang.foreign.ValueLayout;
import org.junit.jupiter.api.Test;

final class MemoryDigestTest {
  private static final int PAGES = 600; // more than two MiB

  @Test
  void digestCoversAllPagesExceptTheExcludedOnes() {
    try (MemoryRegion ram =
        MemoryRegion.map(new SimulatedKernel(), 0, "ram", Backing.ANONYMOUS, PAGES * 4096L)) {
      PageBitmap without = new PageBitmap(PAGES);
      assertThat(MemoryDigest.of(ram, without)).isEqualTo(MemoryDigest.of(ram));
      without.set(3, 5);
      without.set(250, 260); // across the boundary of a MiB
      MemoryDigest before = MemoryDigest.of(ram, without);
      for (int page : new int[] {0, 2, 3, 4, 5, 249, 250, 256, 259, 260, PAGES - 1}) {
        long offset = page * 4096L + 4088;
        ram.guest().data().set(ValueLayout.JAVA_LONG, offset, 1);
        assertThat(MemoryDigest.of(ram, without).equals(before))
            .as("page %d", page)
            .isEqualTo(without.get(page));
        ram.guest().data().set(ValueLayout.JAVA_LONG, offset, 0);
      }
    }
  }
}
