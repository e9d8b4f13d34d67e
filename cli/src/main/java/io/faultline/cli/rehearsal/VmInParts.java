package io.faultline.cli.rehearsal;

import com.google.protobuf.ByteString;
import io.faultline.memory.DirtyLog;
import io.faultline.memory.MemoryRegion;
import io.faultline.source.OutgoingVm;
import io.faultline.source.PageRange;
import java.util.List;
import java.util.function.Consumer;

/**
 * Gives the state of another VM in parts, as that of a QEMU is given, and with about as many bytes;
 * {@link VmLoadedInParts} takes it.
 */
final class VmInParts implements OutgoingVm {
  /** How much longer the state is. */
  static final int PADDING_BYTES = 64 << 10;

  private static final int PART_BYTES = 32 << 10;
  private static final ByteString PADDING = ByteString.copyFrom(new byte[PADDING_BYTES]);

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
    ByteString state = vm.deviceState().concat(PADDING);
    for (int at = 0; at < state.size(); at += PART_BYTES) {
      parts.accept(state.substring(at, Math.min(at + PART_BYTES, state.size())));
    }
    return state;
  }
}
