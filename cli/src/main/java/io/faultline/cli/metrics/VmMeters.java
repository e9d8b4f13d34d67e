package io.faultline.cli.metrics;

import io.faultline.demo.simulated.VcpuFaults;
import io.faultline.demo.vm.HostedVm;
import io.prometheus.metrics.model.registry.MultiCollector;
import io.prometheus.metrics.model.snapshots.CounterSnapshot;
import io.prometheus.metrics.model.snapshots.CounterSnapshot.CounterDataPointSnapshot;
import io.prometheus.metrics.model.snapshots.GaugeSnapshot;
import io.prometheus.metrics.model.snapshots.GaugeSnapshot.GaugeDataPointSnapshot;
import io.prometheus.metrics.model.snapshots.Labels;
import io.prometheus.metrics.model.snapshots.MetricSnapshots;
import java.util.List;
import java.util.Optional;
import java.util.function.Supplier;

/**
 * The meters of a VM that has arrived: what its vCPUs measured of their faults and of their pause.
 * They are computed from its recorders at each scrape; a vCPU does nothing for them. The histogram
 * is one for Prometheus, with buckets, which Micrometer's meters cannot take from a recorder.
 * Thread-safe.
 */
public final class VmMeters implements MultiCollector {
  private static final Labels ROLE = Labels.of("role", "destination");
  private static final double NANOS_PER_SECOND = 1e9;

  private Supplier<Optional<HostedVm>> vm = Optional::empty;
  private MetricSnapshots retained = new MetricSnapshots();

  /** From now on, measures a VM, once there is one. */
  public synchronized void follow(Supplier<Optional<HostedVm>> vm) {
    this.vm = vm;
  }

  /** Keeps the current values. Call it before the VM is closed. */
  public synchronized void retain() {
    retained = collect();
    vm = Optional::empty;
  }

  @Override
  public synchronized MetricSnapshots collect() {
    return vm.get().map(VmMeters::measure).orElse(retained);
  }

  private static MetricSnapshots measure(HostedVm vm) {
    List<VcpuFaults> faults = vm.faults();
    return MetricSnapshots.of(LatencyBuckets.of(faults, ROLE), blocked(faults), pause(vm));
  }

  private static CounterSnapshot blocked(List<VcpuFaults> faults) {
    CounterSnapshot.Builder builder =
        CounterSnapshot.builder()
            .name("faultline_vcpu_blocked_seconds")
            .help("Time for which each vCPU waited for pages; a wait counts when it ends");
    for (int i = 0; i < faults.size(); i++) {
      builder.dataPoint(
          CounterDataPointSnapshot.builder()
              .labels(ROLE.merge(Labels.of("vcpu", Integer.toString(i))))
              .value(faults.get(i).blockedNanos() / NANOS_PER_SECOND)
              .build());
    }
    return builder.build();
  }

  private static GaugeSnapshot pause(HostedVm vm) {
    double seconds =
        vm.guestPauseNanos().stream()
            .mapToDouble(n -> n / NANOS_PER_SECOND)
            .findFirst()
            .orElse(Double.NaN);
    return GaugeSnapshot.builder()
        .name("faultline_guest_pause_seconds")
        .help("Pause that the guest measured around its migration; NaN before it is known")
        .dataPoint(GaugeDataPointSnapshot.builder().labels(ROLE).value(seconds).build())
        .build();
  }
}
