package io.faultline.demo.simulated;

import com.google.protobuf.ByteString;
import io.faultline.memory.DirtyLog;
import io.faultline.memory.MemoryRegion;
import io.faultline.source.OutgoingVm;
import java.util.List;

/**
 * A simulated VM as an outgoing migration sees it. Does not own the VM.
 *
 * @param ownDirtyLog whether the VM's own dirty log is used, instead of write protection
 */
public record SimulatedSource(SimulatedVm vm, boolean ownDirtyLog) implements OutgoingVm {
  /** The VM type on the wire. */
  public static final String TYPE = "simulated";

  /** With the VM's own dirty log. */
  public SimulatedSource(SimulatedVm vm) {
    this(vm, true);
  }

  @Override
  public String type() {
    return TYPE;
  }

  @Override
  public ByteString configuration() {
    return vm.config().toByteString();
  }

  @Override
  public List<MemoryRegion> regions() {
    return vm.regions();
  }

  @Override
  public DirtyLog dirtyLog() {
    return ownDirtyLog ? vm.dirtyLog() : vm.writeProtectLog();
  }

  @Override
  public void beginProtection() {
    vm.beginProtection();
  }

  @Override
  public void endProtection() {
    vm.endProtection();
  }

  @Override
  public void pause() {
    vm.pause();
  }

  @Override
  public void resume() {
    vm.resume();
  }

  @Override
  public ByteString deviceState() {
    return vm.state();
  }
}
