package io.faultline.demo.incoming;

import com.google.protobuf.ByteString;
import com.google.protobuf.InvalidProtocolBufferException;
import io.faultline.dest.AnnouncedRegion;
import io.faultline.dest.IncomingVm;
import io.faultline.dest.IncomingVmException;
import io.faultline.memory.Backing;
import io.faultline.memory.MemoryRegion;
import io.faultline.uffd.Advice;
import io.faultline.uffd.Kernel;
import io.faultline.uffd.SystemCallException;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * A VM of one kind as an incoming migration sees it. Owns the VM that it builds: close it when the
 * VM is no longer needed.
 *
 * @param <V> the kind of VM
 */
public abstract class DemoDestination<V extends ArrivingVm> implements IncomingVm, AutoCloseable {
  private final Kernel kernel;
  private final String supportedType;
  private final @Nullable Backing wantedBacking;
  private volatile @Nullable V vm;

  /**
   * @param supportedType the only {@code OutgoingVm.type()} that it accepts
   * @param backing of the memory here; null for the source's, a named file becoming nameless
   */
  protected DemoDestination(Kernel kernel, String supportedType, @Nullable Backing backing) {
    this.kernel = kernel;
    this.supportedType = supportedType;
    this.wantedBacking = backing;
  }

  /**
   * Builds the VM and maps its memory, without touching it.
   *
   * @throws IncomingVmException if it cannot run here, with the reason
   * @throws InvalidProtocolBufferException if the configuration cannot be parsed
   * @throws IllegalArgumentException if the configuration describes an impossible VM
   * @throws SystemCallException if the kernel refuses memory or another part of the VM
   */
  protected abstract V build(ByteString configuration, List<AnnouncedRegion> announced)
      throws IncomingVmException, InvalidProtocolBufferException;

  /** The backing of RAM here, for a VM that has this one at the source. */
  protected final Backing backingFor(Backing atSource) {
    return wantedBacking == null ? atSource.unnamed() : wantedBacking;
  }

  /** The VM, once it is prepared. Any thread. */
  public final Optional<V> vm() {
    return Optional.ofNullable(vm);
  }

  @Override
  public final List<MemoryRegion> prepare(
      String type, ByteString configuration, List<AnnouncedRegion> announced)
      throws IncomingVmException {
    if (vm != null) {
      throw new IllegalStateException("a VM was already prepared");
    }
    if (!type.equals(supportedType)) {
      throw new IncomingVmException(
          "a VM of type '" + type + "' cannot run here, only '" + supportedType + "'");
    }
    try {
      V built = build(configuration, announced);
      vm = built;
      built.makeReady();
      discardFileContents(built.regions());
      return built.regions();
    } catch (InvalidProtocolBufferException | IllegalArgumentException e) {
      throw new IncomingVmException("the VM's configuration: " + e.getMessage(), e);
    } catch (SystemCallException e) {
      throw new IncomingVmException("the VM cannot be built here: " + e.getMessage(), e);
    } catch (IllegalStateException e) {
      throw new IncomingVmException("the VM cannot be made ready: " + e.getMessage(), e);
    }
  }

  /** A named file may have old contents, which must not be treated as pages of the guest. */
  private void discardFileContents(List<MemoryRegion> regions) {
    for (MemoryRegion region : regions) {
      if (region.backing().kind() == Backing.Kind.FILE) {
        kernel.advise(region.guest().address(), region.sizeBytes(), Advice.REMOVE);
      }
    }
  }

  @Override
  public final void loadDeviceState(ByteString state, long clockOffsetNanos)
      throws IncomingVmException {
    try {
      prepared().loadState(state, clockOffsetNanos);
    } catch (IllegalArgumentException | SystemCallException e) {
      throw new IncomingVmException("the VM's device state: " + e.getMessage(), e);
    }
  }

  @Override
  public final void start(FirstInstruction onFirstInstruction) {
    prepared().start(onFirstInstruction::ran);
  }

  @Override
  public final void abandon() {
    V current = vm;
    if (current != null) {
      current.abandon();
    }
  }

  /** The VM that {@link #prepare} built. */
  protected final V prepared() {
    V current = vm;
    if (current == null) {
      throw new IllegalStateException("no VM was prepared");
    }
    return current;
  }

  /** Closes the VM, if there is one. */
  @Override
  public final void close() {
    V current = vm;
    if (current != null) {
      current.close();
    }
  }
}
