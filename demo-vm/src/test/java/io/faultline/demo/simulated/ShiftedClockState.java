package io.faultline.demo.simulated;

import com.google.protobuf.ByteString;
import com.google.protobuf.InvalidProtocolBufferException;
import io.faultline.demo.simulated.state.VcpuState;
import io.faultline.demo.simulated.state.VmState;

/** Device state as if it came from a machine whose clock has another origin. */
final class ShiftedClockState {
  private ShiftedClockState() {}

  static ByteString shifted(ByteString state, long nanos) throws InvalidProtocolBufferException {
    VmState.Builder shifted = VmState.parseFrom(state).toBuilder();
    for (VcpuState.Builder vcpu : shifted.getVcpusBuilderList()) {
      vcpu.setLastOperationNanos(vcpu.getLastOperationNanos() + nanos);
    }
    return shifted.build().toByteString();
  }
}
