package io.faultline.demo.kvm;

import com.google.protobuf.ByteString;
import com.google.protobuf.InvalidProtocolBufferException;
import io.faultline.demo.kvm.linux.KvmVcpu;
import io.faultline.demo.kvm.state.KvmState;

/** Encodes and decodes the state of a paused VM, {@code kvm_vm.proto}. */
final class VmStateCodec {
  private final KvmParts parts;
  private final GuestConsole console;
  private final VcpuStateCodec vcpuCodec;

  VmStateCodec(KvmParts parts, HostProfile profile, GuestConsole console) {
    this.parts = parts;
    this.console = console;
    this.vcpuCodec = new VcpuStateCodec(profile, parts.vcpus().getFirst());
  }

  /**
   * @param arrivals how often the VM has migrated
   */
  ByteString save(int arrivals) {
    KvmState.Builder state =
        KvmState.newBuilder()
            .setVersion(KvmConfigMessage.VERSION)
            .setArrivals(arrivals)
            .setTakenAtNanos(System.nanoTime())
            .setClockNanos(parts.machine().clockNanos())
            .setConsoleLine(console.incompleteLine());
    parts.vcpus().forEach(vcpu -> state.addVcpus(vcpuCodec.save(vcpu)));
    return state.build().toByteString();
  }

  /**
   * Loads the state of another VM.
   *
   * @param clockOffsetNanos what to add to the source's {@link System#nanoTime} to get this
   *     machine's
   * @return how often the VM had migrated before
   * @throws IllegalArgumentException if it cannot be a state of this VM
   */
  int load(ByteString bytes, long clockOffsetNanos) {
    KvmState state = parse(bytes);
    KvmConfigMessage.requireVersion(state.getVersion());
    if (state.getVcpusCount() != parts.vcpus().size()) {
      throw new IllegalArgumentException(
          "device state of "
              + state.getVcpusCount()
              + " vCPUs for a VM of "
              + parts.vcpus().size());
    }
    if (state.getArrivals() < 0 || state.getArrivals() == Integer.MAX_VALUE) {
      throw new IllegalArgumentException(
          "device state of a VM that migrated " + state.getArrivals() + " times");
    }
    // If the offset is wrong, the guest's time may stand still, but it never goes backwards.
    long takenAt = state.getTakenAtNanos() + clockOffsetNanos;
    long elapsedNanos = Math.max(0, System.nanoTime() - takenAt);
    parts.machine().setClockNanos(state.getClockNanos() + elapsedNanos);
    for (int n = 0; n < parts.vcpus().size(); n++) {
      KvmVcpu vcpu = parts.vcpus().get(n);
      vcpuCodec.load(vcpu, state.getVcpus(n), elapsedNanos);
    }
    console.continueLine(state.getConsoleLine());
    return state.getArrivals();
  }

  private static KvmState parse(ByteString bytes) {
    try {
      return KvmState.parseFrom(bytes);
    } catch (InvalidProtocolBufferException e) {
      throw new IllegalArgumentException("cannot parse the device state: " + e.getMessage(), e);
    }
  }
}
