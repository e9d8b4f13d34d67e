package io.faultline.cli.rehearsal;

import com.google.protobuf.ByteString;
import io.faultline.dest.AnnouncedRegion;
import io.faultline.dest.IncomingVm;
import io.faultline.dest.IncomingVmException;
import io.faultline.memory.Backing;
import io.faultline.memory.MemoryRegion;
import io.faultline.uffd.linux.process.DescriptorPair;
import java.lang.foreign.Arena;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Takes the state of a {@link VmInParts}, as a QEMU does; the control loop sees that it is loaded
 * at a descriptor, or another thread waits for that.
 */
final class VmLoadedInParts implements IncomingVm, AutoCloseable {
  private final IncomingVm vm;

  /** Whose one end is readable; null for a state that a thread waits for. */
  private final @Nullable DescriptorPair monitor;

  /** Of the state: what has arrived so far. */
  private volatile ByteString parts = ByteString.EMPTY;

  /**
   * @param polled whether the control loop polls a descriptor, for which it needs epoll
   */
  VmLoadedInParts(IncomingVm vm, boolean polled) {
    this.vm = vm;
    monitor = polled ? DescriptorPair.open() : null;
    if (monitor != null) {
      try (Arena arena = Arena.ofConfined()) {
        int _ = monitor.other().send(arena.allocate(1).address(), 1);
      }
    }
  }

  @Override
  public Backing backing(String type, ByteString configuration, AnnouncedRegion region) {
    return vm.backing(type, configuration, region);
  }

  @Override
  public List<MemoryRegion> prepare(
      String type, ByteString configuration, List<AnnouncedRegion> announced)
      throws IncomingVmException {
    return vm.prepare(type, configuration, announced);
  }

  @Override
  public boolean loadTouchesMemory() {
    return true;
  }

  @Override
  public boolean loadsInParts() {
    return true;
  }

  @Override
  public void loadPart(ByteString part) {
    parts = parts.concat(part);
  }

  @Override
  public void loadDeviceState(ByteString state, long clockOffsetNanos) throws IncomingVmException {
    ByteString all = parts.concat(state);
    vm.loadDeviceState(all.substring(0, all.size() - VmInParts.PADDING_BYTES), clockOffsetNanos);
  }

  @Override
  public @Nullable Loading beginLoading(ByteString state, long clockOffsetNanos)
      throws IncomingVmException {
    if (monitor == null) {
      return null;
    }
    loadDeviceState(state, clockOffsetNanos);
    int descriptor = monitor.one().fd();
    return new Loading() {
      private boolean asked;

      @Override
      public int descriptor() {
        return descriptor;
      }

      @Override
      public boolean isDone() {
        boolean done = asked;
        asked = true;
        return done;
      }
    };
  }

  @Override
  public void start(FirstInstruction onFirstInstruction) {
    vm.start(onFirstInstruction);
  }

  @Override
  public void abandon() {
    vm.abandon();
  }

  @Override
  public void close() {
    if (monitor != null) {
      monitor.close();
    }
  }
}
