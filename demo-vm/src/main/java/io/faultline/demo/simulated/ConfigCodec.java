package io.faultline.demo.simulated;

import com.google.protobuf.ByteString;
import com.google.protobuf.InvalidProtocolBufferException;
import io.faultline.demo.simulated.state.BackingDescription;
import io.faultline.demo.simulated.state.VmConfiguration;
import io.faultline.memory.Backing;
import io.faultline.uffd.PageSize;
import java.nio.file.Path;

/** Encodes and decodes {@link SimulatedVmConfig}, {@code simulated_vm.proto}. */
final class ConfigCodec {
  private ConfigCodec() {}

  static ByteString encode(SimulatedVmConfig config) {
    return VmConfiguration.newBuilder()
        .setRamBytes(config.ramBytes())
        .setBacking(encode(config.backing()))
        .setVcpus(config.vcpus())
        .setWorkload(config.workload().toString())
        .setSeed(config.seed())
        .setWorkingSetBytes(config.workingSetBytes())
        .setZeroFraction(config.zeroFraction())
        .setOperationsPerVcpu(config.opsPerVcpu())
        .setWriteFraction(config.writeFraction())
        .setPace(config.pace())
        .setCommonFraction(config.commonFraction())
        .build()
        .toByteString();
  }

  static SimulatedVmConfig decode(ByteString bytes) throws InvalidProtocolBufferException {
    VmConfiguration message = VmConfiguration.parseFrom(bytes);
    return new SimulatedVmConfig(
        message.getRamBytes(),
        decode(message.getBacking()),
        message.getVcpus(),
        Workload.of(message.getWorkload()),
        message.getSeed(),
        message.getWorkingSetBytes(),
        message.getZeroFraction(),
        message.getOperationsPerVcpu(),
        message.getWriteFraction(),
        message.getPace(),
        message.getCommonFraction());
  }

  private static BackingDescription encode(Backing backing) {
    BackingDescription.Builder message =
        BackingDescription.newBuilder()
            .setKind(backing.kind().name())
            .setPageSize(backing.pageSize().name());
    if (backing.path() != null) {
      message.setPath(backing.path().toString());
    }
    return message.build();
  }

  private static Backing decode(BackingDescription message) {
    Backing.Kind kind = Backing.Kind.valueOf(message.getKind());
    PageSize pageSize = PageSize.valueOf(message.getPageSize());
    boolean named = kind == Backing.Kind.FILE;
    if (named == message.getPath().isEmpty()) {
      throw new IllegalArgumentException(
          kind + " memory with the path '" + message.getPath() + "'; only a file has a path");
    }
    return new Backing(kind, pageSize, named ? Path.of(message.getPath()) : null);
  }
}
