package io.faultline.tests.migration;

import static org.assertj.core.api.Assertions.assertThat;

import io.faultline.demo.simulated.SimulatedVmConfig;
import io.faultline.demo.simulated.Workload;
import io.faultline.memory.Backing;
import io.faultline.memory.Placement;
import io.faultline.proto.runs.CompressionMode;
import io.faultline.source.MigrationMode;
import io.faultline.source.OutgoingReport;
import io.faultline.source.WireSettings;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** Migrations with compression: memory arrives unchanged, and fewer bytes are sent. */
final class CompressedTest {
  private static final long RAM_BYTES = 32 << 20;

  static Stream<Arguments> combinations() {
    return Stream.of(CompressionMode.LZ4, CompressionMode.ZSTD)
        .flatMap(
            compression ->
                Stream.of(MigrationMode.values())
                    .flatMap(
                        mode ->
                            Stream.of(Placement.values())
                                .map(placement -> Arguments.of(compression, mode, placement))));
  }

  @ParameterizedTest
  @MethodSource("combinations")
  void compressedMemoryArrivesUnchanged(
      CompressionMode compression, MigrationMode mode, Placement placement) throws Exception {
    MigrationSetup setup =
        MigrationSetup.of(mode, placement, true).withWire(new WireSettings(compression, true));
    OutgoingReport out = run(setup, 0.75);
    OutgoingReport.Compression done = out.compression();
    assertThat(done.mode()).isEqualTo(compression);
    assertThat(done.pages()).as("%s", out).isGreaterThan(out.totalPages() / 4);
    assertThat(done.bytesAfter()).isLessThan(done.bytesBefore() * 2 / 3);
    assertThat(done.nanos()).isPositive();
  }

  private static OutgoingReport run(MigrationSetup setup, double common) throws Exception {
    SimulatedVmConfig config =
        SimulatedVmConfig.of(RAM_BYTES, Backing.SHMEM, 2, Workload.ZIPF, 6)
            .withWorkingSetBytes(RAM_BYTES / 4)
            .withCommonFraction(common)
            .withPace(20_000);
    return new Migration(MigrationHost.kernel(), config, setup, null).run().out();
  }
}
