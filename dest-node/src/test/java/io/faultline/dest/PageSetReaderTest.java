package io.faultline.dest;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.faultline.memory.Backing;
import io.faultline.memory.MemoryRegion;
import io.faultline.proto.WireException;
import io.faultline.proto.wire.PageSet;
import io.faultline.uffd.simulated.SimulatedKernel;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

final class PageSetReaderTest {
  private static final int PAGES = 16;

  private final SimulatedKernel kernel = new SimulatedKernel();
  private final MemoryRegion ram = MemoryRegion.map(kernel, 0, "ram", Backing.SHMEM, PAGES * 4096L);
  private final MemoryRegion rom = MemoryRegion.map(kernel, 1, "rom", Backing.SHMEM, 2 * 4096L);
  private final List<String> runs = new ArrayList<>();
  private final PageSetReader reader =
      new PageSetReader(
          new IncomingRegions(List.of(ram, rom)),
          (region, first, end, inSet) ->
              runs.add((inSet ? "+" : "-") + region.id() + ":" + first + "-" + end));

  @AfterEach
  void unmap() {
    ram.close();
    rom.close();
  }

  @Test
  void setInSeveralFramesIsReadCompletely() throws Exception {
    reader.read(set(0, 0, false, 3, 2));
    reader.read(set(0, 5, false, 0, 1, 10));
    assertThat(reader.isEnded()).isFalse();
    reader.read(set(1, 0, true, 2));
    assertThat(reader.isEnded()).isTrue();
    assertThat(reader.pages()).isEqualTo(3);
    assertThat(runs).containsExactly("-0:0-3", "+0:3-5", "+0:5-6", "-0:6-16", "-1:0-2");
  }

  @Test
  void invalidSetsAreRefused() throws Exception {
    refused(set(1, 0, false, 2), "page 0 of region 1");
    refused(set(0, 4, false, 2), "page 4 of region 0");
    refused(set(0, 0, false, 17), "a run of 17 pages");
    refused(set(0, 0, false, -1), "a run of 18446744073709551615 pages");
    refused(set(0, 0, true, 1), "ends at page 1");
    reader.read(set(0, 1, false, 15));
    refused(set(1, 0, false, 2), "a set that ends");
    refused(set(1, 0, true, 2), "after the end");
  }

  private void refused(PageSet set, String reason) {
    assertThatThrownBy(() -> reader.read(set))
        .isInstanceOf(WireException.class)
        .hasMessageContaining(reason);
  }

  private static PageSet set(int region, long first, boolean last, long... runs) {
    PageSet.Builder set = PageSet.newBuilder().setRegion(region).setFirstPage(first).setLast(last);
    for (long run : runs) {
      set.addRuns(run);
    }
    return set.build();
  }
}
