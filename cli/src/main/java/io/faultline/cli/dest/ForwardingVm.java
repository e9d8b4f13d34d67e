package io.faultline.cli.dest;

import com.google.protobuf.ByteString;
import io.faultline.dest.AnnouncedRegion;
import io.faultline.dest.IncomingVm;
import io.faultline.dest.IncomingVmException;
import io.faultline.memory.Backing;
import io.faultline.memory.MemoryRegion;
import io.faultline.memory.PageBitmap;
import io.faultline.uffd.Kernel;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** Forwards every call to another VM; subclasses add to some of them. */
public abstract class ForwardingVm implements IncomingVm {
  private final IncomingVm vm;

  /** Made beforehand: else the VM would wait until its class is loaded. */
  private final ForwardedLoading loading = new ForwardedLoading();

  protected ForwardingVm(IncomingVm vm) {
    this.vm = vm;
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
  public Kernel kernelOfGuest(Kernel machine) {
    return vm.kernelOfGuest(machine);
  }

  @Override
  public void loadDeviceState(ByteString state, long clockOffsetNanos) throws IncomingVmException {
    vm.loadDeviceState(state, clockOffsetNanos);
  }

  @Override
  public boolean loadsInParts() {
    return vm.loadsInParts();
  }

  @Override
  public void loadPart(ByteString part) throws IncomingVmException {
    vm.loadPart(part);
  }

  @Override
  public boolean loadTouchesMemory() {
    return vm.loadTouchesMemory();
  }

  @Override
  public @Nullable Loading beginLoading(ByteString state, long clockOffsetNanos)
      throws IncomingVmException {
    Loading begun = vm.beginLoading(state, clockOffsetNanos);
    loading.of = begun;
    return begun == null ? null : loading;
  }

  /** The state was loaded by {@link #beginLoading}. */
  void loaded() {}

  private final class ForwardedLoading implements Loading {
    private @Nullable Loading of;

    @Override
    public int descriptor() {
      return begun().descriptor();
    }

    @Override
    public boolean isDone() throws IncomingVmException {
      boolean done = begun().isDone();
      if (done) {
        loaded();
      }
      return done;
    }

    private Loading begun() {
      return Objects.requireNonNull(of, "not begun");
    }
  }

  @Override
  public void start(FirstInstruction onFirstInstruction) {
    vm.start(onFirstInstruction);
  }

  @Override
  public boolean lose(List<PageBitmap> lost) {
    return vm.lose(lost);
  }

  @Override
  public boolean isClearOfLost() {
    return vm.isClearOfLost();
  }

  @Override
  public @Nullable String ended() {
    return vm.ended();
  }

  @Override
  public void abandon() {
    vm.abandon();
  }
}
