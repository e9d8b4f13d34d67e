package io.faultline.demo.kvm;

import com.google.protobuf.ByteString;
import com.google.protobuf.InvalidProtocolBufferException;
import io.faultline.demo.kvm.linux.Kvm;
import io.faultline.demo.simulated.GuestMemory;
import io.faultline.memory.Backing;
import io.faultline.memory.MemoryRegion;
import io.faultline.uffd.Kernel;
import io.faultline.uffd.SystemCallException;
import java.util.List;
import java.util.function.Consumer;

/**
 * This machine's KVM, and the VMs that are built with it.
 *
 * <p>Thread-safe, except for closing.
 */
public final class KvmHost implements AutoCloseable {
  /** A gap that is longer counts as a page fault; see {@code VcpuFaults.THRESHOLD_NANOS}. */
  private static final long FAULT_NANOS = 10_000;

  private final Kernel kernel;
  private final Kvm kvm;
  private final HostProfile profile;
  private boolean closed;

  private KvmHost(Kernel kernel, Kvm kvm, HostProfile profile) {
    this.kernel = kernel;
    this.kvm = kvm;
    this.profile = profile;
  }

  /**
   * Opens it.
   *
   * @throws UnsupportedOperationException where no KVM VM can run here: the reason, and the command
   *     that helps where one does
   */
  public static KvmHost open(Kernel kernel) {
    if (!kernel.name().equals("kernel")) {
      throw new UnsupportedOperationException(
          "KVM needs the memory of the real kernel; choose --engine kernel");
    }
    Kvm kvm;
    try {
      kvm = Kvm.open();
    } catch (SystemCallException e) {
      throw new UnsupportedOperationException("no KVM here: " + e.getMessage(), e);
    }
    try {
      return new KvmHost(kernel, kvm, HostProfile.of(kvm));
    } catch (RuntimeException e) {
      kvm.close();
      throw e;
    }
  }

  /**
   * Builds a VM with its memory filled, ready to start.
   *
   * @param consoleLines gets each line that the guest writes to its console, on a vCPU's thread
   * @throws IllegalArgumentException where the configuration cannot work, with the remedy
   * @throws SystemCallException where the memory cannot be had
   */
  public KvmVm create(KvmVmConfig config, Consumer<String> consoleLines) {
    KvmVm vm = prepare(config, profile, config.programs().backing(), consoleLines);
    try {
      GuestMemory memory = new GuestMemory(kernel, config.programs());
      memory.fill(vm.ram());
      GuestRom rom = new GuestRom(config, memory);
      new PowerOnMemory(config, layout(config), profile.tscKhz(), rom).write(vm.regions());
      for (Vcpu vcpu : vm.vcpus()) {
        GuestState.powerOn(
            vcpu.kvm(), vcpu.number(), rom.program(vcpu.number()), config.programs().opsPerVcpu());
      }
      return vm;
    } catch (RuntimeException | Error e) {
      vm.close();
      throw e;
    }
  }

  /**
   * Builds a VM without touching its memory, for one that arrives from elsewhere.
   *
   * @param wanted what it uses of a host
   */
  KvmVm prepare(
      KvmVmConfig config, HostProfile wanted, Backing backing, Consumer<String> consoleLines) {
    List<MemoryRegion> regions = layout(config).map(kernel, backing);
    try {
      KvmParts parts = KvmParts.create(kvm, wanted, regions, config.programs().vcpus());
      try {
        return new KvmVm(kernel, config, wanted, regions, parts, consoleLines);
      } catch (RuntimeException | Error e) {
        parts.close();
        throw e;
      }
    } catch (RuntimeException | Error e) {
      regions.forEach(MemoryRegion::close);
      throw e;
    }
  }

  /**
   * Builds a VM again whose memory is in named files, with the state that it had when that memory
   * was written last; ready to start.
   *
   * @throws IllegalArgumentException where configuration or state cannot be those of a VM
   */
  public KvmVm restore(ByteString configuration, ByteString state, Consumer<String> consoleLines) {
    KvmConfigMessage kept;
    try {
      kept = KvmConfigMessage.decode(configuration);
    } catch (InvalidProtocolBufferException e) {
      throw new IllegalArgumentException("the configuration cannot be read: " + e.getMessage(), e);
    }
    Backing backing = kept.config().programs().backing();
    KvmVm vm = prepare(kept.config(), kept.profile(), backing, consoleLines);
    try {
      vm.loadState(state, 0);
      return vm;
    } catch (RuntimeException | Error e) {
      vm.close();
      throw e;
    }
  }

  /**
   * Refuses a VM that could not be built here, memory aside.
   *
   * @throws IllegalArgumentException with the remedy
   */
  public void require(KvmVmConfig config) {
    KvmParts.requireVcpus(kvm, config.programs().vcpus());
  }

  /**
   * Whether what no program may change is what it was at first: page tables, code, read-only
   * memory. Every page of it must be there, and the VM be paused.
   */
  public boolean fixedMemoryIsIntact(KvmVm vm) {
    return KvmVerification.fixedMemoryIsIntact(kernel, vm);
  }

  /**
   * Whether the memory of a VM that was migrated or not, paused between two operations, is what its
   * programs make of it; runs them again, in Java, with as much memory.
   */
  public boolean verify(KvmVm vm) {
    return KvmVerification.of(kernel, vm);
  }

  HostProfile profile() {
    return profile;
  }

  Kernel kernel() {
    return kernel;
  }

  Kvm kvm() {
    return kvm;
  }

  GuestLayout layout(KvmVmConfig config) {
    GuestMemory memory = new GuestMemory(kernel, config.programs());
    return GuestLayout.of(kernel, config, new GuestRom(config, memory).bytes());
  }

  static long faultTicks(int tscKhz) {
    return GuestClock.ticks(FAULT_NANOS, tscKhz);
  }

  /** After its VMs. A second time does nothing. */
  @Override
  public synchronized void close() {
    if (!closed) {
      closed = true;
      kvm.close();
    }
  }
}
