package io.faultline.source;

import io.faultline.memory.MemoryRegion;
import io.faultline.memory.Placement;
import io.faultline.proto.wire.Frame;
import io.faultline.proto.wire.Region;
import io.faultline.proto.wire.VmDescription;

/** The description of the VM, from which the destination prepares its memory. */
final class SetupMessages {
  private SetupMessages() {}

  static Frame vmDescription(OutgoingVm vm, OutgoingRegions regions, SourceSettings settings) {
    VmDescription.Builder description =
        VmDescription.newBuilder()
            .setType(vm.type())
            .setConfiguration(vm.configuration())
            .setMode(settings.mode().wire())
            .setPlacement(wire(settings.placement()))
            .setBasePageBytes(regions.get(0).memory().basePageBytes());
    for (OutgoingRegion outgoing : regions.all()) {
      MemoryRegion region = outgoing.memory();
      description.addRegions(
          Region.newBuilder()
              .setId(region.id())
              .setName(region.name())
              .setSizeBytes(region.sizeBytes())
              .setPageBytes(region.pageBytes()));
    }
    return Frame.newBuilder().setVmDescription(description).build();
  }

  private static io.faultline.proto.wire.Placement wire(Placement placement) {
    return switch (placement) {
      case COPY -> io.faultline.proto.wire.Placement.PLACEMENT_COPY;
      case CONTINUE -> io.faultline.proto.wire.Placement.PLACEMENT_CONTINUE;
    };
  }
}
