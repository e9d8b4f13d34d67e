package io.faultline.cli.simulation.node;

import com.google.protobuf.ByteString;
import io.faultline.cli.simulation.guest.CheckedKernel;
import io.faultline.cli.simulation.guest.Guest;
import io.faultline.cli.simulation.runtime.SimulatedProcess;
import io.faultline.cli.simulation.runtime.Simulator;
import io.faultline.dest.AnnouncedRegion;
import io.faultline.dest.IncomingVm;
import io.faultline.memory.Backing;
import io.faultline.memory.MemoryRegion;
import java.util.ArrayList;
import java.util.List;

/** The guest as the VM of one destination. */
final class DestinationVm implements IncomingVm {
  private final Guest guest;
  private final SimulatedProcess process;
  private final CheckedKernel kernel;
  private final Backing backing;
  private final int operations;
  private final List<MemoryRegion> regions = new ArrayList<>();

  DestinationVm(
      Guest guest,
      SimulatedProcess process,
      CheckedKernel kernel,
      Backing backing,
      int operations) {
    this.guest = guest;
    this.process = process;
    this.kernel = kernel;
    this.backing = backing;
    this.operations = operations;
  }

  List<MemoryRegion> regions() {
    return regions;
  }

  @Override
  public List<MemoryRegion> prepare(
      String type, ByteString configuration, List<AnnouncedRegion> announced) {
    for (AnnouncedRegion each : announced) {
      regions.add(MemoryRegion.map(kernel, each.id(), each.name(), backing, each.sizeBytes()));
    }
    kernel.watch(regions);
    return regions;
  }

  @Override
  public void loadDeviceState(ByteString state, long clockOffsetNanos) {
    guest.load(state.toByteArray());
  }

  @Override
  public void start(FirstInstruction onFirstInstruction) {
    Simulator simulator = process.simulator();
    guest.startAtDestination(
        new Guest.Side(kernel.simulated(), process, regions),
        operations,
        () -> simulator.on(null, () -> onFirstInstruction.ran(simulator.nowNanos())));
  }

  @Override
  public void abandon() {
    guest.abandonAtDestination();
  }
}
