package io.faultline.qemu.vm;

import com.google.protobuf.ByteString;
import io.faultline.memory.DirtyLog;
import io.faultline.memory.MemoryRegion;
import io.faultline.source.OutgoingVm;
import io.faultline.source.PageRange;
import java.util.List;
import java.util.function.Consumer;

/** A VM that leaves as a guest of QEMU does; see {@link RehearsedGuest}. */
final class RehearsedDeparture implements OutgoingVm {
  private final OutgoingVm vm;
  private final GuestDeparture departure;
  private Consumer<ByteString> parts = part -> {};

  RehearsedDeparture(OutgoingVm vm, GuestDeparture departure) {
    this.vm = vm;
    this.departure = departure;
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
    departure.passStateTo(to);
  }

  @Override
  public void pause() {
    vm.pause();
    long _ = MonitorCalls.call(departure::stop);
  }

  @Override
  public void resume() {
    departure.close();
    vm.resume();
  }

  @Override
  public List<PageRange> neededFirst() {
    return vm.neededFirst();
  }

  /** What QEMU wrote, the state of the VM, and the end of a guest's state. */
  @Override
  public ByteString deviceState() {
    return MonitorCalls.call(
        () -> {
          ByteString ofQemu = departure.take(departure.hasStoppedGuest());
          departure.close();
          int end = ofQemu.size() - GuestState.END_BYTES;
          ByteString ofVm = vm.deviceState();
          parts.accept(ofVm);
          return ofQemu.substring(0, end).concat(ofVm).concat(ofQemu.substring(end));
        });
  }
}
