package io.faultline.demo.simulated;

import com.google.protobuf.ByteString;
import com.google.protobuf.InvalidProtocolBufferException;
import io.faultline.demo.simulated.state.VmState;
import java.util.List;

/** The device state of a VM on the wire: that of its vCPUs. */
final class VmStateCodec {
  private VmStateCodec() {}

  /** The state of vCPUs that are parked or have ended. */
  static ByteString save(List<Vcpu> vcpus) {
    return VmState.newBuilder()
        .addAllVcpus(vcpus.stream().map(Vcpu::state).toList())
        .build()
        .toByteString();
  }

  /**
   * Loads vCPUs that have not started.
   *
   * @throws IllegalArgumentException if it cannot be a state of these vCPUs
   */
  static void load(ByteString bytes, long clockOffsetNanos, List<Vcpu> vcpus) {
    VmState state = parse(bytes);
    if (state.getVcpusCount() != vcpus.size()) {
      throw new IllegalArgumentException(
          "device state of " + state.getVcpusCount() + " vCPUs for a VM of " + vcpus.size());
    }
    for (int n = 0; n < vcpus.size(); n++) {
      vcpus.get(n).load(state.getVcpus(n), clockOffsetNanos);
    }
  }

  private static VmState parse(ByteString bytes) {
    try {
      return VmState.parseFrom(bytes);
    } catch (InvalidProtocolBufferException e) {
      throw new IllegalArgumentException("cannot parse the device state: " + e.getMessage(), e);
    }
  }
}
