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

/** Encodes and decodes the state of a vCPU that does not run. */
final class VcpuStateCodec {
  private final HostProfile profile;
  private final List<VcpuPart> parts;
  private final List<Integer> msrs;

  /**
   * @param profile the features of its host that the VM uses
   * @param first any of its vCPUs: they all have the same MSRs. The host's list contains MSRs that
   *     these vCPUs lack, each of which would cost an extra call
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
   * Loads the parts in the order of their dependencies.
   *
   * @param elapsedNanos the time since it was saved, which is added to the vCPU's TSC
   * @throws IllegalArgumentException if a part is missing or does not fit
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
      vcpu.set(part, part == VcpuPart.REGS ? GuestState.markArrived(bytes) : bytes);
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
          "a vCPU's state has the parts "
              + state.getPartsMap().keySet()
              + "; expected are "
              + parts);
    }
  }

  private void loadMsrs(KvmVcpu vcpu, KvmVcpuState state) {
    Map<Integer, Long> wanted = new LinkedHashMap<>();
    for (Msr msr : state.getMsrsList()) {
      if (!profile.msrs().contains(msr.getIndex())) {
        throw new IllegalArgumentException(
            Msrs.name(msr.getIndex()) + " is not in the VM's configuration");
      }
      wanted.put(msr.getIndex(), msr.getValue());
    }
    requireMsrs(vcpu, wanted);
  }

  /** Some registers are read-only: it is enough that they have the wanted value. */
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
