package io.faultline.demo.kvm;

import com.google.protobuf.ByteString;
import io.faultline.demo.kvm.linux.KvmVcpu;
import io.faultline.demo.kvm.linux.Msrs;
import io.faultline.demo.kvm.linux.VcpuPart;
import io.faultline.demo.kvm.state.KvmVcpuState;
import io.faultline.demo.kvm.state.Msr;
import java.util.List;
import java.util.OptionalLong;

/** The state of a vCPU that does not run, to and from its message. */
final class VcpuStateCodec {
  private final HostProfile profile;
  private final List<VcpuPart> parts;

  /**
   * @param profile what the VM uses of a host
   */
  VcpuStateCodec(HostProfile profile) {
    this.profile = profile;
    this.parts = profile.parts();
  }

  KvmVcpuState save(KvmVcpu vcpu) {
    KvmVcpuState.Builder state = KvmVcpuState.newBuilder();
    state.setTsc(vcpu.msrs().get(Msrs.TSC).orElseThrow());
    for (VcpuPart part : parts) {
      state.putParts(part.name(), ByteString.copyFrom(vcpu.get(part)));
    }
    profile.msrs().stream()
        .filter(index -> index != Msrs.TSC)
        .sorted(Integer::compareUnsigned)
        .forEach(index -> addMsr(vcpu, index, state));
    return state.build();
  }

  /** The list names registers that this vCPU may lack: it says so, and they are no state of it. */
  private static void addMsr(KvmVcpu vcpu, int index, KvmVcpuState.Builder state) {
    OptionalLong value = vcpu.msrs().get(index);
    if (value.isPresent()) {
      state.addMsrs(Msr.newBuilder().setIndex(index).setValue(value.getAsLong()));
    }
  }

  /**
   * Loads it, in the order in which the parts depend on each other.
   *
   * @param elapsedNanos since it was saved: the vCPU's time goes on from there
   * @throws IllegalArgumentException where something is missing or does not fit
   */
  void load(KvmVcpu vcpu, KvmVcpuState state, long elapsedNanos) {
    requireExactly(state);
    for (VcpuPart part : parts) {
      if (part == VcpuPart.EVENTS) {
        loadMsrs(vcpu, state);
        long tsc = state.getTsc() + GuestClock.ticks(elapsedNanos, profile.tscKhz());
        requireMsr(vcpu, Msrs.TSC, tsc);
      }
      byte[] bytes = state.getPartsOrThrow(part.name()).toByteArray();
      vcpu.set(part, part == VcpuPart.REGS ? GuestState.arrived(bytes) : bytes);
    }
  }

  private void requireExactly(KvmVcpuState state) {
    for (VcpuPart part : parts) {
      if (!state.containsParts(part.name())) {
        throw new IllegalArgumentException("a vCPU's state lacks its " + part);
      }
    }
    if (state.getPartsCount() != parts.size()) {
      throw new IllegalArgumentException(
          "a vCPU's state has " + state.getPartsMap().keySet() + ", where " + parts + " are due");
    }
  }

  private void loadMsrs(KvmVcpu vcpu, KvmVcpuState state) {
    for (Msr msr : state.getMsrsList()) {
      if (!profile.msrs().contains(msr.getIndex())) {
        throw new IllegalArgumentException(Msrs.name(msr.getIndex()) + " was not told of before");
      }
      requireMsr(vcpu, msr.getIndex(), msr.getValue());
    }
  }

  /** Some registers cannot be written; it is enough that they hold what they should. */
  private static void requireMsr(KvmVcpu vcpu, int index, long value) {
    if (!vcpu.msrs().set(index, value)) {
      OptionalLong here = vcpu.msrs().get(index);
      if (here.isEmpty() || here.getAsLong() != value) {
        throw new IllegalArgumentException(
            String.format("%s cannot be set to 0x%x here", Msrs.name(index), value));
      }
    }
  }
}
