package io.faultline.cli.rehearsal;

import com.google.protobuf.ByteString;
import io.faultline.memory.DirtyLog;
import io.faultline.memory.MemoryRegion;
import io.faultline.source.OutgoingVm;
import io.faultline.source.PageRange;
import java.util.List;
import java.util.function.Consumer;

/** Gives the state of another VM in parts, as that of a QEMU is given. */
final class VmInParts implements OutgoingVm {
  private final OutgoingVm vm;
  private Consumer<ByteString> parts = part -> {};

  VmInParts(OutgoingVm vm) {
    this.vm = vm;
  }

  @Override
  public String type() {
    return vm.type();
  }

  @Override
  public ByteString configuration() {
    return vm.configuration();
  }

  @Override
  public List<MemoryRegion> regions() {
    return vm.regions();
  }

  @Override
  public DirtyLog dirtyLog() {
    return vm.dirtyLog();
  }

  @Override
  public void passStateTo(Consumer<ByteString> to) {
    parts = to;
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
  public List<PageRange> neededFirst() {
    return vm.neededFirst();
  }

  @Override
  public ByteString deviceState() {
    ByteString state = vm.deviceState();
    parts.accept(state.substring(0, state.size() / 2));
    parts.accept(state.substring(state.size() / 2));
    return state;
  }
}
