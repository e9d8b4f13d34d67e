package io.faultline.cli.node;

import io.faultline.cli.options.OnOff;
import io.faultline.source.scan.ScanSettings;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** In which order memory follows behind the VM; for experiments. */
final class ScanOptions {
  @Option(
      names = "--prefetch",
      paramLabel = "on|off",
      description = "Whether the answer to a request brings its neighbours behind (default: on).")
  private @Nullable OnOff prefetch;

  @Option(
      names = "--bubbling",
      paramLabel = "on|off",
      description = "Whether the background goes outward from the last requests (default: on).")
  private @Nullable OnOff bubbling;

  @Option(
      names = "--hot-first",
      paramLabel = "on|off",
      description =
          "Whether hybrid sends first what the VM wrote last before it moved (default: on).")
  private @Nullable OnOff hotFirst;

  /** For the source node. */
  ScanSettings order() {
    return new ScanSettings(
        isOn(bubbling, ScanSettings.DEFAULT.bubbling()),
        isOn(prefetch, ScanSettings.DEFAULT.prefetch()),
        isOn(hotFirst, ScanSettings.DEFAULT.hotFirst()));
  }

  /** The same options as arguments for another process. */
  List<String> toArguments() {
    List<String> arguments = new ArrayList<>();
    add(arguments, "--prefetch", prefetch);
    add(arguments, "--bubbling", bubbling);
    add(arguments, "--hot-first", hotFirst);
    return arguments;
  }

  private static boolean isOn(@Nullable OnOff given, boolean usual) {
    return given == null ? usual : given == OnOff.ON;
  }

  private static void add(List<String> arguments, String option, @Nullable OnOff given) {
    if (given != null) {
      arguments.add(option + "=" + given);
    }
  }
}
