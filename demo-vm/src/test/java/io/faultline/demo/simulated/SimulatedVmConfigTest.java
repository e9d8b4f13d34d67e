package io.faultline.demo.simulated;

import static io.faultline.demo.testing.TestHost.KERNEL;
import static io.faultline.demo.testing.TestHost.MIB;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.google.protobuf.ByteString;
import io.faultline.dest.AnnouncedRegion;
import io.faultline.dest.IncomingVmException;
import io.faultline.memory.Backing;
import io.faultline.uffd.PageSize;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;

/** Configurations are encoded and checked, and destinations refuse those that do not fit. */
final class SimulatedVmConfigTest {
  private static final SimulatedVmConfig GOOD =
      SimulatedVmConfig.of(4 * MIB, Backing.SHMEM, 2, Workload.ZIPF, -7);

  @ParameterizedTest
  @EnumSource(Workload.class)
  void decodedConfigurationEqualsTheEncodedOne(Workload workload) throws Exception {
    Backing file = Backing.file(Path.of("/dev/shm/vm"), PageSize.BASE);
    for (Backing backing : List.of(Backing.ANONYMOUS, Backing.HUGETLB_2M, file)) {
      SimulatedVmConfig config =
          new SimulatedVmConfig(
              1L << 40, backing, 256, workload, -1, 4096, 0.25, 1L << 60, 0.75, 1L << 50, 0.5);
      assertThat(SimulatedVmConfig.parse(config.toByteString())).isEqualTo(config);
    }
  }

  static Stream<ThrowingCallable> impossible() {
    return Stream.of(
        () -> SimulatedVmConfig.of(0, Backing.SHMEM, 1, Workload.ZIPF, 0),
        () -> SimulatedVmConfig.of(MIB, Backing.SHMEM, 0, Workload.ZIPF, 0),
        () -> SimulatedVmConfig.of(MIB, Backing.SHMEM, 257, Workload.ZIPF, 0),
        () -> GOOD.withWorkingSetBytes(5 * MIB),
        () -> GOOD.withWorkingSetBytes(-4096),
        () -> GOOD.withZeroFraction(1.01),
        () -> GOOD.withZeroFraction(Double.NaN),
        () -> GOOD.withOpsPerVcpu(-1),
        () -> GOOD.withWriteFraction(-0.01),
        () -> GOOD.withWriteFraction(Double.NaN),
        () -> GOOD.withPace(-1),
        () -> GOOD.withCommonFraction(-0.1),
        () -> RamLayout.of(GOOD.withWorkingSetBytes(4096), KERNEL),
        () -> RamLayout.of(GOOD.withWorkingSetBytes(10000), KERNEL),
        () -> RamLayout.of(GOOD.withBacking(Backing.HUGETLB_1G), KERNEL));
  }

  @ParameterizedTest
  @MethodSource("impossible")
  void impossibleConfigurationIsRefusedWithTheRemedy(ThrowingCallable attempt) {
    assertThatThrownBy(attempt)
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageMatching(".*(choose|give).*");
  }

  @ParameterizedTest
  @CsvSource({
    "1073741824, 4096, 2, 268435456",
    "20480, 4096, 1, 8192", // five pages: rounded up
    "16384, 4096, 3, 12288", // a page for each vCPU
    "8192, 4096, 4, 8192", // at most the RAM
    "4294967296, 2097152, 256, 1073741824",
    "1073741824, 1073741824, 1, 1073741824",
    "2147483648, 1073741824, 2, 2147483648",
    "5368709120, 1073741824, 1, 2147483648",
  })
  void usualWorkingSetIsAQuarterInWholePages(
      long ramBytes, long pageBytes, int vcpus, long expectedBytes) {
    assertThat(RamLayout.usualWorkingSetBytes(ramBytes, pageBytes, vcpus)).isEqualTo(expectedBytes);
  }

  @Test
  void usualWorkingSetFitsTheBacking() {
    SimulatedVmConfig huge =
        SimulatedVmConfig.of(3L << 30, Backing.HUGETLB_1G, 2, Workload.ZIPF, 0)
            .withUsualWorkingSet(KERNEL);
    huge.requireFits(KERNEL);
    assertThat(huge.workingSetBytes()).isEqualTo(2L << 30);
    assertThat(GOOD.withUsualWorkingSet(KERNEL).workingSetBytes()).isEqualTo(MIB);
    assertThatThrownBy(() -> huge.withWorkingSetBytes(1L << 30).requireFits(KERNEL))
        .hasMessageContaining("larger working set");
    SimulatedVmConfig crowded =
        SimulatedVmConfig.of(1L << 30, Backing.HUGETLB_1G, 2, Workload.ZIPF, 0);
    assertThatThrownBy(() -> crowded.withUsualWorkingSet(KERNEL).requireFits(KERNEL))
        .hasMessageContaining("larger RAM");
  }

  @Test
  void slicesCoverTheWorkingSetWithoutOverlap() {
    for (int vcpus : new int[] {1, 2, 3, 7, 255}) {
      SimulatedVmConfig config =
          SimulatedVmConfig.of(4 * MIB, Backing.SHMEM, vcpus, Workload.UNIFORM, 0)
              .withWorkingSetBytes(2 * MIB);
      RamLayout layout = RamLayout.of(config, KERNEL);
      long end = 0;
      for (int n = 0; n < vcpus; n++) {
        assertThat(layout.slice(n).startBytes()).isEqualTo(end);
        assertThat(layout.slice(n).pages()).isPositive();
        end = layout.slice(n).endBytes();
      }
      assertThat(end).isEqualTo(2 * MIB);
    }
  }

  @Test
  void destinationRefusesWhatItCannotRun() throws Exception {
    ByteString bytes = GOOD.toByteString();
    AnnouncedRegion ram = new AnnouncedRegion(0, "ram", 4 * MIB, 4096);
    assertRefused("kvm", bytes, "kvm", ram);
    assertRefused("simulated", ByteString.copyFromUtf8("garbage"), "configuration", ram);
    assertRefused("simulated", bytes, "one region");
    assertRefused("simulated", bytes, "announced", new AnnouncedRegion(0, "ram", 8 * MIB, 4096));
    assertRefused("simulated", bytes, "pages", new AnnouncedRegion(0, "ram", 4 * MIB, 2 * MIB));
    assertRefused("simulated", bytes, "one region", new AnnouncedRegion(1, "ram", 4 * MIB, 4096));
  }

  @Test
  void destinationRefusesDeviceStateOfAnotherVm() throws Exception {
    try (SimulatedVm three =
            SimulatedVm.create(
                KERNEL, SimulatedVmConfig.of(4 * MIB, Backing.SHMEM, 3, Workload.ZIPF, 1));
        SimulatedVm twoElsewhere =
            SimulatedVm.create(
                KERNEL, SimulatedVmConfig.of(16 * MIB, Backing.SHMEM, 2, Workload.ZIPF, 1));
        SimulatedDestination there = new SimulatedDestination(KERNEL)) {
      there.prepare(
          "simulated", GOOD.toByteString(), List.of(new AnnouncedRegion(0, "ram", 4 * MIB, 4096)));
      for (ByteString state :
          List.of(three.state(), twoElsewhere.state(), ByteString.copyFromUtf8("garbage"))) {
        assertThatThrownBy(() -> there.loadDeviceState(state, 0))
            .isInstanceOf(IncomingVmException.class)
            .hasMessageContaining("device state");
      }
    }
  }

  private static void assertRefused(
      String type, ByteString configuration, String reason, AnnouncedRegion... announced) {
    try (SimulatedDestination there = new SimulatedDestination(KERNEL)) {
      assertThatThrownBy(() -> there.prepare(type, configuration, List.of(announced)))
          .isInstanceOf(IncomingVmException.class)
          .hasMessageContaining(reason);
      assertThat(there.vm()).isEmpty();
    }
  }
}
