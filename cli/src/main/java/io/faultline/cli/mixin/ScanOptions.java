package io.faultline.cli.mixin;

import io.faultline.cli.help.InGroup;
import io.faultline.cli.help.OptionGroup;
import io.faultline.cli.options.OnOff;
import io.faultline.source.scan.ScanSettings;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** In which order the source sends memory during postcopy; for experiments. */
@InGroup(OptionGroup.EXPERIMENTS)
final class ScanOptions {
  @Option(
      names = "--prefetch",
      paramLabel = "on|off",
      description =
          "Whether the answer to a request includes pages next to the requested one (default: on).")
  private @Nullable OnOff prefetch;

  @Option(
      names = "--bubbling",
      paramLabel = "on|off",
      description =
          "Whether the background scan continues outward from the last requests (default: on).")
  private @Nullable OnOff bubbling;

  @Option(
      names = "--hot-first",
      paramLabel = "on|off",
      description =
          "Whether hybrid sends the pages first that the VM wrote last before the switchover"
              + " (default: on).")
  private @Nullable OnOff hotFirst;

  ScanSettings settings() {
    return new ScanSettings(
        isOn(bubbling, ScanSettings.DEFAULT.bubbling()),
        isOn(prefetch, ScanSettings.DEFAULT.prefetch()),
        isOn(hotFirst, ScanSettings.DEFAULT.hotFirst()));
  }

  List<String> toArguments() {
    List<String> arguments = new ArrayList<>();
    add(arguments, "--prefetch", prefetch);
    add(arguments, "--bubbling", bubbling);
    add(arguments, "--hot-first", hotFirst);
    return arguments;
  }

  private static boolean isOn(@Nullable OnOff given, boolean byDefault) {
    return given == null ? byDefault : given == OnOff.ON;
  }

  private static void add(List<String> arguments, String option, @Nullable OnOff given) {
    if (given != null) {
      arguments.add(option + "=" + given);
    }
  }
}
