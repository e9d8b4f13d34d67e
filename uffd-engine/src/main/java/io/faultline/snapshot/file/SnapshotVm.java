package io.faultline.snapshot.file;

import java.util.Arrays;
import java.util.List;

/**
 * The VM of a snapshot.
 *
 * @param type such as {@code simulated}
 * @param configuration what creates the same VM again; opaque
 * @param regions all of its memory, in the order of the index
 * @param deviceState the state of vCPUs and devices at the instant of the snapshot; opaque
 */
@SuppressWarnings("ArrayRecordComponent") // copied in and out, and compared by contents
public record SnapshotVm(
    String type, byte[] configuration, List<SnapshotRegion> regions, byte[] deviceState) {
  public SnapshotVm {
    configuration = configuration.clone();
    regions = List.copyOf(regions);
    deviceState = deviceState.clone();
  }

  @Override
  public byte[] configuration() {
    return configuration.clone();
  }

  @Override
  public byte[] deviceState() {
    return deviceState.clone();
  }

  /** The size of all regions. */
  public long memoryBytes() {
    return regions.stream().mapToLong(SnapshotRegion::sizeBytes).sum();
  }

  @Override
  public boolean equals(Object other) {
    return other instanceof SnapshotVm vm
        && type.equals(vm.type)
        && regions.equals(vm.regions)
        && Arrays.equals(configuration, vm.configuration)
        && Arrays.equals(deviceState, vm.deviceState);
  }

  @Override
  public int hashCode() {
    return 31 * type.hashCode() + Arrays.hashCode(deviceState);
  }

  @Override
  public String toString() {
    return type + " VM with " + regions;
  }
}
