package io.faultline.demo.simulated;

import com.google.protobuf.ByteString;
import io.faultline.memory.MemoryRegion;
import io.faultline.source.OutgoingVm;
import java.util.List;

/** A simulated VM as an outgoing migration sees it. Does not own the VM. */
public record SimulatedSource(SimulatedVm vm) implements OutgoingVm {
  /** The type on the wire. */
  public static final String TYPE = "simulated";

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
    return List.of(vm.ram());
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
