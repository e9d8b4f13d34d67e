package io.faultline.cli.dest;

import com.google.protobuf.ByteString;
import io.faultline.dest.IncomingVm;
import io.faultline.dest.IncomingVmException;

/** A guest whose QEMU must outlive this process from the load of its state on. */
final class GivenQemuVm extends ForwardingVm {
  private final DestinationQemu qemu;

  GivenQemuVm(IncomingVm vm, DestinationQemu qemu) {
    super(vm);
    this.qemu = qemu;
  }

  @Override
  public void loadDeviceState(ByteString state, long clockOffsetNanos) throws IncomingVmException {
    qemu.given();
    super.loadDeviceState(state, clockOffsetNanos);
  }
}
