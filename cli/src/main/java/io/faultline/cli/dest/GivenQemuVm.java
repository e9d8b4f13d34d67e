package io.faultline.cli.dest;

import com.google.protobuf.ByteString;
import io.faultline.dest.IncomingVmException;
import io.faultline.qemu.vm.QemuDestination;

/** A guest whose QEMU must outlive this process from the load of its state on. */
final class GivenQemuVm extends ForwardingVm {
  private final QemuDestination vm;
  private final DestinationQemu qemu;
  private final QemuStateKeeper keeper;

  GivenQemuVm(QemuDestination vm, DestinationQemu qemu, QemuStateKeeper keeper) {
    super(vm);
    this.vm = vm;
    this.qemu = qemu;
    this.keeper = keeper;
  }

  @Override
  public void loadPart(ByteString part) throws IncomingVmException {
    qemu.given();
    super.loadPart(part);
  }

  @Override
  public void loadDeviceState(ByteString state, long clockOffsetNanos) throws IncomingVmException {
    qemu.given();
    super.loadDeviceState(state, clockOffsetNanos);
    loaded();
  }

  @Override
  void loaded() {
    if (vm.isPaused()) {
      keeper.staysPaused();
    }
  }
}
