package io.faultline.tests.soak;

import static org.assertj.core.api.Assertions.assertThat;

import io.faultline.demo.simulated.ReferenceRun;
import io.faultline.demo.simulated.SimulatedDestination;
import io.faultline.demo.simulated.SimulatedSource;
import io.faultline.demo.simulated.SimulatedVm;
import io.faultline.demo.simulated.SimulatedVmConfig;
import io.faultline.demo.simulated.Workload;
import io.faultline.dest.IncomingReport;
import io.faultline.dest.IncomingState;
import io.faultline.dest.MigrationDestination;
import io.faultline.memory.Backing;
import io.faultline.source.MigrationSource;
import io.faultline.source.OutgoingReport;
import io.faultline.source.OutgoingState;
import io.faultline.source.SourceSettings;
import io.faultline.uffd.Kernel;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import java.util.random.RandomGenerator;

/** One migration of a small VM over loopback, both ends in this JVM. */
record SmallMigration(Kernel kernel, SimulatedVmConfig config) {
  static final long RAM_BYTES = 64 << 20;
  private static final int MOST_VCPUS = 3;
  private static final long LIMIT_SECONDS = 120;

  /** Any workload, shape and contents. */
  static SmallMigration random(Kernel kernel, RandomGenerator random) {
    Workload[] workloads = Workload.values();
    Backing backing = random.nextBoolean() ? Backing.ANONYMOUS : Backing.SHMEM;
    Workload workload = workloads[random.nextInt(workloads.length)];
    int vcpus = 1 + random.nextInt(MOST_VCPUS);
    SimulatedVmConfig config =
        SimulatedVmConfig.of(RAM_BYTES, backing, vcpus, workload, random.nextLong());
    double zeros = random.nextBoolean() ? 0 : random.nextDouble();
    return new SmallMigration(kernel, config.withZeroFraction(zeros));
  }

  /** Moves the VM while it runs, and compares its end with a run that never migrated. */
  void run() throws Exception {
    try (SimulatedDestination incoming = new SimulatedDestination(kernel)) {
      try (SimulatedVm vm = SimulatedVm.create(kernel, config)) {
        vm.start();
        move(vm, incoming);
      }
      SimulatedVm moved = incoming.vm().orElseThrow();
      moved.pause();
      ReferenceRun reference = ReferenceRun.run(kernel, config, moved.opsDone());
      assertThat(reference.equalTo(moved)).as("%s is equal", config).isTrue();
    }
  }

  private void move(SimulatedVm vm, SimulatedDestination incoming) throws Exception {
    List<String> strangers = new CopyOnWriteArrayList<>();
    SimpleMeterRegistry registry = new SimpleMeterRegistry();
    try (MigrationDestination destination =
        new MigrationDestination(kernel, incoming, registry, strangers::add)) {
      InetSocketAddress address =
          destination.listen(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0));
      try (MigrationSource source =
          new MigrationSource(new SimulatedSource(vm), new SourceSettings(address), registry)) {
        OutgoingReport out = source.start().get(LIMIT_SECONDS, TimeUnit.SECONDS);
        IncomingReport in = destination.result().get(LIMIT_SECONDS, TimeUnit.SECONDS);
        assertThat(out.state()).as("%s", out).isEqualTo(OutgoingState.COMPLETED);
        assertThat(in.state()).as("%s", in).isEqualTo(IncomingState.COMPLETED);
        assertThat(in.placedPages()).isEqualTo(RAM_BYTES / vm.ram().pageBytes());
        assertThat(out.urgentPages() + out.backgroundPages() + out.zeroPages())
            .isEqualTo(in.placedPages());
      }
    }
    assertThat(strangers).isEmpty();
  }
}
