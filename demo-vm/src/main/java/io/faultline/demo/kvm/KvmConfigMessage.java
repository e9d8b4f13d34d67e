package io.faultline.demo.kvm;

import com.google.protobuf.ByteString;
import com.google.protobuf.InvalidProtocolBufferException;
import io.faultline.demo.kvm.linux.CpuidEntry;
import io.faultline.demo.kvm.state.CpuidAnswer;
import io.faultline.demo.kvm.state.KvmConfiguration;
import io.faultline.demo.simulated.SimulatedVmConfig;
import java.util.HashSet;

/**
 * The configuration message of a KVM VM, {@code kvm_vm.proto}.
 *
 * @param config of the VM
 * @param profile the features of its host that it uses
 */
record KvmConfigMessage(KvmVmConfig config, HostProfile profile) {
  static final int VERSION = 1;

  ByteString encode() {
    KvmConfiguration.Builder message =
        KvmConfiguration.newBuilder()
            .setVersion(VERSION)
            .setPrograms(config.programs().toByteString())
            .setTickShift(config.tickShift())
            .addAllCapabilities(profile.capabilities().stream().sorted().toList())
            .addAllMsrs(profile.msrs().stream().sorted(Integer::compareUnsigned).toList())
            .setTscKhz(profile.tscKhz())
            .setXsaveBytes(profile.xsaveBytes());
    profile.cpuid().forEach(entry -> message.addCpuid(encode(entry)));
    return message.build().toByteString();
  }

  /**
   * @throws InvalidProtocolBufferException if the bytes are not such a message
   * @throws IllegalArgumentException if they describe an impossible VM
   */
  static KvmConfigMessage decode(ByteString bytes) throws InvalidProtocolBufferException {
    KvmConfiguration message = KvmConfiguration.parseFrom(bytes);
    requireVersion(message.getVersion());
    KvmVmConfig config =
        new KvmVmConfig(SimulatedVmConfig.parse(message.getPrograms()), message.getTickShift());
    if (message.getTscKhz() <= 0) {
      throw new IllegalArgumentException(
          "a TSC frequency of " + message.getTscKhz() + " kHz; it must be positive");
    }
    HostProfile profile =
        new HostProfile(
            new HashSet<>(message.getCapabilitiesList()),
            message.getCpuidList().stream().map(KvmConfigMessage::decode).toList(),
            new HashSet<>(message.getMsrsList()),
            message.getTscKhz(),
            false,
            message.getXsaveBytes());
    return new KvmConfigMessage(config, profile);
  }

  static void requireVersion(int version) {
    if (version != VERSION) {
      throw new IllegalArgumentException(
          "version " + version + " of a KVM VM's state; this build supports version " + VERSION);
    }
  }

  private static CpuidAnswer encode(CpuidEntry entry) {
    return CpuidAnswer.newBuilder()
        .setFunction(entry.function())
        .setIndex(entry.index())
        .setFlags(entry.flags())
        .setEax(entry.eax())
        .setEbx(entry.ebx())
        .setEcx(entry.ecx())
        .setEdx(entry.edx())
        .build();
  }

  private static CpuidEntry decode(CpuidAnswer message) {
    return new CpuidEntry(
        message.getFunction(),
        message.getIndex(),
        message.getFlags(),
        message.getEax(),
        message.getEbx(),
        message.getEcx(),
        message.getEdx());
  }
}
