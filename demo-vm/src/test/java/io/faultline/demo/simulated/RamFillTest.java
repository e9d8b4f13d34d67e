package io.faultline.demo.simulated;

import static io.faultline.demo.testing.TestHost.KERNEL;
import static io.faultline.demo.testing.TestHost.MIB;
import static java.lang.foreign.ValueLayout.JAVA_LONG;
import static org.assertj.core.api.Assertions.assertThat;

import io.faultline.memory.Backing;
import io.faultline.memory.MemoryRegion;
import io.faultline.memory.ZeroPages;
import io.faultline.uffd.PageSize;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.Set;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The initial contents of RAM. */
final class RamFillTest {
  private static final SimulatedVmConfig CONFIG =
      SimulatedVmConfig.of(16 * MIB, Backing.SHMEM, 1, Workload.UNIFORM, 11);

  @Test
  void everyPageIsUniqueAndNotZero() {
    try (SimulatedVm vm = SimulatedVm.create(KERNEL, CONFIG)) {
      Set<MemoryDigest> contents = new HashSet<>();
      for (long page = 0; page < vm.ram().pageCount(); page++) {
        assertThat(isZero(vm.ram(), page)).as("page %d is zero", page).isFalse();
        contents.add(digestOfPage(vm.ram(), page));
      }
      assertThat(contents).hasSize((int) vm.ram().pageCount());
    }
  }

  @ParameterizedTest
  @ValueSource(doubles = {0, 0.01, 0.5, 0.9, 1})
  void zeroFractionIsRespected(double fraction) {
    try (SimulatedVm vm = SimulatedVm.create(KERNEL, CONFIG.withZeroFraction(fraction))) {
      long pages = vm.ram().pageCount();
      long zero = zeroPages(vm.ram());
      double deviation = Math.sqrt(pages * fraction * (1 - fraction));
      assertThat((double) zero)
          .isBetween(pages * fraction - 5 * deviation, pages * fraction + 5 * deviation);
    }
  }

  @Test
  void pagesOfCommonWordsAreUnique() {
    try (SimulatedVm vm = SimulatedVm.create(KERNEL, CONFIG.withCommonFraction(0.75))) {
      Set<MemoryDigest> contents = new HashSet<>();
      for (long page = 0; page < vm.ram().pageCount(); page++) {
        contents.add(digestOfPage(vm.ram(), page));
      }
      assertThat(contents).hasSize((int) vm.ram().pageCount());
      long words = vm.ram().sizeBytes() / Long.BYTES;
      long small = 0;
      for (long word = 0; word < words; word++) {
        small += vm.ram().guest().data().getAtIndex(JAVA_LONG, word) >>> 4 == 0 ? 1 : 0;
      }
      assertThat((double) small / words).isBetween(0.74, 0.76);
    }
  }

  @Test
  void sameSeedGivesTheSameContents() {
    SimulatedVmConfig config = CONFIG.withZeroFraction(0.4);
    try (SimulatedVm one = SimulatedVm.create(KERNEL, config);
        SimulatedVm two = SimulatedVm.create(KERNEL, config.withBacking(Backing.ANONYMOUS))) {
      assertThat(one.memoryDigest()).isEqualTo(two.memoryDigest());
    }
  }

  @Test
  void namedFileWithOldContentsIsFilledLikeFreshMemory() throws Exception {
    Path shm = Path.of("/dev/shm");
    Assumptions.assumeTrue(Files.isWritable(shm), "no writable tmpfs at /dev/shm");
    Path file = Files.createTempFile(shm, "faultline-test", ".ram");
    try {
      SimulatedVmConfig config = CONFIG.withZeroFraction(0.5);
      Backing named = Backing.file(file, PageSize.BASE);
      SimulatedVm.create(KERNEL, CONFIG.withBacking(named)).close();
      try (SimulatedVm again = SimulatedVm.create(KERNEL, config.withBacking(named));
          SimulatedVm fresh = SimulatedVm.create(KERNEL, config)) {
        assertThat(again.memoryDigest()).isEqualTo(fresh.memoryDigest());
      }
    } finally {
      Files.delete(file);
    }
  }

  private static long zeroPages(MemoryRegion ram) {
    long zero = 0;
    for (long page = 0; page < ram.pageCount(); page++) {
      zero += isZero(ram, page) ? 1 : 0;
    }
    return zero;
  }

  private static boolean isZero(MemoryRegion ram, long page) {
    return ZeroPages.isZero(ram.guest().dataAddress(page * ram.pageBytes()), ram.pageBytes());
  }

  private static MemoryDigest digestOfPage(MemoryRegion ram, long page) {
    return MemoryDigest.of(ram.guest().data().asSlice(page * ram.pageBytes(), ram.pageBytes()));
  }
}
