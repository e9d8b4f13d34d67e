package io.faultline.demo.kvm;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import io.faultline.demo.simulated.SimulatedVmConfig;
import io.faultline.demo.simulated.VcpuFaults;
import io.faultline.demo.simulated.Workload;
import io.faultline.memory.Backing;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The guest for other hypervisors, as far as it can be tested without one. */
final class FirmwareGuestTest {
  private static final int TSC_KHZ = 2_000_000;

  @TempDir Path directory;

  @Test
  void firmwareEqualsABuildOfItsSource() throws Exception {
    GuestBuild.assumeTools("gcc", "ld", "objcopy");
    assertThat(GuestBuild.run("build-firmware.sh", directory)).isEqualTo(GuestImage.loadFirmware());
  }

  @Test
  void romContainsTheProgramAndPageTablesForAllOfRam() {
    try (KvmHost host = TestKvmVms.host()) {
      long ram = (1L << 30) + (4L << 20);
      FirmwareGuest guest = new FirmwareGuest(host, config(ram, Workload.UNIFORM, 1));
      ByteBuffer rom = ByteBuffer.wrap(guest.rom()).order(ByteOrder.LITTLE_ENDIAN);
      byte[] code = GuestImage.load();
      assertThat(rom.slice(0, code.length)).isEqualTo(ByteBuffer.wrap(code));
      assertThat(rom.getLong(0x2000)).as("workload").isEqualTo(1);
      assertThat(rom.getLong(0x3000)).as("RAM").isEqualTo(ram);
      assertThat(rom.get(0xfff0)).as("jump").isEqualTo((byte) 0xea);
      // 4 GiB is entry 4 of the PDPT; its directory follows that of low memory.
      assertThat(rom.getLong(0x5000 + 4 * 8)).isEqualTo(0x17027);
      assertThat(rom.getLong(0x7000)).isEqualTo(FirmwareGuest.LOW_BYTES | 0xe7);
      assertThat(rom.getLong(0x8000 + 8)).as("last page").isEqualTo(ram | 0xe7);
      assertThat(rom.getLong(0x8000 + 16)).as("the next entry").isZero();
    }
  }

  @Test
  void configurationsThatDoNotFitTheMachineAreRefused() {
    try (KvmHost host = TestKvmVms.host()) {
      for (SimulatedVmConfig config :
          new SimulatedVmConfig[] {
            config(4L << 30, Workload.UNIFORM, 1),
            config(64L << 20, Workload.ZIPF, 1),
            config(64L << 20, Workload.UNIFORM, 2),
            config((64L << 20) + 4096, Workload.UNIFORM, 1)
          }) {
        assertThatIllegalArgumentException().isThrownBy(() -> new FirmwareGuest(host, config));
      }
    }
  }

  @Test
  void faultsBetweenTwoSnapshotsAreTheirDifference() {
    FirmwareGuestClock before = clock(100, 3, 60_000, 1);
    FirmwareGuestClock after = clock(900, 5, 100_000, 3);
    VcpuFaults faults = after.faultsSince(before);
    assertThat(after.operations()).isEqualTo(900);
    assertThat(after.longestGapNanos()).isEqualTo(25_000);
    assertThat(faults.count()).isEqualTo(2);
    assertThat(faults.blockedNanos()).isEqualTo(20_000);
    assertThat(faults.latencyNanos().getTotalCount()).isEqualTo(2);
    // Bucket 40 starts at 2^14 + 8 * 2^10 ticks and is 2^10 wide: its middle is 12.5 us.
    assertThat(faults.latencyNanos().getValueAtPercentile(50)).isBetween(12_200L, 12_800L);
    assertThatIllegalArgumentException().isThrownBy(() -> before.faultsSince(after));
  }

  private static FirmwareGuestClock clock(long operations, long faults, long blocked, long gaps) {
    ByteBuffer bytes =
        ByteBuffer.allocate(FirmwareGuest.CLOCK_BYTES).order(ByteOrder.LITTLE_ENDIAN);
    bytes.putLong(0, operations).putLong(8, 50_000);
    bytes.putLong(40, faults).putLong(48, blocked).putLong(56 + 40 * 8, gaps);
    return new FirmwareGuestClock(bytes.array(), TSC_KHZ);
  }

  private static SimulatedVmConfig config(long ram, Workload workload, int vcpus) {
    return SimulatedVmConfig.of(ram, Backing.ANONYMOUS, vcpus, workload, 7);
  }
}
