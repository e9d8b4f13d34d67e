package io.faultline.qemu.vm;

import io.faultline.dest.IncomingVm;
import io.faultline.dest.IncomingVmException;
import io.faultline.qemu.qmp.QmpConnection;
import io.faultline.qemu.state.IncomingDeviceState;
import java.io.IOException;

/** A device state that QEMU loads, as seen at its monitor. */
record QemuLoading(QmpConnection monitor, IncomingDeviceState state) implements IncomingVm.Loading {
  @Override
  public int descriptor() {
    return monitor.descriptor();
  }

  @Override
  public boolean isDone() throws IncomingVmException {
    try {
      return state.isLoaded();
    } catch (IOException e) {
      throw new IncomingVmException(String.valueOf(e.getMessage()), e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IncomingVmException("interrupted while QEMU loaded its state", e);
    }
  }
}
