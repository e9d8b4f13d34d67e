package io.faultline.qemu.vm;

import com.google.protobuf.ByteString;
import io.faultline.dest.AnnouncedRegion;
import io.faultline.dest.IncomingVm;
import io.faultline.dest.IncomingVmException;
import io.faultline.memory.Backing;
import io.faultline.memory.MemoryRegion;
import java.io.IOException;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** A VM that arrives as a guest of QEMU does; see {@link RehearsedGuest}. */
final class RehearsedArrival implements IncomingVm {
  private final IncomingVm vm;
  private final GuestArrival arrival;
  private final boolean polled;

  /** Of the state: what has arrived so far. */
  private volatile ByteString parts = ByteString.EMPTY;

  RehearsedArrival(IncomingVm vm, GuestArrival arrival, boolean polled) {
    this.vm = vm;
    this.arrival = arrival;
    this.polled = polled;
  }

  @Override
  public Backing backing(String type, ByteString configuration, AnnouncedRegion region) {
    return vm.backing(type, configuration, region);
  }

  @Override
  public List<MemoryRegion> prepare(
      String type, ByteString configuration, List<AnnouncedRegion> announced)
      throws IncomingVmException {
    List<MemoryRegion> regions = vm.prepare(type, configuration, announced);
    try {
      arrival.open();
    } catch (IOException e) {
      throw new IncomingVmException(String.valueOf(e.getMessage()), e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IncomingVmException("interrupted while a rehearsal was prepared", e);
    }
    return regions;
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
  public void loadPart(ByteString part) throws IncomingVmException {
    parts = parts.concat(part);
    arrival.loadPart(part);
  }

  @Override
  public void loadDeviceState(ByteString state, long clockOffsetNanos) throws IncomingVmException {
    arrival.load(state);
    loadVm(state, clockOffsetNanos);
  }

  private void loadVm(ByteString rest, long clockOffsetNanos) throws IncomingVmException {
    ByteString all = parts.concat(rest);
    int end = all.size() - GuestState.END_BYTES;
    vm.loadDeviceState(all.substring(RehearsedQemu.STATE_BYTES, end), clockOffsetNanos);
  }

  @Override
  public @Nullable Loading beginLoading(ByteString state, long clockOffsetNanos)
      throws IncomingVmException {
    Loading begun = polled ? arrival.begin(state) : null;
    return begun == null ? null : new LoadingOfBoth(begun, state, clockOffsetNanos);
  }

  /** By QEMU, and then by the VM. */
  private final class LoadingOfBoth implements Loading {
    private final Loading byQemu;
    private final ByteString rest;
    private final long clockOffsetNanos;

    private LoadingOfBoth(Loading byQemu, ByteString rest, long clockOffsetNanos) {
      this.byQemu = byQemu;
      this.rest = rest;
      this.clockOffsetNanos = clockOffsetNanos;
    }

    @Override
    public int descriptor() {
      return byQemu.descriptor();
    }

    @Override
    public boolean isDone() throws IncomingVmException {
      if (!byQemu.isDone()) {
        return false;
      }
      loadVm(rest, clockOffsetNanos);
      return true;
    }
  }

  @Override
  public void start(FirstInstruction onFirstInstruction) {
    arrival.start(nanoTime -> {});
    vm.start(onFirstInstruction);
  }

  @Override
  public void abandon() {
    vm.abandon();
  }
}
