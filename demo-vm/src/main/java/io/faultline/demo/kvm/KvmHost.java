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
 * The KVM of this machine; builds and verifies VMs.
 *
 * <p>Thread-safe, except for closing.
 */
public final class KvmHost implements AutoCloseable {
  /** A longer gap counts as a page fault; see {@code VcpuFaults.THRESHOLD_NANOS}. */
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
   * Opens KVM.
   *
   * @throws UnsupportedOperationException if no KVM VM can run here, with the reason and, if there
   *     is one, the command that helps
   */
  public static KvmHost open(Kernel kernel) {
    if (!kernel.name().equals("kernel")) {
      throw new UnsupportedOperationException(
          "KVM needs memory of the real kernel; choose --engine kernel");
    }
    Kvm kvm;
    try {
      kvm = Kvm.open();
    } catch (SystemCallException e) {
      throw new UnsupportedOperationException("KVM is not available: " + e.getMessage(), e);
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
   * @throws IllegalArgumentException if the configuration is impossible, with the remedy
   * @throws SystemCallException if the kernel refuses the memory
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
   * Builds a VM for an incoming migration, without touching its memory.
   *
   * @param wanted the features of a host that it uses
   * @param backing of RAM here
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
   * Rebuilds a VM whose memory is in named files, ready to start.
   *
   * @param state the state that it had when its memory was last written
   * @throws IllegalArgumentException if configuration or state cannot be those of such a VM
   */
  public KvmVm restore(ByteString configuration, ByteString state, Consumer<String> consoleLines) {
    KvmConfigMessage saved;
    try {
      saved = KvmConfigMessage.decode(configuration);
    } catch (InvalidProtocolBufferException e) {
      throw new IllegalArgumentException("cannot parse the configuration: " + e.getMessage(), e);
    }
    Backing backing = saved.config().programs().backing();
    KvmVm vm = prepare(saved.config(), saved.profile(), backing, consoleLines);
    try {
      vm.loadState(state, 0);
      return vm;
    } catch (RuntimeException | Error e) {
      vm.close();
      throw e;
    }
  }

  /**
   * Checks that a VM of this configuration could be built here, except for its memory.
   *
   * @throws IllegalArgumentException if not, with the remedy
   */
  public void require(KvmVmConfig config) {
    KvmParts.requireVcpus(kvm, config.programs().vcpus());
  }

  /**
   * Whether the memory that no program changes (page tables, code, read-only memory) still has its
   * initial contents. All of its pages must be present, and the VM must be paused.
   */
  public boolean fixedMemoryIsIntact(KvmVm vm) {
    return KvmVerification.fixedMemoryIsIntact(kernel, vm);
  }

  /**
   * Whether memory and registers of a VM, paused between two operations, are the result of its
   * programs. Runs the programs in Java, which needs as much memory as the VM.
   */
  public boolean verify(KvmVm vm) {
    return KvmVerification.verify(kernel, vm);
  }

  /** The frequency of the time stamp counter of its vCPUs, in kHz. */
  public int tscKhz() {
    return profile.tscKhz();
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

  /** After its VMs were closed. Idempotent. */
  @Override
  public synchronized void close() {
    if (!closed) {
      closed = true;
      kvm.close();
    }
  }
}
