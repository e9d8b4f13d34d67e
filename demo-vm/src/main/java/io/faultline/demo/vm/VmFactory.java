package io.faultline.demo.vm;

import com.google.protobuf.ByteString;
import com.google.protobuf.InvalidProtocolBufferException;
import io.faultline.demo.kvm.KernelFaults;
import io.faultline.demo.kvm.KvmHost;
import io.faultline.demo.kvm.KvmRehearsal;
import io.faultline.demo.kvm.KvmVmConfig;
import io.faultline.demo.simulated.SimulatedRehearsal;
import io.faultline.demo.simulated.SimulatedVm;
import io.faultline.demo.simulated.SimulatedVmConfig;
import io.faultline.uffd.Kernel;
import java.util.function.Consumer;

/** Builds VMs. */
public final class VmFactory {
  private VmFactory() {}

  /**
   * Refuses what cannot be.
   *
   * @throws IllegalArgumentException where a VM of the kind cannot be of that configuration, with
   *     the remedy
   * @throws UnsupportedOperationException where it cannot run on this machine, with the reason
   */
  public static void require(VmKind kind, Kernel kernel, SimulatedVmConfig programs) {
    programs.requireFits(kernel);
    if (kind == VmKind.KVM) {
      KvmVmConfig config = KvmVmConfig.of(programs);
      try (KvmHost host = KvmHost.open(kernel)) {
        host.require(config);
      }
    }
  }

  /**
   * Builds a VM with its memory filled, ready to start; what runs in its pause has run once then.
   *
   * @param consoleLines gets each line that the guest writes to its console, on a vCPU's thread
   * @throws io.faultline.uffd.SystemCallException where the memory cannot be had
   */
  public static HostedVm create(
      VmKind kind, Kernel kernel, SimulatedVmConfig programs, Consumer<String> consoleLines) {
    return switch (kind) {
      case SIMULATED -> {
        SimulatedRehearsal.run(kernel);
        yield new SimulatedHostedVm(SimulatedVm.create(kernel, programs));
      }
      case KVM -> createKvm(kernel, programs, consoleLines);
    };
  }

  /**
   * Builds a VM again whose memory is in the named files of its configuration, and whose state was
   * kept when it was paused; ready to start.
   *
   * @param type as {@code OutgoingVm.type()} said
   * @throws IllegalArgumentException where configuration and state are not those of such a VM
   * @throws io.faultline.uffd.SystemCallException where the memory cannot be had
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

  /** Whether a VM of the kind can run here, and can come here. */
  public static boolean canMigrate(VmKind kind, Kernel kernel) {
    if (kind == VmKind.SIMULATED) {
      return true;
    }
    try (KvmHost _ = KvmHost.open(kernel)) {
      return KernelFaults.problem(kernel).isEmpty();
    } catch (UnsupportedOperationException e) {
      return false;
    }
  }

  private static SimulatedVmConfig parse(ByteString configuration) {
    try {
      return SimulatedVmConfig.parse(configuration);
    } catch (InvalidProtocolBufferException e) {
      throw new IllegalArgumentException("the configuration cannot be read: " + e.getMessage(), e);
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
