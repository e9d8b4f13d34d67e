package io.faultline.demo.simulated;

import com.google.protobuf.ByteString;
import com.google.protobuf.InvalidProtocolBufferException;
import io.faultline.dest.AnnouncedRegion;
import io.faultline.dest.IncomingVm;
import io.faultline.dest.IncomingVmException;
import io.faultline.memory.Backing;
import io.faultline.memory.MemoryRegion;
import io.faultline.memory.PageBitmap;
import io.faultline.uffd.Advice;
import io.faultline.uffd.Kernel;
import io.faultline.uffd.SystemCallException;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * A simulated VM as an incoming migration sees it. Owns the VM that it builds: close it when the VM
 * is done with.
 */
public final class SimulatedDestination implements IncomingVm, AutoCloseable {
  private final Kernel kernel;
  private final @Nullable Backing wantedBacking;
  private volatile @Nullable SimulatedVm vm;

  /** Memory is made of what it is made of at the source; a named file becomes nameless. */
  public SimulatedDestination(Kernel kernel) {
    this(kernel, null);
  }

  /**
   * @param backing what to make memory of; null for what the source has
   */
  public SimulatedDestination(Kernel kernel, @Nullable Backing backing) {
    this.kernel = kernel;
    this.wantedBacking = backing;
  }

  /** The VM, once it is prepared. Any thread. */
  public Optional<SimulatedVm> vm() {
    return Optional.ofNullable(vm);
  }

  @Override
  public List<MemoryRegion> prepare(
      String type, ByteString configuration, List<AnnouncedRegion> announced)
      throws IncomingVmException {
    if (vm != null) {
      throw new IllegalStateException("a VM was prepared before");
    }
    if (!type.equals(SimulatedSource.TYPE)) {
      throw new IncomingVmException(
          "a VM of type '" + type + "' cannot run here, only '" + SimulatedSource.TYPE + "'");
    }
    try {
      SimulatedVmConfig config = SimulatedVmConfig.parse(configuration);
      Backing backing = wantedBacking == null ? config.backing().unnamed() : wantedBacking;
      check(announced, config, backing);
      SimulatedRehearsal.run(kernel);
      SimulatedVm prepared = SimulatedVm.prepare(kernel, config, backing);
      vm = prepared;
      prepared.makeReady();
      if (backing.kind() == Backing.Kind.FILE) { // what it holds would be taken for the guest's
        MemoryRegion ram = prepared.ram();
        kernel.advise(ram.guest().address(), ram.sizeBytes(), Advice.REMOVE);
      }
      return List.of(prepared.ram());
    } catch (InvalidProtocolBufferException | IllegalArgumentException e) {
      throw new IncomingVmException("the VM's configuration: " + e.getMessage(), e);
    } catch (SystemCallException e) {
      throw new IncomingVmException("no memory for the VM: " + e.getMessage(), e);
    } catch (IllegalStateException e) {
      throw new IncomingVmException("the VM cannot be made ready: " + e.getMessage(), e);
    }
  }

  @Override
  public void loadDeviceState(ByteString state, long clockOffsetNanos) throws IncomingVmException {
    try {
      prepared().loadState(state, clockOffsetNanos);
    } catch (IllegalArgumentException e) {
      throw new IncomingVmException("the VM's device state: " + e.getMessage(), e);
    }
  }

  @Override
  public void start(FirstInstruction onFirstInstruction) {
    prepared().start(onFirstInstruction::ran);
  }

  @Override
  public void abandon() {
    SimulatedVm current = vm;
    if (current != null) {
      current.abandon();
    }
  }

  /** Its MMU refuses lost pages: the SIGBUS of a poisoned one would end the JVM. */
  @Override
  public boolean lose(List<PageBitmap> lost) {
    prepared().lose(lost.getFirst());
    return true;
  }

  @Override
  public boolean isClearOfLost() {
    return prepared().isClearOfLost();
  }

  /** See {@link SimulatedVm#close}. */
  @Override
  public void close() {
    SimulatedVm current = vm;
    if (current != null) {
      current.close();
    }
  }

  private SimulatedVm prepared() {
    SimulatedVm current = vm;
    if (current == null) {
      throw new IllegalStateException("no VM was prepared");
    }
    return current;
  }

  private void check(List<AnnouncedRegion> announced, SimulatedVmConfig config, Backing backing)
      throws IncomingVmException {
    if (announced.size() != 1 || announced.getFirst().id() != 0) {
      throw new IncomingVmException(
          "a simulated VM has one region, with id 0; announced: " + announced);
    }
    AnnouncedRegion ram = announced.getFirst();
    if (ram.sizeBytes() != config.ramBytes()) {
      throw new IncomingVmException(
          "RAM of " + config.ramBytes() + " bytes was announced as " + ram.sizeBytes());
    }
    long configured = kernel.pageSizeBytes(config.backing().pageSize());
    long here = kernel.pageSizeBytes(backing.pageSize());
    if (ram.pageBytes() != configured || ram.pageBytes() != here) {
      throw new IncomingVmException(
          String.format(
              "the source has pages of %d bytes (%s), here they are of %d bytes (%s);"
                  + " choose the same backing at both ends",
              ram.pageBytes(), config.backing(), here, backing));
    }
  }
}
