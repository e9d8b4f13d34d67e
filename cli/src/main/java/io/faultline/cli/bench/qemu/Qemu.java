package io.faultline.cli.bench.qemu;

import io.faultline.demo.kvm.FirmwareGuest;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** The QEMU that is installed on this machine. */
public final class Qemu {
  /** Its name on the {@code PATH}. */
  public static final String PROGRAM = "qemu-system-x86_64";

  /** The command that installs it. */
  public static final String REMEDY = "sudo apt-get install qemu-system-x86";

  private static final Pattern VERSION = Pattern.compile("version (\\S+(?: \\([^)]*\\))?)");

  private Qemu() {}

  /** Parses the output of {@code --version}; empty if it has no version. */
  public static Optional<String> version(String output) {
    Matcher matcher = VERSION.matcher(output);
    return matcher.find() ? Optional.of(matcher.group(1)) : Optional.empty();
  }

  /** The command line that both QEMUs of a migration share. */
  static List<String> command(FirmwareGuest guest, Path firmware, QemuSettings settings) {
    long bytes = guest.memoryBytes();
    String backend = settings.huge() ? "memory-backend-memfd" : "memory-backend-ram";
    String pages = settings.huge() ? ",hugetlb=on,hugetlbsize=2M" : "";
    String accelerator = settings.kvm() ? "kvm" : "tcg";
    List<String> command = new ArrayList<>(List.of(PROGRAM, "-accel", accelerator, "-nodefaults"));
    command.addAll(List.of("-display", "none", "-machine", "pc,memory-backend=ram"));
    command.addAll(List.of("-m", (bytes >> 20) + "M", "-smp", "1", "-bios", firmware.toString()));
    command.addAll(List.of("-object", backend + ",id=ram,size=" + bytes + pages));
    return command;
  }
}
