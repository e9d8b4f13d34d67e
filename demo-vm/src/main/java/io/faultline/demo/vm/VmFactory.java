package io.faultline.demo.vm;

import com.google.protobuf.ByteString;
import com.google.protobuf.InvalidProtocolBufferException;
import io.faultline.demo.kvm.KernelFaults;
import io.faultline.demo.kvm.KvmHost;
import io.faultline.demo.kvm.KvmRehearsal;
import io.faultline.demo.kvm.KvmVmConfig;
import io.faultline.demo.simulated.PagedRam;
import io.faultline.demo.simulated.SimulatedRehearsal;
import io.faultline.demo.simulated.SimulatedVm;
import io.faultline.demo.simulated.SimulatedVmConfig;
import io.faultline.uffd.Kernel;
import java.util.function.Consumer;

/** Builds simulated and KVM VMs. */
public final class VmFactory {
  private VmFactory() {}

  /**
   * Checks that a VM could be built here.
   *
   * @throws IllegalArgumentException if the configuration is impossible for this kind of VM, with
   *     the remedy
   * @throws UnsupportedOperationException if this kind of VM cannot run on this machine, with the
   *     reason
   */
  public static void require(VmKind kind, Kernel kernel, SimulatedVmConfig programs) {
    programs.requireFits(kernel);
    if (kind == VmKind.QEMU) {
      throw unsupported();
    }
    if (kind == VmKind.KVM) {
      KvmVmConfig config = KvmVmConfig.of(programs);
      try (KvmHost host = KvmHost.open(kernel)) {
        host.require(config);
      }
    }
  }

  /**
   * Rehearses a switchover, then builds a VM with its memory filled, ready to start.
   *
   * @param consoleLines gets each line that the guest writes to its console, on a vCPU's thread
   * @throws io.faultline.uffd.SystemCallException if the kernel refuses the memory
   */
  public static HostedVm create(
      VmKind kind, Kernel kernel, SimulatedVmConfig programs, Consumer<String> consoleLines) {
    return switch (kind) {
      case SIMULATED -> {
        SimulatedRehearsal.run(kernel);
        yield new SimulatedHostedVm(SimulatedVm.create(kernel, programs));
      }
      case KVM -> createKvm(kernel, programs, consoleLines);
      case QEMU -> throw unsupported();
    };
  }

  /**
   * Rehearses a switchover, then builds a simulated VM whose memory is paged, filled and ready to
   * start.
   *
   * @param ram of zeros, which the VM owns, also if this fails
   */
  public static HostedVm createPaged(Kernel kernel, SimulatedVmConfig programs, PagedRam ram) {
    SimulatedRehearsal.run(kernel);
    return new SimulatedHostedVm(SimulatedVm.paged(kernel, programs, ram));
  }

  /**
   * Rebuilds a paused VM whose memory is in the named files of its configuration, ready to start.
   *
   * @param type what {@code OutgoingVm.type()} returned
   * @param configuration what {@code OutgoingVm.configuration()} returned
   * @param state what {@code OutgoingVm.deviceState()} returned
   * @throws IllegalArgumentException if they are not those of such a VM
   * @throws io.faultline.uffd.SystemCallException if the kernel refuses the memory
   */
  public static HostedVm restore(
      String type,
      Kernel kernel,
      ByteString configuration,
      ByteString state,
      Consumer<String> consoleLines) {
    if (type.equals(VmKind.SIMULATED.toString())) {
      return new SimulatedHostedVm(SimulatedVm.restore(kernel, parse(configuration), state));
    }
    if (!type.equals(VmKind.KVM.toString())) {
      throw new IllegalArgumentException("a VM of type '" + type + "' cannot run here");
    }
    KvmHost host = KvmHost.open(kernel);
    try {
      ConsoleTicks ticks = new ConsoleTicks(consoleLines);
      return new KvmHostedVm(host, host.restore(configuration, state, ticks), ticks);
    } catch (RuntimeException | Error e) {
      host.close();
      throw e;
    }
  }

  /** Whether a VM of this kind can run here, and can be the destination of a migration. */
  public static boolean canMigrate(VmKind kind, Kernel kernel) {
    if (kind != VmKind.KVM) {
      return kind == VmKind.SIMULATED;
    }
    try (KvmHost _ = KvmHost.open(kernel)) {
      return KernelFaults.problem(kernel).isEmpty();
    } catch (UnsupportedOperationException e) {
      return false;
    }
  }

  private static IllegalArgumentException unsupported() {
    return new IllegalArgumentException(
        "a guest of QEMU is not built here, but taken from a running one");
  }

  private static SimulatedVmConfig parse(ByteString configuration) {
    try {
      return SimulatedVmConfig.parse(configuration);
    } catch (InvalidProtocolBufferException e) {
      throw new IllegalArgumentException("cannot parse the configuration: " + e.getMessage(), e);
    }
  }

  private static HostedVm createKvm(
      Kernel kernel, SimulatedVmConfig programs, Consumer<String> consoleLines) {
    KvmHost host = KvmHost.open(kernel);
    try {
      KvmRehearsal.run(host);
      ConsoleTicks ticks = new ConsoleTicks(consoleLines);
      return new KvmHostedVm(host, host.create(KvmVmConfig.of(programs), ticks), ticks);
    } catch (RuntimeException | Error e) {
      host.close();
      throw e;
    }
  }
}
