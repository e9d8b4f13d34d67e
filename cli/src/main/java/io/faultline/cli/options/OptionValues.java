package io.faultline.cli.options;

import io.faultline.cli.chaos.ChaosPlan;
import io.faultline.demo.simulated.Workload;
import io.faultline.demo.vm.VmKind;
import io.faultline.dest.Populate;
import io.faultline.memory.Backing;
import io.faultline.memory.Placement;
import io.faultline.proto.Polling;
import io.faultline.proto.runs.CompressionMode;
import io.faultline.qemu.process.Accelerator;
import io.faultline.source.MigrationMode;
import java.time.Duration;
import java.util.function.Function;
import picocli.CommandLine;
import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.TypeConversionException;

/** Registers the parsers of all types that options have. */
public final class OptionValues {
  private OptionValues() {}

  /** Registers them for a command line and its subcommands. */
  public static void registerAt(CommandLine line) {
    line.registerConverter(ByteSize.class, converter(ByteSize::parse));
    line.registerConverter(Bandwidth.class, converter(Bandwidth::parse));
    line.registerConverter(HostPort.class, converter(HostPort::parse));
    line.registerConverter(Duration.class, converter(Durations::parse));
    line.registerConverter(Workload.class, converter(Workload::of));
    line.registerConverter(Backing.class, converter(Backings::parse));
    line.registerConverter(SwitchAfter.class, converter(SwitchAfter::parse));
    line.registerConverter(Share.class, converter(Share::parse));
    line.registerConverter(VmKind.class, converter(text -> Named.parse(VmKind.class, text)));
    line.registerConverter(
        MigrationMode.class, converter(text -> Named.parse(MigrationMode.class, text)));
    line.registerConverter(Placement.class, converter(text -> Named.parse(Placement.class, text)));
    line.registerConverter(Populate.class, converter(text -> Named.parse(Populate.class, text)));
    line.registerConverter(Polling.class, converter(text -> Named.parse(Polling.class, text)));
    line.registerConverter(
        CompressionMode.class, converter(text -> Named.parse(CompressionMode.class, text)));
    line.registerConverter(ChaosPlan.class, converter(ChaosPlan::parse));
    line.registerConverter(OnOff.class, converter(text -> Named.parse(OnOff.class, text)));
    line.registerConverter(
        OnLostSource.class, converter(text -> Named.parse(OnLostSource.class, text)));
    line.registerConverter(
        Accelerator.class, converter(text -> Named.parse(Accelerator.class, text)));
    line.registerConverter(
        QemuGuestKind.class, converter(text -> Named.parse(QemuGuestKind.class, text)));
    line.registerConverter(
        DirtyLogChoice.class, converter(text -> Named.parse(DirtyLogChoice.class, text)));
  }

  private static <T> ITypeConverter<T> converter(Function<String, T> parse) {
    return text -> {
      try {
        return parse.apply(text);
      } catch (IllegalArgumentException e) {
        throw new TypeConversionException(e.getMessage());
      }
    };
  }
}
