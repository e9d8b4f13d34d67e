package io.faultline.cli.bench.measure;

import io.faultline.cli.bench.qemu.Qemu;
import io.faultline.cli.bench.qemu.QemuMigration;
import io.faultline.cli.bench.qemu.QemuResult;
import io.faultline.cli.bench.qemu.QemuSettings;
import io.faultline.cli.bench.result.BenchCase;
import io.faultline.cli.bench.result.Metric;
import io.faultline.cli.bench.result.ResultTable;
import io.faultline.cli.qemu.TscFrequency;
import io.faultline.demo.kvm.FirmwareGuest;
import io.faultline.demo.kvm.KvmHost;
import io.faultline.demo.simulated.SimulatedVmConfig;
import io.faultline.demo.simulated.Workload;
import io.faultline.memory.Backing;
import java.io.IOException;
import java.time.Duration;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import org.HdrHistogram.Histogram;

/**
 * One migration by QEMU, of the same guest as in another case.
 *
 * @param counterpart the case with the same guest
 * @param ramBytes guest memory without the low memory of the PC
 */
public record QemuCase(
    BenchEnvironment environment,
    String counterpart,
    String name,
    String title,
    long ramBytes,
    QemuSettings settings)
    implements BenchCase {
  private static final Duration WARM_UP = Duration.ofMillis(300);
  private static final Duration QUICK_WARM_UP = Duration.ofMillis(50);
  private static final double MIB = 1 << 20;
  private static final double GIB = 1 << 30;
  private static final double NANOS_PER_MICRO = 1e3;
  private static final double NANOS_PER_MILLI = 1e6;

  /**
   * The version of the installed QEMU.
   *
   * @throws IOException if there is none; the message says how to install it
   */
  public static String version() throws IOException, InterruptedException {
    String output;
    try {
      output = ProgramRunner.run(List.of(Qemu.PROGRAM, "--version"));
    } catch (IOException e) {
      throw new IOException(Qemu.PROGRAM + " not found; install it: " + Qemu.REMEDY, e);
    }
    return Qemu.version(output).orElseThrow(() -> new IOException("no version in: " + output));
  }

  @Override
  public ResultTable table() {
    return settings.kvm() ? ResultTable.EQUALS : ResultTable.QEMU_GUESTS;
  }

  @Override
  public String command() {
    return "QEMU: "
        + (settings.huge() ? "memory-backend-memfd with 2 MiB pages" : "memory-backend-ram")
        + ", postcopy-ram"
        + (settings.preempt() ? ", postcopy-preempt" : "")
        + (settings.bytesPerSecond() == 0
            ? ", no limit"
            : ", max-bandwidth and max-postcopy-bandwidth " + settings.bytesPerSecond());
  }

  @Override
  public Map<Metric, Double> run(int round)
      throws IOException, InterruptedException, CannotRunException {
    Backing backing = settings.huge() ? Backing.HUGETLB_2M : Backing.ANONYMOUS;
    long seed = environment.seed() + round;
    SimulatedVmConfig programs = SimulatedVmConfig.of(ramBytes, backing, 1, Workload.UNIFORM, seed);
    new MemoryRequirement(environment, ramBytes + FirmwareGuest.LOW_BYTES, settings.huge())
        .require();
    try {
      return settings.kvm()
          ? migrateUnderKvm(programs)
          : migrate(new FirmwareGuest(environment.kernel(), TscFrequency.khz(), programs));
    } catch (UnsupportedOperationException | IllegalArgumentException e) {
      throw new CannotRunException(String.valueOf(e.getMessage()));
    }
  }

  private Map<Metric, Double> migrateUnderKvm(SimulatedVmConfig programs)
      throws IOException, InterruptedException {
    try (KvmHost host = KvmHost.open(environment.kernel())) {
      return migrate(new FirmwareGuest(host, programs));
    }
  }

  private Map<Metric, Double> migrate(FirmwareGuest guest)
      throws IOException, InterruptedException {
    Duration warmUp = environment.quick() ? QUICK_WARM_UP : WARM_UP;
    return values(
        new QemuMigration(environment.kernel(), environment.scratch(), guest, settings, warmUp)
            .run());
  }

  private Map<Metric, Double> values(QemuResult result) {
    Map<Metric, Double> values = new EnumMap<>(Metric.class);
    double millis = result.statistics().totalMillis() - result.statistics().setupMillis();
    values.put(Metric.TOTAL, millis);
    values.put(Metric.THROUGHPUT, ramBytes / GIB / millis * 1000);
    values.put(Metric.SENT, result.statistics().transferredBytes() / MIB);
    values.put(Metric.FAULTS, result.statistics().requests());
    values.put(Metric.LONGEST, result.longestGapMillis());
    values.put(Metric.BLOCKED, result.guest().blockedNanos() / NANOS_PER_MILLI);
    if (result.statistics().requests() > 0) {
      double nanos = result.guest().blockedNanos() / result.statistics().requests();
      values.put(Metric.FAULT_WAIT, nanos / NANOS_PER_MICRO);
    }
    result.statistics().blocktimeMillis().ifPresent(ms -> values.put(Metric.OWN_BLOCKED, ms));
    result.stopToResumeMillis().ifPresent(ms -> values.put(Metric.DOWNTIME, ms));
    result.requestToResumeMillis().ifPresent(ms -> values.put(Metric.SWITCHOVER, ms));
    Histogram latency = result.guest().latencyNanos();
    if (latency.getTotalCount() > 0) {
      percentiles()
          .forEach(
              (metric, percent) ->
                  values.put(metric, latency.getValueAtPercentile(percent) / NANOS_PER_MICRO));
    }
    return values;
  }

  private static Map<Metric, Double> percentiles() {
    return Map.of(
        Metric.FAULT_P50, 50.0,
        Metric.FAULT_P90, 90.0,
        Metric.FAULT_P99, 99.0,
        Metric.FAULT_P999, 99.9);
  }
}
