package io.faultline.demo.kvm;

import com.google.protobuf.ByteString;
import io.faultline.demo.kvm.linux.KvmVcpu;
import io.faultline.demo.kvm.linux.Msrs;
import io.faultline.demo.kvm.linux.VcpuPart;
import io.faultline.demo.kvm.state.KvmVcpuState;
import io.faultline.demo.kvm.state.Msr;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** The state of a vCPU that does not run, to and from its message. */
final class VcpuStateCodec {
  private final HostProfile profile;
  private final List<VcpuPart> parts;
  private final List<Integer> msrs;

  /**
   * @param profile what the VM uses of a host
   * @param first one of its vCPUs, which all have the same registers: the host's list names some
   *     that this kind of vCPU lacks, and each costs a call
   */
  VcpuStateCodec(HostProfile profile, KvmVcpu first) {
    this.profile = profile;
    this.parts = profile.parts();
    List<Integer> wanted =
        profile.msrs().stream()
            .filter(index -> index != Msrs.TSC)
            .sorted(Integer::compareUnsigned)
            .toList();
    this.msrs = List.copyOf(first.msrs().get(wanted).keySet());
  }

  KvmVcpuState save(KvmVcpu vcpu) {
    KvmVcpuState.Builder state = KvmVcpuState.newBuilder();
    state.setTsc(tsc(vcpu));
    for (VcpuPart part : parts) {
      state.putParts(part.name(), ByteString.copyFrom(vcpu.get(part)));
    }
    vcpu.msrs()
        .get(msrs)
        .forEach((index, value) -> state.addMsrs(Msr.newBuilder().setIndex(index).setValue(value)));
    return state.build();
  }

  private static long tsc(KvmVcpu vcpu) {
    return vcpu.msrs().get(List.of(Msrs.TSC)).values().stream().findFirst().orElseThrow();
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
        requireMsrs(vcpu, Map.of(Msrs.TSC, tsc));
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
    Map<Integer, Long> wanted = new LinkedHashMap<>();
    for (Msr msr : state.getMsrsList()) {
      if (!profile.msrs().contains(msr.getIndex())) {
        throw new IllegalArgumentException(Msrs.name(msr.getIndex()) + " was not told of before");
      }
      wanted.put(msr.getIndex(), msr.getValue());
    }
    requireMsrs(vcpu, wanted);
  }

  /** Some registers cannot be written; it is enough that they hold what they should. */
  private static void requireMsrs(KvmVcpu vcpu, Map<Integer, Long> wanted) {
    Map<Integer, Long> here = vcpu.msrs().get(wanted.keySet());
    Map<Integer, Long> others = new LinkedHashMap<>(wanted);
    others.entrySet().removeIf(msr -> msr.getValue().equals(here.get(msr.getKey())));
    for (int refused : vcpu.msrs().set(others)) {
      throw new IllegalArgumentException(
          String.format("%s cannot be set to 0x%x here", Msrs.name(refused), wanted.get(refused)));
    }
  }
}
